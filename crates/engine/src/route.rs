//! Finds the adapters that a workflow goes to. Pure.

use serde::{Deserialize, Serialize};
use whocalls_core::AdapterId;

use crate::{ContactId, Engine, Source};

/// Which of several possible adapters get a workflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendTo {
    /// The first.
    #[default]
    First,
    /// All of them.
    All,
}

/// What decides where a workflow goes.
#[derive(Debug, Clone, Copy)]
pub struct RouteRequest<'a> {
    /// The workflow's name.
    pub workflow: &'a str,
    /// The contact, as named in a lookup reply.
    pub contact: Option<&'a ContactId>,
    /// The adapters that get it when there is no contact.
    pub fallback: &'a [AdapterId],
    /// How many of the adapters get it.
    pub send_to: SendTo,
    /// The adapters that may be asked; `None` for all.
    pub allowed: Option<&'a [AdapterId]>,
}

/// One adapter that a workflow goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The adapter.
    pub adapter: AdapterId,
    /// The adapter's own record id of the contact, if there is one.
    pub record: Option<String>,
}

/// Why a workflow goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No adapter that may be asked runs a workflow of that name.
    #[error("no adapter runs this workflow; there are: {}", list(.known))]
    UnknownWorkflow {
        /// The names that exist.
        known: Vec<String>,
    },
    /// The contact belongs to an adapter that does not exist or may not be asked.
    #[error("the contact belongs to no known adapter; there are: {}", list(.known))]
    UnknownAdapter {
        /// The adapters that exist.
        known: Vec<String>,
    },
    /// Nothing says which adapter it belongs to.
    #[error(
        "without contactCrmId the configuration has to name adapters under [workflows.<name>]; \
         adapters that run this workflow: {}",
        list(.capable)
    )]
    NoTarget {
        /// The adapters that could do it.
        capable: Vec<String>,
    },
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl Engine {
    /// The adapters that a workflow goes to: those of the contact that offer it; without a contact,
    /// those of the fallback. At least one, in the order of the contact or the fallback.
    ///
    /// # Errors
    /// [`RouteError`] when there is none.
    pub fn route(&self, request: &RouteRequest<'_>) -> Result<Vec<Route>, RouteError> {
        let allowed: Vec<&Source> = self
            .sources()
            .iter()
            .filter(|source| request.allowed.is_none_or(|ids| ids.contains(source.id())))
            .collect();
        let capable: Vec<&Source> = allowed
            .iter()
            .copied()
            .filter(|source| source.runs(request.workflow))
            .collect();
        if capable.is_empty() {
            let known = workflow_names(&allowed);
            return Err(RouteError::UnknownWorkflow { known });
        }
        let mut routes = match request.contact {
            Some(contact) => of_contact(&allowed, &capable, contact)?,
            None => of_fallback(&capable, request.fallback)?,
        };
        if request.send_to == SendTo::First {
            routes.truncate(1);
        }
        Ok(routes)
    }
}

/// One route for each adapter, with its first record of the contact.
fn of_contact(
    allowed: &[&Source],
    capable: &[&Source],
    contact: &ContactId,
) -> Result<Vec<Route>, RouteError> {
    let mut routes: Vec<Route> = Vec::new();
    for (id, record) in contact.records() {
        let is_capable = capable.iter().any(|source| source.id() == id);
        if is_capable && !routes.iter().any(|route| route.adapter == *id) {
            routes.push(Route {
                adapter: id.clone(),
                record: Some(record.to_owned()),
            });
        }
    }
    if !routes.is_empty() {
        return Ok(routes);
    }
    let is_known = contact
        .records()
        .any(|(id, _)| allowed.iter().any(|source| source.id() == id));
    Err(if is_known {
        let known = workflow_names(allowed);
        RouteError::UnknownWorkflow { known }
    } else {
        let known = ids(allowed);
        RouteError::UnknownAdapter { known }
    })
}

fn of_fallback(capable: &[&Source], fallback: &[AdapterId]) -> Result<Vec<Route>, RouteError> {
    let is_capable = |id: &&AdapterId| capable.iter().any(|source| source.id() == *id);
    let route = |id: &AdapterId| Route {
        adapter: id.clone(),
        record: None,
    };
    let routes: Vec<Route> = fallback.iter().filter(is_capable).map(route).collect();
    if routes.is_empty() {
        let capable = ids(capable);
        return Err(RouteError::NoTarget { capable });
    }
    Ok(routes)
}

fn ids(sources: &[&Source]) -> Vec<String> {
    let ids = sources.iter().map(|source| source.id().to_string());
    ids.collect()
}

fn workflow_names(sources: &[&Source]) -> Vec<String> {
    let mut names: Vec<String> = sources
        .iter()
        .flat_map(|source| &source.actions)
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}

impl Source {
    /// Whether the adapter offers the workflow named.
    fn runs(&self, workflow: &str) -> bool {
        self.actions.iter().any(|action| action == workflow)
    }
}
