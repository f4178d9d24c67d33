//! The body of a request: JSON, a form or text.

use minijinja::Value;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;
use whocalls_http::header::HeaderValue;

use crate::{
    compile::Problems,
    config::BodySettings,
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
    pub(crate) fn compile(settings: &BodySettings, problems: &mut Problems) -> Option<Self> {
        let BodySettings {
            json,
            form,
            text,
            content_type,
        } = settings;
        let (content, default_type) = match (json, form, text) {
            (Some(json), None, None) => {
                let template = JsonTemplate::compile(json, "lookup.body.json", problems);
                (Content::Json(template), "application/json")
            }
            (None, Some(form), None) => {
                let fields = form.iter().map(|(name, source)| {
                    let path = format!("lookup.body.form.{name}");
                    (
                        name.clone(),
                        problems.template(&path, source, Place::RequestText),
                    )
                });
                (
                    Content::Form(fields.collect()),
                    "application/x-www-form-urlencoded",
                )
            }
            (None, None, Some(text)) => {
                let template = problems.template("lookup.body.text", text, Place::RequestText);
                (Content::Text(template), "text/plain; charset=utf-8")
            }
            _ => {
                problems.add(
                    "lookup.body",
                    "one of `json`, `form` and `text` is needed, and only one",
                );
                return None;
            }
        };
        let content_type = content_type.as_deref().unwrap_or(default_type);
        Some(Self {
            content_type: problems.header_value("lookup.body.content_type", content_type)?,
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
            Content::Json(json) => json.render(variables)?.to_string(),
            Content::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, template) in fields {
                    form.append_pair(name, &template.render(variables)?);
                }
                form.finish()
            }
            Content::Text(text) => text.render(variables)?,
        };
        Ok((self.content_type.clone(), text))
    }
}

impl JsonTemplate {
    fn compile(json: &Json, path: &str, problems: &mut Problems) -> Self {
        match json {
            Json::String(source) => Self::Text(problems.template(path, source, Place::RequestText)),
            Json::Array(items) => Self::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self::compile(item, &format!("{path}.{index}"), problems))
                    .collect(),
            ),
            Json::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, member)| {
                        let path = format!("{path}.{name}");
                        (name.clone(), Self::compile(member, &path, problems))
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

    fn render(&self, variables: &Value) -> Result<Json, NoText> {
        Ok(match self {
            Self::Text(template) => Json::String(template.render(variables)?),
            Self::List(items) => Json::Array(
                items
                    .iter()
                    .map(|item| item.render(variables))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Object(members) => Json::Object(
                members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), member.render(variables)?)))
                    .collect::<Result<Map<_, _>, _>>()?,
            ),
            Self::Constant(constant) => constant.clone(),
        })
    }
}
