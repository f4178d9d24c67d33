//! Walking a JSON Schema side by side with a value.
//!
//! Validation is the work of the `jsonschema` crate; this answers what it does not: which keys
//! exist at a place, whether a place is a secret, whether it takes text.

use serde_json::Value;
use whocalls_core::secret::SECRET_KEYWORD;

use super::path::{KeyPath, Step};

/// How many references and alternatives may lie between a place and its schema.
const MAX_DEPTH: usize = 16;

/// The schemas that apply to one place of the configuration.
#[derive(Debug, Clone)]
pub(super) struct View<'s> {
    root: &'s Value,
    schemas: Vec<&'s Value>,
}

/// How many forms a value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form<'s> {
    /// One.
    Single,
    /// Several; this key says which.
    Tagged(&'s str),
    /// Several, told by what they consist of.
    Choice,
}

impl<'s> View<'s> {
    /// The view of the whole configuration `value`.
    pub(super) fn new(root: &'s Value, value: Option<&Value>) -> Self {
        let mut view = Self::empty(root);
        view.apply(root, value, 0);
        view
    }

    /// The view of the place `path` of the whole configuration `value`.
    pub(super) fn at(root: &'s Value, value: &Value, path: &KeyPath) -> Self {
        let mut here = Some(value);
        path.steps()
            .iter()
            .fold(Self::new(root, here), |view, step| {
                here = here.and_then(|value| step.of(value));
                view.child(step, here)
            })
    }

    fn empty(root: &'s Value) -> Self {
        Self {
            root,
            schemas: Vec::new(),
        }
    }

    /// The view of a place that `schema`, a part of `root`, describes.
    pub(super) fn within(root: &'s Value, schema: &'s Value) -> Self {
        let mut view = Self::empty(root);
        view.apply(schema, None, 0);
        view
    }

    /// The view of what `step` leads to, where `value` stands. Empty when no schema knows it.
    pub(super) fn child(&self, step: &Step, value: Option<&Value>) -> Self {
        let mut child = Self::empty(self.root);
        for schema in &self.schemas {
            let next = match step {
                Step::Index(_) => schema.get("items"),
                Step::Key(key) => schema
                    .get("properties")
                    .and_then(|properties| properties.get(key))
                    .or_else(|| schema.get("additionalProperties")),
            };
            if let Some(next) = next {
                child.apply(next, value, 0);
            }
        }
        child
    }

    /// Collects `schema` with all that it refers to, as far as it applies to `value`.
    fn apply(&mut self, schema: &'s Value, value: Option<&Value>, depth: usize) {
        let Some(object) = schema.as_object() else {
            return;
        };
        if depth > MAX_DEPTH
            || self
                .schemas
                .iter()
                .any(|known| std::ptr::eq(*known, schema))
        {
            return;
        }
        self.schemas.push(schema);
        if let Some(target) = object
            .get("$ref")
            .and_then(|reference| self.target(reference))
        {
            self.apply(target, value, depth + 1);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let branches = object.get(keyword).and_then(Value::as_array);
            for branch in branches.into_iter().flatten() {
                self.apply(branch, value, depth + 1);
            }
        }
        if let (Some(condition), Some(value)) = (object.get("if"), value) {
            // A condition that cannot be decided alone may hold.
            let holds = jsonschema::validator_for(condition).map_or(true, |it| it.is_valid(value));
            if let Some(branch) = object.get(if holds { "then" } else { "else" }) {
                self.apply(branch, Some(value), depth + 1);
            }
        }
    }

    fn target(&self, reference: &Value) -> Option<&'s Value> {
        self.root.pointer(reference.as_str()?.strip_prefix('#')?)
    }

    /// Whether no schema knows this place.
    pub(super) fn is_unknown(&self) -> bool {
        self.schemas.is_empty()
    }

    /// The keys that a table here may have, besides freely chosen ones.
    pub(super) fn keys(&self) -> Vec<&'s str> {
        let mut keys = Vec::new();
        for schema in &self.schemas {
            let properties = schema.get("properties").and_then(Value::as_object);
            for key in properties
                .into_iter()
                .flat_map(|properties| properties.keys())
            {
                if !keys.contains(&key.as_str()) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    /// Whether a secret reference may stand here.
    pub(super) fn is_secret(&self) -> bool {
        self.schemas
            .iter()
            .any(|schema| schema.get(SECRET_KEYWORD) == Some(&Value::Bool(true)))
    }

    /// Whether what stands here is one of several forms.
    pub(super) fn form(&self) -> Form<'s> {
        if self.is_secret() {
            return Form::Choice;
        }
        let choices = ["oneOf", "anyOf"].iter().flat_map(|keyword| {
            let branches = self
                .schemas
                .iter()
                .filter_map(|it| it.get(keyword)?.as_array());
            branches.collect::<Vec<_>>()
        });
        let mut form = Form::Single;
        for branches in choices {
            match self.tag(branches) {
                Some(tag) => form = Form::Tagged(tag),
                None => return Form::Choice,
            }
        }
        form
    }

    /// The key of which each branch has a value of its own.
    fn tag(&self, branches: &'s [Value]) -> Option<&'s str> {
        let constants = |branch: &'s Value| {
            let target = branch.get("$ref").and_then(|it| self.target(it));
            let properties = target.unwrap_or(branch).get("properties")?.as_object()?;
            let tags = properties
                .iter()
                .filter(|(_, it)| it.get("const").is_some());
            Some(tags.map(|(key, _)| key.as_str()).collect::<Vec<_>>())
        };
        let (first, others) = branches.split_first()?;
        constants(first)?.into_iter().find(|tag| {
            let has_tag = |branch| constants(branch).is_some_and(|tags| tags.contains(tag));
            others.iter().all(has_tag)
        })
    }

    /// Whether a text may stand here.
    pub(super) fn takes_text(&self) -> bool {
        self.schemas.iter().any(|schema| has_type(schema, "string"))
    }

    /// Whether a table may stand here.
    pub(super) fn takes_table(&self) -> bool {
        self.schemas.iter().any(|schema| has_type(schema, "object"))
    }

    /// Whether only a text may stand here.
    pub(super) fn takes_only_text(&self) -> bool {
        let others = ["integer", "number", "boolean", "array", "object"];
        self.takes_text()
            && !self
                .schemas
                .iter()
                .any(|schema| others.iter().any(|other| has_type(schema, other)))
    }

    /// Whether one of `schemas` was already met on the way from the root: the schema is recursive.
    pub(super) fn repeats(&self, ancestors: &[Self]) -> bool {
        ancestors.iter().any(|ancestor| {
            self.schemas.iter().any(|schema| {
                ancestor
                    .schemas
                    .iter()
                    .any(|known| std::ptr::eq(*known, *schema))
            })
        })
    }
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => wanted == "string" && schema.get("const").is_some_and(Value::is_string),
    }
}
