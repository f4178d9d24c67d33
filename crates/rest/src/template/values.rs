//! Where templates find the values of their variables.

use minijinja::Value;

/// The values of a template's variables.
pub(crate) trait Values {
    /// The value of a variable or, with `members`, of a member of a member of it: `hit` and `first`
    /// for `hit.first`. Undefined where there is none.
    fn value(&self, variable: &str, members: &[String]) -> Value;

    /// All variables as the template engine takes them. Members that are not among `used`, as in
    /// `hit.first`, may be missing, if it is known what is used.
    fn all(&self, used: Option<&[String]>) -> Value;
}

impl Values for Value {
    fn value(&self, variable: &str, members: &[String]) -> Value {
        let value = self.get_attr(variable).unwrap_or_default();
        member(value, members)
    }

    fn all(&self, _used: Option<&[String]>) -> Value {
        self.clone()
    }
}

/// The member of a member of a value.
pub(crate) fn member(value: Value, members: &[String]) -> Value {
    members.iter().fold(value, |value, member| {
        value.get_attr(member).unwrap_or_default()
    })
}
