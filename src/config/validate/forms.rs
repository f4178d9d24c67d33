//! Which of several forms of a value was probably meant, and what is wrong with it as such.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use super::{
    sentence::{self, Finding},
    values::{not_one_of, wrong_type},
};
use crate::config::path::KeyPath;

/// Why a value does not have each of several forms.
type Context = [Vec<ValidationError<'static>>];

/// The findings for a value that has none of several forms: those of the form that was most
/// probably meant.
pub(super) fn explain(
    path: &KeyPath,
    context: &Context,
    owner: &Value,
    found: &Value,
    schema: &Value,
    root: &Value,
) -> Vec<Finding> {
    if let Some(allowed) = allowed_values(owner, schema) {
        return vec![Finding::value(path.clone(), not_one_of(found, &allowed))];
    }
    let forms = forms(context);
    let Some(best) = forms.iter().min_by_key(|form| form.rank()) else {
        return vec![Finding::value(path.clone(), "no value is allowed here")];
    };
    if best.has_other_type() {
        let types: Vec<&str> = forms.iter().flat_map(|form| form.types.clone()).collect();
        return vec![Finding::value(path.clone(), wrong_type(&types, found, ""))];
    }
    if let Some(tag) = best.tag {
        let allowed: Vec<Value> = forms.iter().filter_map(Form::tag_value).collect();
        let path = KeyPath::from_pointer(tag.instance_path().as_str(), root);
        return vec![Finding::value(path, not_one_of(tag.instance(), &allowed))];
    }
    best.errors
        .iter()
        .flat_map(|error| sentence::explain(error, schema, root))
        .collect()
}

/// The values of an enumeration that is written as one form for each value.
fn allowed_values(owner: &Value, schema: &Value) -> Option<Vec<Value>> {
    let branches = owner.get("oneOf").or_else(|| owner.get("anyOf"))?;
    let mut allowed = Vec::new();
    for branch in branches.as_array()? {
        let target = branch.get("$ref").and_then(Value::as_str);
        let branch = target
            .and_then(|target| schema.pointer(target.strip_prefix('#')?))
            .unwrap_or(branch);
        match (
            branch.get("const"),
            branch.get("enum").and_then(Value::as_array),
        ) {
            (Some(value), _) => allowed.push(value.clone()),
            (None, Some(values)) => allowed.extend(values.iter().cloned()),
            (None, None) => return None,
        }
    }
    Some(allowed)
}

/// One form and why the value does not have it.
struct Form<'e> {
    errors: &'e [ValidationError<'static>],
    /// The types of the form, if the value as a whole is of none of them.
    types: Vec<&'static str>,
    /// The key that says which form it is says another one.
    tag: Option<&'e ValidationError<'static>>,
}

fn forms(context: &Context) -> Vec<Form<'_>> {
    // The value as a whole has the shortest of all pointers.
    let pointers = context
        .iter()
        .flatten()
        .map(|error| error.instance_path().as_str());
    let here = pointers.min_by_key(|pointer| pointer.len());
    let form = |errors| Form::of(errors, here.unwrap_or_default());
    context.iter().map(|errors| form(errors)).collect()
}

impl<'e> Form<'e> {
    fn of(errors: &'e [ValidationError<'static>], here: &str) -> Self {
        let mut about_all = errors
            .iter()
            .filter(|error| error.instance_path().as_str() == here);
        Self {
            errors,
            types: about_all.find_map(other_types).unwrap_or_default(),
            tag: errors
                .iter()
                .find(|error| matches!(error.kind(), Kind::Constant { .. })),
        }
    }

    fn has_other_type(&self) -> bool {
        !self.types.is_empty()
    }

    /// The lower, the more probable that this form was meant.
    fn rank(&self) -> (bool, bool, usize) {
        (self.has_other_type(), self.tag.is_some(), self.errors.len())
    }

    fn tag_value(&self) -> Option<Value> {
        match self.tag?.kind() {
            Kind::Constant { expected_value } => Some(Value::clone(expected_value)),
            _ => None,
        }
    }
}

/// The types that `error` says are expected, if it is about nothing else.
fn other_types(error: &ValidationError<'static>) -> Option<Vec<&'static str>> {
    match error.kind() {
        Kind::Type {
            kind: TypeKind::Single(name),
        } => Some(vec![name.as_str()]),
        Kind::Type {
            kind: TypeKind::Multiple(names),
        } => Some(names.iter().map(JsonType::as_str).collect()),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let forms = forms(context);
            let is_about_types = forms.iter().all(Form::has_other_type);
            is_about_types.then(|| forms.into_iter().flat_map(|form| form.types).collect())
        }
        _ => None,
    }
}
