//! `POST <root>/notifications/<adapter id>`: a CRM says that its records changed.
//!
//! No token is asked for, because a CRM cannot send one: the adapter checks a signature or secret.

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use whocalls_core::{AdapterId, CallContext, ErrorKind, Notification};

use super::context::Call;
use crate::{
    auth::ANONYMOUS,
    extract::read_body,
    gateway::Gateway,
    problem::{Code, Problem},
    service::Service,
};

/// CRMs send up to a hundred events at once.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Takes a notification; 204 when it was understood.
pub(super) async fn notification(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
) -> HttpResponse {
    let call = Call::start(&request);
    let service = gateway.service();
    let response = match answer(&call, &service, &request, payload).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(problem) => problem.to_response(),
    };
    let status = response.status().as_u16();
    let seconds = call.started.elapsed().as_secs_f64();
    gateway
        .metrics
        .request("notification", ANONYMOUS, status, seconds);
    call.finish(response)
}

async fn answer(
    call: &Call,
    service: &Service,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<(), Problem> {
    let cx = CallContext::new(call.started + service.request_timeout, call.id.clone());
    let path = request.match_info();
    let adapter = AdapterId::new(path.query("adapter")).ok();
    let source = adapter.and_then(|id| service.engine.source(&id));
    let Some(source) = source else {
        return Err(nobody_listens());
    };
    let body = read_body(payload, MAX_BODY_BYTES, cx.deadline).await?;
    let notification = Notification {
        method: request.method().to_string(),
        path_and_query: request.uri().to_string(),
        tail: path.query("tail").to_owned(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: body.to_vec(),
        received_at: Timestamp::now(),
    };
    let changes = source.adapter.read_notification(&cx, &notification).await;
    let changes = changes.map_err(|error| match error.kind {
        ErrorKind::Unsupported => nobody_listens(),
        ErrorKind::Unauthenticated => {
            Problem::new(Code::Unauthorized, "The signature or secret is wrong.")
        }
        ErrorKind::InvalidRequest => {
            Problem::new(Code::MalformedBody, "The notification cannot be read.")
        }
        _ => Problem::new(Code::Internal, ""),
    })?;
    tracing::info!(request_id = call.id.as_str(), adapter = %source.id(), ?changes, "records changed");
    Ok(())
}

/// The same for an adapter that does not exist and one that expects no notifications, so that
/// guessing tells nothing.
fn nobody_listens() -> Problem {
    Problem::new(
        Code::NotFound,
        "No adapter of this name expects notifications.",
    )
}
