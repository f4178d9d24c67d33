//! What templates may use where, and samples to try them out with.

use minijinja::Value;
use whocalls_core::NumberPlan;

use crate::number::{self, FORMS};

/// The name of a variable and what it has: `call` has `direction`. With nothing listed it is a value
/// itself, or has what the CRM or the telephone system sends.
pub(crate) type Variable = (&'static str, &'static [&'static str]);

/// The variables of the templates in one place.
pub(crate) struct Scope {
    variables: Vec<Variable>,
    /// Variables to try templates out with.
    samples: Vec<Value>,
    /// The same without the values that may be absent, if any may.
    bare: Option<Value>,
}

impl Scope {
    /// The templates of a lookup's request.
    pub(crate) fn lookup(plan: &NumberPlan) -> Self {
        Self {
            variables: vec![("number", &FORMS)],
            samples: number::samples(plan),
            bare: None,
        }
    }

    /// The templates of a lookup's fields. What a hit has, no sample tells.
    pub(crate) fn record() -> Self {
        Self {
            variables: vec![("hit", &[]), ("id", &[]), ("base_url", &[])],
            samples: Vec::new(),
            bare: None,
        }
    }

    /// The templates that read the reply to a workflow's request.
    pub(crate) fn reply() -> Self {
        Self {
            variables: vec![("reply", &[]), ("object", &["id"]), ("base_url", &[])],
            ..Self::record()
        }
    }

    /// The templates of requests for which a value may be absent.
    pub(crate) fn with_absences(variables: Vec<Variable>, full: Value, bare: Value) -> Self {
        Self {
            variables,
            samples: vec![full],
            bare: Some(bare),
        }
    }

    /// Whether a value may be absent. Where none may, an absent one is an error.
    pub(crate) fn has_absences(&self) -> bool {
        self.bare.is_some()
    }

    /// Variables to try templates out with.
    pub(crate) fn samples(&self) -> &[Value] {
        &self.samples
    }

    /// The sample that lacks what may be absent.
    pub(crate) fn bare(&self) -> Option<&Value> {
        self.bare.as_ref()
    }

    /// Whether templates may use this variable.
    ///
    /// # Errors
    /// A sentence about those that they may use.
    pub(crate) fn check_variable(&self, name: &str) -> Result<(), String> {
        if self.variables.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        Err(format!(
            "the template uses `{name}`, which does not exist here; it can use {}",
            listed(self.variables.iter().map(|(known, _)| *known))
        ))
    }

    /// Whether a known variable has this member: `call.direction`.
    ///
    /// # Errors
    /// A sentence about those that it has.
    pub(crate) fn check_member(&self, name: &str) -> Result<(), String> {
        let (variable, member) = name.split_once('.').unwrap_or((name, ""));
        let member = member.split('.').next().unwrap_or_default();
        let members = self.variables.iter().find(|(known, _)| *known == variable);
        let members = members.map_or(&[][..], |(_, members)| members);
        if members.is_empty() || members.contains(&member) {
            return Ok(());
        }
        Err(format!(
            "`{name}` does not exist; `{variable}` has {}",
            listed(members.iter().copied())
        ))
    }
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
