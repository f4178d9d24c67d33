//! Takes a workflow to the adapter that it belongs to.

use serde_json::{Map, Value};
use whocalls_core::{
    AdapterError, AdapterId, CallContext, CallDetails, Operation, WorkflowReceipt, WorkflowRequest,
};

use crate::{ContactId, Engine, Source, fanout::contain};

/// A workflow as the telephone system sends it.
#[derive(Debug, Clone)]
pub struct WorkflowCall {
    /// The workflow's name.
    pub name: String,
    /// The contact, as named in a lookup reply.
    pub contact: Option<ContactId>,
    /// The adapters that get it when there is no contact.
    pub fallback: Vec<AdapterId>,
    /// The call.
    pub call: CallDetails,
    /// Names this very request.
    pub idempotency_key: String,
    /// Inputs that this version does not know.
    pub extra: Map<String, Value>,
}

/// A workflow that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatched {
    /// The adapter that did it.
    pub adapter: AdapterId,
    /// What the CRM made of it.
    pub receipt: WorkflowReceipt,
}

/// Why a workflow was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DispatchError {
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
    /// The adapter failed.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl Engine {
    /// Runs a workflow in the first CRM of the contact that offers it; without a contact, in the
    /// first of the fallback adapters.
    ///
    /// `user_in` maps an adapter to the user's id in that CRM.
    ///
    /// # Errors
    /// [`DispatchError`]; nothing was sent unless it is `Adapter`.
    pub async fn dispatch(
        &self,
        cx: &CallContext,
        call: WorkflowCall,
        allowed: Option<&[AdapterId]>,
        user_in: impl Fn(&AdapterId) -> Option<String> + Send,
    ) -> Result<Dispatched, DispatchError> {
        let allowed: Vec<&Source> = self
            .sources()
            .iter()
            .filter(|source| allowed.is_none_or(|allowed| allowed.contains(source.id())))
            .collect();
        let (source, contact) = target(&allowed, &call)?;
        let adapter = &*source.adapter;
        let request = WorkflowRequest {
            user: user_in(source.id()),
            name: call.name,
            contact,
            call: call.call,
            idempotency_key: call.idempotency_key,
            extra: call.extra,
        };
        let run = adapter.run_workflow(cx, &request);
        let receipt = contain(adapter, Operation::Workflow, run).await?;
        Ok(Dispatched {
            adapter: source.id().clone(),
            receipt,
        })
    }
}

/// The adapter that a workflow goes to, and its name for the contact.
fn target<'a>(
    sources: &[&'a Source],
    call: &WorkflowCall,
) -> Result<(&'a Source, Option<String>), DispatchError> {
    let capable: Vec<&'a Source> = sources
        .iter()
        .copied()
        .filter(|source| source.runs(&call.name))
        .collect();
    if capable.is_empty() {
        return Err(DispatchError::UnknownWorkflow {
            known: workflow_names(sources),
        });
    }
    let find = |id: &AdapterId| capable.iter().copied().find(|source| source.id() == id);
    let Some(contact) = &call.contact else {
        let found = call.fallback.iter().find_map(find);
        let names = || {
            capable
                .iter()
                .map(|source| source.id().to_string())
                .collect()
        };
        return found
            .map(|source| (source, None))
            .ok_or_else(|| DispatchError::NoTarget { capable: names() });
    };
    if let Some((source, record)) = contact
        .records()
        .find_map(|(id, record)| Some((find(id)?, record)))
    {
        return Ok((source, Some(record.to_owned())));
    }
    let is_known = contact
        .records()
        .any(|(id, _)| sources.iter().any(|source| source.id() == id));
    Err(if is_known {
        DispatchError::UnknownWorkflow {
            known: workflow_names(sources),
        }
    } else {
        DispatchError::UnknownAdapter {
            known: sources
                .iter()
                .map(|source| source.id().to_string())
                .collect(),
        }
    })
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
