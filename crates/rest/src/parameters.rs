//! Named values of a request: the parameters of its query, or the fields of its form.

use minijinja::Value;
use url::{Url, form_urlencoded::byte_serialize};

use crate::{
    body::JsonTemplate,
    compile::Problems,
    config::{MadeSettings, OneSettings, ParameterMap, QuerySettings, TextSettings, ValueSettings},
    scope::Scope,
    template::{Expression, Language, NoText, Place, Template},
};

/// Names and values, in the order of the description. A name may stand there several times.
pub(crate) struct Parameters(Vec<(String, Parameter)>);

enum Parameter {
    Text(Template),
    Json(JsonTemplate),
    Each(Expression),
    /// A text that is encoded already.
    Encoded(Template),
}

impl Parameters {
    /// Reads the parameters at the path `at`.
    pub(crate) fn compile(
        settings: &ParameterMap,
        at: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let mut parameters = Vec::with_capacity(settings.len());
        for (name, value) in settings {
            let path = format!("{at}.{name}");
            match value {
                ValueSettings::One(one) => {
                    parameters.push((
                        name.clone(),
                        Parameter::compile(one, &path, scope, problems),
                    ));
                }
                ValueSettings::Several(several) => {
                    for (index, one) in several.iter().enumerate() {
                        let path = format!("{path}.{index}");
                        let parameter = Parameter::compile(one, &path, scope, problems);
                        parameters.push((name.clone(), parameter));
                    }
                }
            }
        }
        Self(parameters)
    }

    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.0.iter().any(|(_, parameter)| match parameter {
            Parameter::Text(template) | Parameter::Encoded(template) => template.uses(variable),
            Parameter::Json(json) => json.uses(variable),
            Parameter::Each(expression) => expression.uses(variable),
        })
    }

    /// Names and values as `application/x-www-form-urlencoded` text, which the query of a URL is,
    /// too.
    ///
    /// # Errors
    /// As [`Template::render_part`].
    pub(crate) fn render(&self, variables: &Value) -> Result<String, NoText> {
        let mut encoded = String::new();
        self.each(variables, &mut |name, text| match text {
            Text::Plain(text) => {
                let name = byte_serialize(name.as_bytes());
                add(&mut encoded, name, byte_serialize(text.as_bytes()));
            }
            Text::Encoded(text) => add(&mut encoded, [name], [text]),
        })?;
        Ok(encoded)
    }

    /// Adds names and values to an address without a query.
    ///
    /// # Errors
    /// As [`Template::render_part`].
    pub(crate) fn add_to(&self, url: &mut Url, variables: &Value) -> Result<(), NoText> {
        let is_encoded = |parameter: &Parameter| matches!(parameter, Parameter::Encoded(_));
        if self.0.iter().any(|(_, parameter)| is_encoded(parameter)) {
            let query = self.render(variables)?;
            url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
            return Ok(());
        }
        // Written where it belongs, the query is not read once more.
        let mut pairs = url.query_pairs_mut();
        let each = self.each(variables, &mut |name, text| match text {
            Text::Plain(text) | Text::Encoded(text) => {
                pairs.append_pair(name, text);
            }
        });
        drop(pairs);
        if url.query() == Some("") {
            url.set_query(None);
        }
        each
    }

    fn each(&self, variables: &Value, found: &mut dyn FnMut(&str, Text<'_>)) -> Result<(), NoText> {
        for (name, parameter) in &self.0 {
            match parameter {
                Parameter::Text(template) => {
                    if let Some(text) = template.render_part(variables)? {
                        found(name, Text::Plain(&text));
                    }
                }
                Parameter::Json(json) => {
                    if let Some(json) = json.render(variables)? {
                        found(name, Text::Plain(&json.to_string()));
                    }
                }
                Parameter::Each(expression) => {
                    for element in expression.list(variables)? {
                        found(name, Text::Plain(&element.to_string()));
                    }
                }
                Parameter::Encoded(template) => {
                    if let Some(text) = template.render_part(variables)? {
                        found(name, Text::Encoded(&text));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The value of a parameter.
enum Text<'t> {
    Plain(&'t str),
    /// With its name, it is percent-encoded already.
    Encoded(&'t str),
}

impl Parameter {
    fn compile(settings: &OneSettings, path: &str, scope: &Scope, problems: &mut Problems) -> Self {
        match settings {
            OneSettings::Text(settings) => Self::Text(compile_text(
                settings,
                path,
                Place::RequestText,
                scope,
                problems,
            )),
            OneSettings::Made(MadeSettings::Json(json)) => {
                let path = format!("{path}.json");
                Self::Json(JsonTemplate::compile(json, &path, scope, problems))
            }
            OneSettings::Made(MadeSettings::Each(source)) => {
                Self::Each(problems.expression(&format!("{path}.each"), source, scope))
            }
            OneSettings::Made(MadeSettings::Encoded(source)) => {
                let path = format!("{path}.encoded");
                Self::Encoded(problems.template(&path, source, Place::Encoded, scope))
            }
        }
    }
}

/// Adds the pieces of a name and a value, which are encoded.
fn add<'p>(
    encoded: &mut String,
    name: impl IntoIterator<Item = &'p str>,
    value: impl IntoIterator<Item = &'p str>,
) {
    if !encoded.is_empty() {
        encoded.push('&');
    }
    encoded.extend(name);
    encoded.push('=');
    encoded.extend(value);
}

/// Reads a text that may be in a query language; `plain` is its place if it is not.
pub(crate) fn compile_text(
    settings: &TextSettings,
    path: &str,
    plain: Place,
    scope: &Scope,
    problems: &mut Problems,
) -> Template {
    let (language, source) = match settings {
        TextSettings::Plain(source) => return problems.template(path, source, plain, scope),
        TextSettings::Query(query) => match query {
            QuerySettings::Odata(source) => (Language::Odata, source),
            QuerySettings::Sql(source) => (Language::Sql, source),
            QuerySettings::Soql(source) => (Language::Soql, source),
            QuerySettings::Sosl(source) => (Language::Sosl, source),
            QuerySettings::Lucene(source) => (Language::Lucene, source),
            QuerySettings::JsonText(source) => (Language::JsonText, source),
        },
    };
    let path = format!("{path}.{language}");
    problems.template(&path, source, Place::Query(language), scope)
}
