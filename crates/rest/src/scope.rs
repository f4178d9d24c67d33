//! What templates and expressions may use where, and samples to try them out with.

use std::{borrow::Cow, collections::BTreeMap};

use minijinja::Value;
use whocalls_core::NumberPlan;

use crate::{account::Account, number};

pub(crate) use variables::Variables;

pub(crate) mod step;
mod variables;

/// What every request of a description can use, whatever it is for.
pub(crate) struct Common<'c> {
    pub(crate) plan: &'c NumberPlan,
    pub(crate) account: &'c Account,
    /// The names of what logging in brings.
    pub(crate) auth: &'c [String],
}

/// A variable of templates.
pub(crate) struct Variable {
    name: &'static str,
    /// What it has: `call` has `direction`. None: it is a value itself, or has what the CRM or the
    /// telephone system sends.
    members: Option<Vec<Cow<'static, str>>>,
    /// What it has that a screen must not show.
    secrets: Vec<String>,
    absence: Absence,
    /// Values to try templates out with; empty where no sample tells what there is.
    samples: Vec<Value>,
    /// The value without what may be absent.
    bare: Value,
}

/// What of a variable may be absent. Where nothing may, an absent value is an error.
enum Absence {
    Nothing,
    Members(Vec<String>),
    Anything,
}

impl Variable {
    /// A variable that is a value itself or has any members.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            members: None,
            secrets: Vec::new(),
            absence: Absence::Nothing,
            samples: Vec::new(),
            bare: Value::UNDEFINED,
        }
    }

    /// The variable with these members and no others.
    pub(crate) fn with_members(
        mut self,
        members: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Self {
        self.members = Some(members.into_iter().map(Into::into).collect());
        self
    }

    /// Values to try templates out with.
    pub(crate) fn with_samples(mut self, samples: Vec<Value>) -> Self {
        self.samples = samples;
        self
    }

    /// The variable, all of which may be absent; `bare` is what is left of it then.
    pub(crate) fn or_absent(mut self, bare: Value) -> Self {
        self.absence = Absence::Anything;
        self.bare = bare;
        self
    }

    /// The variable, these members of which may be absent; `bare` is what is left of it then.
    pub(crate) fn or_without(mut self, members: Vec<String>, bare: Value) -> Self {
        if !members.is_empty() {
            self.absence = Absence::Members(members);
            self.bare = bare;
        }
        self
    }

    fn has_absences(&self) -> bool {
        !matches!(self.absence, Absence::Nothing)
    }
}

/// The variables of the templates in one place.
pub(crate) struct Scope {
    variables: Vec<Variable>,
}

impl Scope {
    /// With these variables.
    pub(crate) fn new(variables: Vec<Variable>) -> Self {
        Self { variables }
    }

    /// Texts that the account alone decides, and that people see: the address of the CRM.
    pub(crate) fn address(account: &Account) -> Self {
        Self::new(vec![public_account(account)])
    }

    /// As [`address`](Self::address), for one that the CRM tells when one logs in.
    pub(crate) fn told_address(account: &Account, names: &[String]) -> Self {
        Self::address(account).and(vec![auth(names)])
    }

    /// Texts of requests that the account alone decides: headers for all of them.
    pub(crate) fn constant(account: &Account) -> Self {
        Self::new(vec![whole_account(account)])
    }

    /// The requests that log in; `common.auth` is what those before brought.
    pub(crate) fn login(common: &Common<'_>) -> Self {
        Self::new(everywhere(common))
    }

    /// The requests of a lookup.
    pub(crate) fn lookup(common: &Common<'_>) -> Self {
        Self::new(vec![number::variable(common.plan)]).and(everywhere(common))
    }

    /// The requests of a workflow.
    pub(crate) fn workflow(common: &Common<'_>, variables: Vec<Variable>) -> Self {
        Self::new(variables).and(everywhere(common))
    }

    /// The fields of a lookup. What a hit has, no sample tells.
    pub(crate) fn record(account: &Account) -> Self {
        let variables = ["hit", "id", "base_url"].map(Variable::new);
        Self::new(variables.into()).and(vec![public_account(account)])
    }

    /// What is read from any other reply than that to a workflow's request.
    pub(crate) fn answer(account: &Account) -> Self {
        let variables = ["reply", "base_url"].map(Variable::new);
        Self::new(variables.into()).and(vec![public_account(account)])
    }

    /// What is read from the reply to a workflow's request.
    pub(crate) fn reply(account: &Account) -> Self {
        let object = Variable::new("object").with_members(["id"]);
        let variables = vec![Variable::new("reply"), object, Variable::new("base_url")];
        Self::new(variables).and(vec![public_account(account)])
    }

    /// What is read from a notification. An event has whatever the CRM sends.
    pub(crate) fn event(account: &Account) -> Self {
        let event = Variable::new("event").or_absent(Value::UNDEFINED);
        Self::new(vec![event, public_account(account)])
    }

    /// These variables, too.
    pub(crate) fn and(mut self, variables: Vec<Variable>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// Whether something of this variable may be absent; `name` with members as in `page.cursor`.
    pub(crate) fn may_be_absent(&self, name: &str) -> bool {
        let (variable, member) = split(name);
        match self.variable(variable).map(|variable| &variable.absence) {
            Some(Absence::Anything) => true,
            Some(Absence::Members(members)) => members.iter().any(|open| open == member),
            Some(Absence::Nothing) | None => false,
        }
    }

    /// Variables to try templates out with.
    pub(crate) fn samples(&self) -> Vec<Value> {
        let count = self.variables.iter().map(|variable| variable.samples.len());
        (0..count.max().unwrap_or_default())
            .map(|round| self.values(|variable| sample(variable, round)))
            .collect()
    }

    /// The sample that lacks what may be absent, if anything may.
    pub(crate) fn bare(&self) -> Option<Value> {
        self.variables.iter().any(Variable::has_absences).then(|| {
            self.values(|variable| match variable.absence {
                Absence::Nothing => sample(variable, 0),
                Absence::Members(_) | Absence::Anything => variable.bare.clone(),
            })
        })
    }

    fn values(&self, value: impl Fn(&Variable) -> Value) -> Value {
        let values = self.variables.iter();
        let values = values.map(|variable| (variable.name, value(variable)));
        let known = values.filter(|(_, value)| !value.is_undefined());
        known.collect::<BTreeMap<_, _>>().into()
    }

    fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|known| known.name == name)
    }

    /// Whether templates may use this variable.
    ///
    /// # Errors
    /// A sentence about those that they may use.
    pub(crate) fn check_variable(&self, name: &str) -> Result<(), String> {
        if self.variable(name).is_some() {
            return Ok(());
        }
        let names = self
            .variables
            .iter()
            .filter(|variable| !variable.is_empty());
        Err(format!(
            "it uses `{name}`, which does not exist here; it can use {}",
            listed(names.map(|known| known.name))
        ))
    }

    /// Whether a known variable has this member: `call.direction`.
    ///
    /// # Errors
    /// A sentence about those that it has.
    pub(crate) fn check_member(&self, name: &str) -> Result<(), String> {
        let (variable, member) = split(name);
        let Some(variable) = self.variable(variable) else {
            return Ok(());
        };
        let Some(members) = &variable.members else {
            return Ok(());
        };
        if members.iter().any(|known| known == member) {
            return Ok(());
        }
        if variable.secrets.iter().any(|secret| secret == member) {
            return Err(format!(
                "`{name}` is secret, and would be seen here; keep it to requests and credentials"
            ));
        }
        let has = if members.is_empty() {
            "nothing".to_owned()
        } else {
            listed(members.iter().map(AsRef::as_ref))
        };
        Err(format!(
            "`{name}` does not exist; `{}` has {has}",
            variable.name
        ))
    }
}

impl Variable {
    /// Whether it has nothing, such as `account` where none is given.
    fn is_empty(&self) -> bool {
        self.members.as_ref().is_some_and(Vec::is_empty)
    }
}

fn everywhere(common: &Common<'_>) -> Vec<Variable> {
    let now = Variable::new("now").with_samples(vec![0.into()]);
    vec![whole_account(common.account), auth(common.auth), now]
}

fn auth(names: &[String]) -> Variable {
    let sample = names.iter().map(|name| (name.clone(), Value::from("auth")));
    Variable::new("auth")
        .with_members(names.to_vec())
        .with_samples(vec![sample.collect::<BTreeMap<_, _>>().into()])
}

fn whole_account(account: &Account) -> Variable {
    let mut names = account.public_names();
    names.extend(account.secret_names());
    Variable::new("account")
        .with_members(names)
        .with_samples(vec![account.sample()])
        .or_without(account.absent_names(), account.sample())
}

fn public_account(account: &Account) -> Variable {
    let mut variable = Variable::new("account")
        .with_members(account.public_names())
        .with_samples(vec![account.public().clone()])
        .or_without(account.absent_names(), account.public().clone());
    variable.secrets = account.secret_names();
    variable
}

fn sample(variable: &Variable, round: usize) -> Value {
    let samples = &variable.samples;
    let at = round.checked_rem(samples.len()).unwrap_or_default();
    samples.get(at).cloned().unwrap_or_default()
}

/// `call` and `direction` of `call.direction.x`.
fn split(name: &str) -> (&str, &str) {
    let (variable, member) = name.split_once('.').unwrap_or((name, ""));
    (variable, member.split('.').next().unwrap_or_default())
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
