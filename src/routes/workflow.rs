//! `POST <root>/<workflow-name>`: log this call, open a ticket.

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName, web};
use serde_json::{Map, Value};
use whocalls_core::{CallContext, ErrorKind};
use whocalls_engine::{ContactId, DispatchError, Dispatched, WorkflowCall};

use super::context::{Call, WORKFLOW_ID, WORKFLOW_STATUS, identify};
use crate::{
    auth::{ANONYMOUS, Client},
    extract::{WorkflowInputs, read_inputs, workflow_inputs},
    gateway::Gateway,
    problem::{Code, Problem},
    service::Service,
};

/// Hex digits of a workflow's id: 128 bits, so that two calls never share one.
const ID_DIGITS: usize = 32;

/// Runs a workflow in the CRM of its contact.
pub(super) async fn workflow(
    request: HttpRequest,
    payload: web::Payload,
    name: web::Path<String>,
    gateway: web::Data<Gateway>,
) -> HttpResponse {
    let call = Call::start(&request);
    let service = gateway.service();
    let client = identify(&service, &request);
    let token = client.as_ref().map_or(ANONYMOUS, |client| client.name);
    let answered = match &client {
        Ok(client) => answer(&call, &service, client, &request, payload, &name).await,
        Err(problem) => Err(problem.clone()),
    };
    let response = answered.unwrap_or_else(|problem| problem.to_response());
    let status = response.status().as_u16();
    gateway.metrics.request(
        "workflow",
        token,
        status,
        call.started.elapsed().as_secs_f64(),
    );
    call.finish(response)
}

async fn answer(
    call: &Call,
    service: &Service,
    client: &Client<'_>,
    request: &HttpRequest,
    payload: web::Payload,
    name: &str,
) -> Result<HttpResponse, Problem> {
    let cx = CallContext::new(call.started + service.workflow_timeout, call.id.clone());
    let inputs = read_inputs(request, payload, cx.deadline).await?;
    let WorkflowInputs {
        contact,
        user,
        call: details,
        extra,
    } = workflow_inputs(inputs, &service.time_zone);
    let id = workflow_id(name, contact.as_deref(), &details);
    let contact = contact
        .map(|contact| parse_contact(service, &contact))
        .transpose()?;
    let workflow = WorkflowCall {
        name: name.to_owned(),
        contact,
        fallback: service.workflow_route(name).to_vec(),
        call: details,
        idempotency_key: id.clone(),
        extra,
    };
    let user_in = |adapter: &_| service.user_in(adapter, user.as_deref()?);
    let done = service
        .engine
        .dispatch(&cx, workflow, client.adapters, user_in)
        .await;
    let Dispatched { adapter, receipt } = done.map_err(|error| refusal(&error))?;
    tracing::info!(
        request_id = call.id.as_str(),
        token = client.name,
        workflow = name,
        %adapter,
        elapsed_ms = call.started.elapsed().as_millis(),
        "workflow done"
    );
    let fields = [("id", receipt.id), ("url", receipt.url)];
    let body: Map<String, Value> = fields
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
        .collect();
    let mut response = HttpResponse::Ok().json(body);
    for (header, value) in [(WORKFLOW_STATUS, "done"), (WORKFLOW_ID, id.as_str())] {
        if let Ok(value) = value.parse() {
            response
                .headers_mut()
                .insert(HeaderName::from_static(header), value);
        }
    }
    Ok(response)
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

fn refusal(error: &DispatchError) -> Problem {
    match error {
        DispatchError::UnknownAdapter { .. } => Problem::new(Code::UnknownAdapter, sentence(error)),
        DispatchError::UnknownWorkflow { .. } | DispatchError::NoTarget { .. } => {
            Problem::new(Code::UnknownWorkflow, sentence(error))
        }
        DispatchError::Adapter(error) => {
            let detail = match error.kind {
                ErrorKind::OutcomeUnknown => {
                    "It may have been done; look into the CRM before sending it again."
                }
                _ => "Nothing was created; the log says why.",
            };
            let mut problem = Problem::new(Code::of_workflow(error.kind), detail);
            problem.retry_after = error.retry_after;
            problem
        }
    }
}

/// The error as a sentence of its own. It names adapters and workflows, no contact.
fn sentence(error: &DispatchError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

/// The id of a workflow: the same for the same workflow, contact, numbers, direction and start.
fn workflow_id(name: &str, contact: Option<&str>, call: &whocalls_core::CallDetails) -> String {
    let started = call.started_at.map(|time| time.to_string());
    let direction = call.direction.map(|direction| format!("{direction:?}"));
    let parts = [
        Some(name),
        contact,
        call.originator_number.as_deref(),
        call.destination_number.as_deref(),
        direction.as_deref(),
        started.as_deref(),
    ];
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        let part = part.unwrap_or_default();
        // The length keeps neighbours apart: "a" + "bc" is not "ab" + "c".
        hasher
            .update(&part.len().to_le_bytes())
            .update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(ID_DIGITS).collect()
}
