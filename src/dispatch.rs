//! What a workflow is about and where it goes, whoever asks for it: a client or the terminal.

use whocalls_core::{AdapterId, workflow::CREATE_CONTACT};
use whocalls_engine::{ContactId, Route, RouteError, RouteRequest};
use whocalls_outbox::{Details, Target, UnknownCaller};

use crate::{
    extract::WorkflowInputs,
    problem::{Code, Problem},
    service::Service,
};

/// The workflow `name` with these inputs, as it is stored.
pub fn details(name: &str, inputs: WorkflowInputs) -> Details {
    Details {
        workflow: name.to_owned(),
        contact: inputs.contact,
        user: inputs.user,
        call: inputs.call,
        extra: inputs.extra,
    }
}

/// Where a workflow goes. Who asks may use only the adapters in `allowed`, or all if there is none.
///
/// # Errors
/// 422 with the names that exist.
pub fn targets(
    service: &Service,
    allowed: Option<&[AdapterId]>,
    details: &Details,
) -> Result<Vec<Target>, Problem> {
    let plan = service.workflow_plan(&details.workflow);
    let contact = details.contact.as_deref();
    let contact = contact
        .map(|contact| parse_contact(service, contact))
        .transpose()?;
    let request = RouteRequest {
        workflow: &details.workflow,
        contact: contact.as_ref(),
        fallback: &plan.adapters,
        send_to: plan.send_to,
        allowed,
    };
    let routes = service.engine.route(&request);
    let routes = routes.map_err(|error| refusal(&error))?;
    // Whoever is to be entered as a contact is not looked for before: that is the adapter's part.
    let caller = if details.workflow == CREATE_CONTACT {
        UnknownCaller::Ignore
    } else {
        plan.unknown_caller
    };
    let target = |Route { adapter, record }| Target {
        adapter,
        record,
        caller,
    };
    Ok(routes.into_iter().map(target).collect())
}

fn parse_contact(service: &Service, text: &str) -> Result<ContactId, Problem> {
    text.parse().map_err(|_| {
        let known: Vec<&str> = service
            .engine
            .sources()
            .iter()
            .map(|source| source.id().as_str())
            .collect();
        let detail = format!(
            "contactCrmId is not an id from a lookup reply; it starts with one of: {}.",
            known.join(", ")
        );
        Problem::new(Code::UnknownAdapter, detail)
    })
}

fn refusal(error: &RouteError) -> Problem {
    let code = match error {
        RouteError::UnknownAdapter { .. } => Code::UnknownAdapter,
        RouteError::UnknownWorkflow { .. } | RouteError::NoTarget { .. } => Code::UnknownWorkflow,
    };
    Problem::new(code, sentence(error))
}

/// The error as a sentence of its own. It names adapters and workflows, no contact.
fn sentence(error: &RouteError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}
