//! The values of a template's variables.

use std::sync::Arc;

use minijinja::{
    Value,
    value::{Enumerator, Object, ObjectRepr},
};

/// The values of a template's variables, by name. No `Debug`: they are personal data and secrets.
#[derive(Clone, Default)]
pub(crate) struct Variables(Vec<(&'static str, Value)>);

impl Variables {
    /// With this variable, too. The first of the same name counts.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// The value of this variable.
    pub(crate) fn get(&self, name: &str) -> Value {
        let known = self.0.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

impl From<Variables> for Value {
    fn from(variables: Variables) -> Self {
        Self::from_object(Named(variables.0))
    }
}

/// A handful of variables: comparing their names is faster than any map.
struct Named(Vec<(&'static str, Value)>);

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Object for Named {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let (_, value) = self.0.iter().find(|(name, _)| *name == key)?;
        Some(value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.iter().map(|(name, _)| Value::from(*name));
        Enumerator::Values(names.collect())
    }
}
