//! `POST <root>/<workflow-name>`: log this call, open a ticket.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};
use whocalls_outbox::{Answer, StoreError};

use super::context::{Call, WORKFLOW_ID, WORKFLOW_STATUS, identify, take_request};
use crate::{
    admission::{Instead, Reason, WorkflowPlace, overloaded},
    auth::{ANONYMOUS, Client},
    dispatch,
    extract::{read_inputs, workflow_inputs},
    gateway::Gateway,
    problem::{Code, Problem},
    service::Service,
};

/// The route's name in metrics.
const ROUTE: &str = "workflow";
/// When a client may try again whose workflow could not be stored.
const RETRY_STORE_AFTER: Duration = Duration::from_secs(10);

/// Stores a workflow and answers when it is delivered, or when the reply can wait no longer.
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
        Ok(client) => answer(&call, &gateway, &service, client, &request, payload, &name).await,
        Err(problem) => Err(problem.clone()),
    };
    let response = answered.unwrap_or_else(|problem| problem.to_response());
    let status = response.status().as_u16();
    gateway
        .metrics
        .request(ROUTE, token, status, call.started.elapsed().as_secs_f64());
    call.finish(response)
}

async fn answer(
    call: &Call,
    gateway: &Gateway,
    service: &Service,
    client: &Client<'_>,
    request: &HttpRequest,
    payload: web::Payload,
    name: &str,
) -> Result<HttpResponse, Problem> {
    take_request(gateway, service, client, ROUTE)?;
    let deadline = call.started + service.workflow_timeout;
    let inputs = read_inputs(request, payload, deadline).await?;
    let inputs = workflow_inputs(inputs, &service.time_zone);
    for input in &inputs.unreadable {
        tracing::warn!(
            request_id = call.id.as_str(),
            input,
            "a date of a workflow cannot be read; it is passed on as sent"
        );
    }
    let details = dispatch::details(name, inputs);
    let targets = dispatch::targets(service, client.adapters, &details)?;
    let Some(place) = gateway.admission.workflow() else {
        gateway
            .admission
            .shed(ROUTE, Reason::InFlight, Instead::Refused);
        return Err(overloaded());
    };
    let wait_until = match place {
        WorkflowPlace::Delivery(_) => deadline,
        WorkflowPlace::Storage(_) => {
            gateway
                .admission
                .shed(ROUTE, Reason::InFlight, Instead::Reduced);
            call.started
        }
    };
    let outbox = &gateway.outbox;
    let stored = outbox.submit(details, targets, deadline, wait_until).await;
    drop(place);
    let answer = stored.map_err(|error| not_stored(&error))?;
    tracing::info!(
        request_id = call.id.as_str(),
        token = client.name,
        name,
        workflow = %answer.id,
        status = answer.status.as_str(),
        elapsed_ms = call.started.elapsed().as_millis(),
        "workflow answered"
    );
    Ok(reply(answer))
}

fn reply(answer: Answer) -> HttpResponse {
    let Answer {
        id,
        status,
        receipt,
    } = answer;
    let fields = [("id", receipt.id), ("url", receipt.url)];
    let body: Map<String, Value> = fields
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
        .collect();
    HttpResponse::Ok()
        .insert_header((WORKFLOW_STATUS, status.as_str()))
        .insert_header((WORKFLOW_ID, id.as_str()))
        .json(body)
}

fn not_stored(error: &StoreError) -> Problem {
    let detail = match error {
        StoreError::Full(_) => "The disk of the outbox is full. Send it again later.",
        _ => "The outbox cannot be written; the log says why. Send it again later.",
    };
    let mut problem = Problem::new(Code::OutboxFailed, detail);
    problem.retry_after = Some(RETRY_STORE_AFTER);
    problem
}
