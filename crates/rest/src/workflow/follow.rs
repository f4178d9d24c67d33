//! The requests that follow once the object of a workflow exists.

use minijinja::Value;

use crate::{
    compile::Problems,
    config::ThenSettings,
    outcome::Outcomes,
    request::Request,
    scope::{Scope, Variable},
    template::{Expression, NoText},
};

/// A request that follows once the object exists.
pub(super) struct Follow {
    pub(super) request: Request,
    pub(super) outcomes: Outcomes,
    when: Option<Expression>,
}

impl Follow {
    /// Reads the request at the path `at`; `scope` is that of requests that know the object's id,
    /// and `outcomes` are the rules of the workflow.
    pub(super) fn compile(
        settings: &ThenSettings,
        at: &str,
        scope: &Scope,
        outcomes: &Outcomes,
        problems: &mut Problems,
    ) -> Self {
        let before = problems.count();
        let request = Request::compile(&settings.request(), at, scope, problems);
        let names_object = request.uses("object.id") || request.uses("created");
        // A template with a problem does not tell what it would have used.
        if problems.count() == before && !names_object {
            problems.add(
                at,
                "no template of the request uses `object.id` or `created`, so it would not say \
                 which object it is about",
            );
        }
        let own = Outcomes::compile(&settings.outcomes, &format!("{at}.outcomes"), problems);
        Self {
            request,
            outcomes: own.within(outcomes),
            when: settings
                .when
                .as_ref()
                .map(|source| problems.expression(&format!("{at}.when"), source, scope)),
        }
    }

    /// Whether the request is to be sent.
    ///
    /// # Errors
    /// [`NoText::Broken`].
    pub(super) fn is_wanted(&self, variables: &Value) -> Result<bool, NoText> {
        let when = self.when.as_ref();
        when.map_or(Ok(true), |when| when.is_true(variables))
    }
}

/// `created`: what the CRM replied when the object was created or brought up to date.
pub(super) fn created() -> Variable {
    Variable::new("created").or_absent(Value::UNDEFINED)
}
