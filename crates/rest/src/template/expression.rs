//! Expressions that yield values instead of text: conditions, lists, and typed parts of JSON.

use minijinja::{Error, UndefinedBehavior, Value, value::ValueKind};
use serde_json::Value as Json;

use super::{
    NoText, Values,
    engine::{self, Engine},
    is_absent,
};
use crate::scope::Scope;

/// The variable that takes the value of the expression.
const RESULT: &str = "result";

/// An expression that was checked when the configuration was read, such as `found == 0` or
/// `number.spellings`.
pub(crate) struct Expression(Engine);

impl Expression {
    /// Reads the expression in the setting at the path `setting`.
    ///
    /// # Errors
    /// A sentence about its syntax or about a variable that does not exist there.
    pub(crate) fn compile(source: &str, scope: &Scope, setting: &str) -> Result<Self, String> {
        let probe = Engine::unusable(setting);
        probe
            .environment
            .compile_expression(source)
            .map_err(|error| {
                let hint = if source.contains("{{") {
                    "; an expression stands without {{ }}"
                } else {
                    ""
                };
                engine::explain(&error, true) + hint
            })?;
        // As a template of its own, it can be kept with its environment.
        let template = format!("{{% set {RESULT} = ({source}\n) %}}");
        let mut engine = Engine::compile(&template, scope, setting)?;
        engine.has_assignments = false;
        let undefined = if engine.has_absences {
            UndefinedBehavior::Chainable
        } else {
            UndefinedBehavior::Strict
        };
        engine.environment.set_undefined_behavior(undefined);
        Ok(Self(engine))
    }

    /// Stands in for an expression with a problem.
    pub(crate) fn unusable(setting: &str) -> Self {
        Self(Engine::unusable(setting))
    }

    /// Whether it uses something that may be absent.
    pub(crate) fn has_absences(&self) -> bool {
        self.0.has_absences
    }

    /// Evaluates the expression for sample variables.
    ///
    /// # Errors
    /// A sentence about what does not work whatever the values are.
    pub(crate) fn try_out(&self, sample: &Value) -> Result<(), String> {
        let evaluated = self.evaluate(sample);
        evaluated
            .map(drop)
            .map_err(|error| engine::explain(&error, true))
    }

    /// Whether the expression is true: a value that is there, not zero, and not empty.
    ///
    /// # Errors
    /// [`NoText::Broken`].
    pub(crate) fn is_true(&self, variables: &impl Values) -> Result<bool, NoText> {
        self.value(variables).map(|value| value.is_true())
    }

    /// The elements of the list that the expression yields, without those that are absent; a single
    /// value is a list of it.
    ///
    /// # Errors
    /// [`NoText::Broken`].
    pub(crate) fn list(&self, variables: &Value) -> Result<Vec<Value>, NoText> {
        let value = self.value(variables)?;
        let mut elements: Vec<Value> = match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => value
                .try_iter()
                .map_err(|error| self.broken(&error))?
                .collect(),
            _ => vec![value],
        };
        elements.retain(|element| !is_absent(element));
        Ok(elements)
    }

    /// The value of the expression as JSON, with its type; none when it is absent.
    ///
    /// # Errors
    /// [`NoText::Broken`].
    pub(crate) fn json(&self, variables: &Value) -> Result<Option<Json>, NoText> {
        let value = self.value(variables)?;
        if value.is_undefined() || value.is_none() {
            return Ok(None);
        }
        serde_json::to_value(&value)
            .map(Some)
            .map_err(|_| NoText::Broken(format!("{}: the value cannot be JSON", self.0.setting)))
    }

    /// Whether the expression uses this variable, or this member of one: `workflow.key`.
    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.0.uses(variable)
    }

    fn value(&self, variables: &impl Values) -> Result<Value, NoText> {
        self.evaluate(variables)
            .map_err(|error| self.broken(&error))
    }

    fn evaluate(&self, variables: &impl Values) -> Result<Value, Error> {
        self.0.value_of(RESULT, variables)
    }

    fn broken(&self, error: &Error) -> NoText {
        let reason = engine::explain(error, false);
        NoText::Broken(format!("{}: {reason}", self.0.setting))
    }
}

#[cfg(test)]
mod tests;
