//! A workflow of the description: how an object is created, found again and brought up to date.
//!
//! Whether a delivery may be repeated is the question that decides everything here: an object is
//! created once, whatever gets lost on the way.

use serde_json::Value;

use crate::{
    account::Account,
    compile::Problems,
    config::{self, FindSettings, WorkflowSettings, WriteMethod},
    outcome::Outcomes,
    request::Request,
    scope::{Common, Scope},
    search::Search,
    select::{Reach, Sources},
    template::{Place, Template},
};

pub(crate) use delivery::Delivery;

use follow::Follow;

mod delivery;
mod follow;
mod variables;

/// Variables that name one request and no other. What is made of one of them tells objects apart.
const KEYS: [&str; 4] = [
    "workflow.key",
    "workflow.uuid",
    "workflow.marker",
    "marked_text",
];

/// A workflow that can be carried out.
pub(crate) struct Workflow {
    name: String,
    create: Request,
    id: Identity,
    url: Option<Sources>,
    update: Option<Request>,
    find: Option<Find>,
    then: Vec<Follow>,
    outcomes: Outcomes,
    is_repeat_safe: bool,
}

/// Who gives the object its id.
enum Identity {
    /// The CRM: it stands in the reply.
    Theirs(Sources),
    /// The gateway.
    Ours(Template),
}

/// How an object is found again.
struct Find {
    search: Search,
    id: Sources,
}

impl Workflow {
    /// Reads the workflow of this name; `outcomes` are the rules for all requests.
    pub(crate) fn compile(
        name: &str,
        settings: &WorkflowSettings,
        common: &Common<'_>,
        outcomes: &Outcomes,
        problems: &mut Problems,
    ) -> Self {
        let at = format!("workflows.{name}");
        if name.trim().is_empty() || name.contains(char::is_control) {
            problems.add(
                &at,
                "the name of a workflow is a text that a button can show",
            );
        }
        let mut outcomes =
            Outcomes::compile(&settings.outcomes, &format!("{at}.outcomes"), problems)
                .within(outcomes);
        let writes = [Some(&settings.create), settings.update.as_ref()];
        let mut bodies = writes.into_iter().flatten().flat_map(|write| &write.body);
        if bodies.any(|body| body.graphql.is_some()) {
            outcomes = outcomes.within(&Outcomes::graphql(&format!("{at}.create"), problems));
        }
        let before = problems.count();
        let bare = variables::scope(common, false);
        let with_object = variables::scope(common, true);
        let id = Identity::compile(settings, &at, common.account, &bare, problems);
        let scope = match id {
            Identity::Theirs(_) => &bare,
            Identity::Ours(_) => &with_object,
        };
        let request =
            |settings: &config::WriteSettings, key: &str, method, scope, problems: &mut _| {
                Request::compile(
                    &settings.request(method),
                    &format!("{at}.{key}"),
                    scope,
                    problems,
                )
            };
        let workflow = Self {
            name: name.to_owned(),
            create: request(
                &settings.create,
                "create",
                WriteMethod::Post,
                scope,
                problems,
            ),
            url: settings.url.as_ref().map(|url| {
                let path = format!("{at}.url");
                let scope = Scope::reply(common.account);
                Sources::compile(url, &path, Place::Link, &Reach::reply(&scope), problems)
            }),
            update: settings.update.as_ref().map(|update| {
                request(update, "update", WriteMethod::Patch, &with_object, problems)
            }),
            find: settings.find.as_ref().map(|find| {
                let places = (common.account, scope);
                Find::compile(find, &format!("{at}.find"), places, &outcomes, problems)
            }),
            then: follows(settings, &at, common, &outcomes, problems),
            outcomes,
            is_repeat_safe: settings.repeat_safe,
            id,
        };
        // A template with a problem does not tell what it would have used.
        if problems.count() == before {
            workflow.check_keys(&at, problems);
        }
        workflow
    }

    /// The name in `crmActions`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether each request names the object that it is about.
    fn check_keys(&self, at: &str, problems: &mut Problems) {
        const KEY: &str = "`workflow.key`, `workflow.uuid` or `workflow.marker`";
        let names = |request: &Request| {
            let is_ours = matches!(self.id, Identity::Ours(_));
            KEYS.iter().any(|key| request.uses(key)) || (is_ours && request.uses("object.id"))
        };
        let is_recognised = self.is_repeat_safe || self.find.is_some();
        if is_recognised && !names(&self.create) {
            let message = format!(
                "no template of the request uses {KEY}, so nobody could recognise the object; put \
                 one where the CRM keeps it"
            );
            problems.add(&format!("{at}.create"), message);
        }
        if self
            .find
            .as_ref()
            .is_some_and(|find| !names(find.search.request()))
        {
            let message = format!(
                "no template of the request uses {KEY}, so it would find objects of other calls"
            );
            problems.add(&format!("{at}.find"), message);
        }
        if self
            .update
            .as_ref()
            .is_some_and(|update| !update.uses("object.id"))
        {
            problems.add(
                &format!("{at}.update"),
                "no template of the request uses `object.id`, so it would not say which object to \
                 change",
            );
        }
    }
}

impl Identity {
    fn compile(
        settings: &WorkflowSettings,
        at: &str,
        account: &Account,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let path = format!("{at}.id");
        match (&settings.id, &settings.own_id) {
            (Some(id), None) => Self::Theirs(id_of(id, &path, account, problems)),
            (None, Some(source)) => {
                let path = format!("{at}.own_id");
                let before = problems.count();
                let id = problems.template(&path, source, Place::RequestText, scope);
                let is_unique = KEYS.iter().any(|key| id.uses(key));
                if problems.count() == before && !is_unique {
                    problems.add(
                        &path,
                        "the id would be that of every call; make it of `workflow.uuid` or \
                         `workflow.key`",
                    );
                }
                if id.uses("now") {
                    problems.add(&path, "the id of each delivery would be another one");
                }
                Self::Ours(id)
            }
            (theirs, ours) => {
                let message = match (theirs, ours) {
                    (None, _) => "where the reply has the object's id, for example $.id",
                    _ => "either `id`, which the CRM gives, or `own_id`, not both",
                };
                problems.add(&path, format!("needed: {message}"));
                Self::Ours(Template::unusable(Place::RequestText, &path))
            }
        }
    }
}

impl Find {
    fn compile(
        settings: &FindSettings,
        at: &str,
        (account, scope): (&Account, &Scope),
        outcomes: &Outcomes,
        problems: &mut Problems,
    ) -> Self {
        let statuses = format!("{at}.empty_statuses");
        let outcomes = Outcomes::empty_statuses(&settings.empty_statuses, &statuses, problems)
            .within(outcomes);
        Self {
            search: Search::compile(settings.search(outcomes), at, scope, problems),
            id: id_of(&settings.id, &format!("{at}.id"), account, problems),
        }
    }
}

/// Reads the setting `then`.
fn follows(
    settings: &WorkflowSettings,
    at: &str,
    common: &Common<'_>,
    outcomes: &Outcomes,
    problems: &mut Problems,
) -> Vec<Follow> {
    /// More requests than these do not end in time.
    const MOST: usize = 8;
    if settings.then.len() > MOST {
        let message = format!("at most {MOST} requests");
        problems.add(&format!("{at}.then"), message);
    }
    let scope = variables::scope(common, true).and(vec![follow::created()]);
    let follows = settings.then.iter().enumerate();
    follows
        .map(|(index, then)| {
            let at = format!("{at}.then.{index}");
            Follow::compile(then, &at, &scope, outcomes, problems)
        })
        .collect()
}

fn id_of(
    settings: &config::Sources,
    path: &str,
    account: &Account,
    problems: &mut Problems,
) -> Sources {
    let scope = Scope::reply(account);
    let id = Sources::compile(
        settings,
        path,
        Place::RecordText,
        &Reach::reply(&scope),
        problems,
    );
    if id.uses("object") {
        problems.add(path, "the id cannot be made of itself");
    }
    id
}

/// Whether one of these texts stands somewhere in a document, in any letter case.
fn mentions(document: &Value, texts: &[String]) -> bool {
    match document {
        Value::String(text) => {
            let text = text.to_ascii_lowercase();
            texts.iter().any(|wanted| text.contains(wanted))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, texts)),
        Value::Object(members) => members.values().any(|member| mentions(member, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
