//! The body of a request: JSON, a form or text.

use minijinja::Value;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;
use whocalls_http::header::HeaderValue;

use crate::{
    compile::Problems,
    config::BodySettings,
    scope::Scope,
    template::{NoText, Place, Template},
};

/// A body with templates in it, and its `Content-Type`.
pub(crate) struct Body {
    content_type: HeaderValue,
    content: Content,
}

enum Content {
    Json(JsonTemplate),
    Form(Vec<(String, Template)>),
    Text(Template),
}

/// A JSON document whose texts are templates. They are rendered first and serialised afterwards,
/// so a value can only become a text.
enum JsonTemplate {
    Text(Template),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    Constant(Json),
}

impl Body {
    /// Reads the body at the path `at`.
    pub(crate) fn compile(
        settings: &BodySettings,
        at: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Option<Self> {
        let BodySettings {
            json,
            form,
            text,
            content_type,
        } = settings;
        let (content, default_type) = match (json, form, text) {
            (Some(json), None, None) => {
                let template = JsonTemplate::compile(json, &format!("{at}.json"), scope, problems);
                (Content::Json(template), "application/json")
            }
            (None, Some(form), None) => {
                let fields = form.iter().map(|(name, source)| {
                    let path = format!("{at}.form.{name}");
                    (
                        name.clone(),
                        problems.template(&path, source, Place::RequestText, scope),
                    )
                });
                (
                    Content::Form(fields.collect()),
                    "application/x-www-form-urlencoded",
                )
            }
            (None, None, Some(text)) => {
                let place = text_place(content_type.as_deref().unwrap_or_default());
                let template = problems.template(&format!("{at}.text"), text, place, scope);
                (Content::Text(template), "text/plain; charset=utf-8")
            }
            _ => {
                problems.add(
                    at,
                    "one of `json`, `form` and `text` is needed, and only one",
                );
                return None;
            }
        };
        let content_type = content_type.as_deref().unwrap_or(default_type);
        if text.is_some() && scope.has_absences() && content_type.contains("json") {
            problems.add(
                &format!("{at}.text"),
                "values would not be quoted for JSON; use `json`",
            );
        }
        Some(Self {
            content_type: problems.header_value(&format!("{at}.content_type"), content_type)?,
            content,
        })
    }

    pub(crate) fn uses(&self, variable: &str) -> bool {
        match &self.content {
            Content::Json(json) => json.uses(variable),
            Content::Form(fields) => fields.iter().any(|(_, field)| field.uses(variable)),
            Content::Text(text) => text.uses(variable),
        }
    }

    /// Content type and text of the body.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub(crate) fn render(&self, variables: &Value) -> Result<(HeaderValue, String), NoText> {
        let text = match &self.content {
            Content::Json(json) => json.render(variables)?.unwrap_or(Json::Null).to_string(),
            Content::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, template) in fields {
                    if let Some(text) = template.render_part(variables)? {
                        form.append_pair(name, &text);
                    }
                }
                form.finish()
            }
            Content::Text(text) => text.render_part(variables)?.unwrap_or_default(),
        };
        Ok((self.content_type.clone(), text))
    }
}

/// How values are written into a text of this type.
fn text_place(content_type: &str) -> Place {
    let content_type = content_type.to_ascii_lowercase();
    if content_type.contains("xml") || content_type.contains("html") {
        Place::Markup
    } else {
        Place::RequestText
    }
}

impl JsonTemplate {
    fn compile(json: &Json, path: &str, scope: &Scope, problems: &mut Problems) -> Self {
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
            Json::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, member)| {
                        let path = format!("{path}.{name}");
                        (name.clone(), Self::compile(member, &path, scope, problems))
                    })
                    .collect(),
            ),
            constant => Self::Constant(constant.clone()),
        }
    }

    fn uses(&self, variable: &str) -> bool {
        match self {
            Self::Text(template) => template.uses(variable),
            Self::List(items) => items.iter().any(|item| item.uses(variable)),
            Self::Object(members) => members.iter().any(|(_, member)| member.uses(variable)),
            Self::Constant(_) => false,
        }
    }

    /// The document; none in place of a text that is to be left out.
    fn render(&self, variables: &Value) -> Result<Option<Json>, NoText> {
        Ok(Some(match self {
            Self::Text(template) => return Ok(template.render_part(variables)?.map(Json::String)),
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
