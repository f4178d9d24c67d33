//! The body of a request: JSON, a form, GraphQL or text.

use minijinja::Value;
use serde_json::{Value as Json, json};
use whocalls_http::header::HeaderValue;

use crate::{
    compile::Problems,
    config::{BodySettings, GraphqlSettings, TextSettings},
    parameters::{Parameters, compile_text},
    scope::Scope,
    template::{NoText, Place, Template},
};

pub(crate) use json::JsonTemplate;

mod json;

/// A body with templates in it, and its `Content-Type`.
pub(crate) struct Body {
    content_type: HeaderValue,
    content: Content,
}

enum Content {
    Json(JsonTemplate),
    Form(Parameters),
    Text(Template),
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
            graphql,
            text,
            content_type,
        } = settings;
        let (content, default_type) = match (json, form, graphql, text) {
            (Some(json), None, None, None) => {
                let template = JsonTemplate::compile(json, &format!("{at}.json"), scope, problems);
                (Content::Json(template), "application/json")
            }
            (None, Some(form), None, None) => (
                Content::Form(Parameters::compile(
                    form,
                    &format!("{at}.form"),
                    scope,
                    problems,
                )),
                "application/x-www-form-urlencoded",
            ),
            (None, None, Some(settings), None) => {
                let template = graphql_of(settings, &format!("{at}.graphql"), scope, problems);
                (Content::Json(template), "application/json")
            }
            (None, None, None, Some(settings)) => {
                let plain = text_place(content_type.as_deref().unwrap_or_default());
                check_text(settings, content_type.as_deref(), at, problems);
                let template =
                    compile_text(settings, &format!("{at}.text"), plain, scope, problems);
                (Content::Text(template), "text/plain; charset=utf-8")
            }
            _ => {
                problems.add(
                    at,
                    "one of `json`, `form`, `graphql` and `text` is needed, and only one",
                );
                return None;
            }
        };
        let content_type = content_type.as_deref().unwrap_or(default_type);
        Some(Self {
            content_type: problems.header_value(&format!("{at}.content_type"), content_type)?,
            content,
        })
    }

    pub(crate) fn uses(&self, variable: &str) -> bool {
        match &self.content {
            Content::Json(json) => json.uses(variable),
            Content::Form(fields) => fields.uses(variable),
            Content::Text(text) => text.uses(variable),
        }
    }

    /// Content type and text of the body.
    ///
    /// # Errors
    /// As [`Template::render_part`].
    pub(crate) fn render(&self, variables: &Value) -> Result<(HeaderValue, String), NoText> {
        let text = match &self.content {
            Content::Json(json) => json.render(variables)?.unwrap_or(Json::Null).to_string(),
            Content::Form(fields) => fields.render(variables)?,
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

/// A plain text knows nothing of a syntax that values could break out of.
fn check_text(
    settings: &TextSettings,
    content_type: Option<&str>,
    at: &str,
    problems: &mut Problems,
) {
    const BETTER: [(&str, &str); 3] = [
        (
            "json",
            "values would not be quoted for JSON; use `json`, or text = { json_text = \"…\" }",
        ),
        (
            "form-urlencoded",
            "values would not be encoded for the form; use `form`",
        ),
        (
            "graphql",
            "values would become a part of the query; use `graphql`",
        ),
    ];
    let TextSettings::Plain(source) = settings else {
        return;
    };
    let name = content_type.unwrap_or_default().to_ascii_lowercase();
    let better = BETTER.iter().find(|(syntax, _)| name.contains(syntax));
    if let Some((_, message)) = better
        && (source.contains("{{") || source.contains("{%"))
    {
        problems.add(&format!("{at}.text"), *message);
    }
}

/// The JSON document that carries a GraphQL request (GraphQL over HTTP §5.2).
fn graphql_of(
    settings: &GraphqlSettings,
    at: &str,
    scope: &Scope,
    problems: &mut Problems,
) -> JsonTemplate {
    if settings.query.contains("{{") || settings.query.contains("{%") {
        problems.add(
            &format!("{at}.query"),
            "the query is no template; declare a variable, and give it its value in `variables`",
        );
    }
    let variables = Json::Object(settings.variables.clone());
    let path = format!("{at}.variables");
    JsonTemplate::object([
        ("query", JsonTemplate::constant(json!(settings.query))),
        (
            "variables",
            JsonTemplate::compile(&variables, &path, scope, problems),
        ),
    ])
}
