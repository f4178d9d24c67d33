//! JSON documents with templates in them.

use minijinja::Value;
use serde_json::{Map, Value as Json};

use crate::{
    compile::Problems,
    scope::Scope,
    template::{Expression, Language, NoText, Place, Template},
};

/// The key of an object that stands for the value of an expression.
const TYPED: &str = "$json";

/// A JSON document whose texts are templates. They are rendered first and serialised afterwards, so
/// a value can only become a text; what an expression yields becomes JSON of its type.
pub(crate) enum JsonTemplate {
    Text(Template),
    Typed(Expression),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    Constant(Json),
}

impl JsonTemplate {
    /// Reads the document at `path`.
    pub(crate) fn compile(json: &Json, path: &str, scope: &Scope, problems: &mut Problems) -> Self {
        match json {
            Json::String(source) => {
                Self::Text(problems.template(path, source, Place::RequestText, scope))
            }
            Json::Array(items) => Self::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        Self::compile(item, &format!("{path}.{index}"), scope, problems)
                    })
                    .collect(),
            ),
            Json::Object(members) => Self::special(members, path, scope, problems)
                .unwrap_or_else(|| Self::members(members, path, scope, problems)),
            constant => Self::Constant(constant.clone()),
        }
    }

    /// A constant.
    pub(crate) fn constant(json: Json) -> Self {
        Self::Constant(json)
    }

    /// An object with these members.
    pub(crate) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        let members = members.into_iter();
        Self::Object(
            members
                .map(|(name, member)| (name.to_owned(), member))
                .collect(),
        )
    }

    fn members(
        members: &Map<String, Json>,
        path: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let members = members.iter().map(|(name, member)| {
            let path = format!("{path}.{name}");
            (name.clone(), Self::compile(member, &path, scope, problems))
        });
        Self::Object(members.collect())
    }

    /// An object that stands for something else: `{ "$json": expression }`, or a text in a query
    /// language, `{ "$lucene": template }`.
    fn special(
        members: &Map<String, Json>,
        path: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Option<Self> {
        let (key, value) = members.iter().next()?;
        let (Json::String(source), 1) = (value, members.len()) else {
            return None;
        };
        let at = format!("{path}.{key}");
        if key == TYPED {
            return Some(Self::Typed(problems.expression(&at, source, scope)));
        }
        let language = Language::ALL
            .into_iter()
            .find(|language| key.strip_prefix('$') == Some(language.name()))?;
        let place = Place::Query(language);
        Some(Self::Text(problems.template(&at, source, place, scope)))
    }

    pub(crate) fn uses(&self, variable: &str) -> bool {
        match self {
            Self::Text(template) => template.uses(variable),
            Self::Typed(expression) => expression.uses(variable),
            Self::List(items) => items.iter().any(|item| item.uses(variable)),
            Self::Object(members) => members.iter().any(|(_, member)| member.uses(variable)),
            Self::Constant(_) => false,
        }
    }

    /// The document; none in place of what is to be left out.
    ///
    /// # Errors
    /// As [`Template::render_part`].
    pub(crate) fn render(&self, variables: &Value) -> Result<Option<Json>, NoText> {
        Ok(Some(match self {
            Self::Text(template) => return Ok(template.render_part(variables)?.map(Json::String)),
            Self::Typed(expression) => return expression.json(variables),
            Self::List(items) => Json::Array(
                items
                    .iter()
                    .filter_map(|item| item.render(variables).transpose())
                    .collect::<Result<_, _>>()?,
            ),
            Self::Object(members) => Json::Object(
                members
                    .iter()
                    .filter_map(|(name, member)| {
                        let rendered = member.render(variables).transpose()?;
                        Some(rendered.map(|member| (name.clone(), member)))
                    })
                    .collect::<Result<Map<_, _>, _>>()?,
            ),
            Self::Constant(constant) => constant.clone(),
        }))
    }
}
