//! What all routes share: the request's id, start and client.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use tokio::time::Instant;
use uuid::{Builder, Uuid};
use whocalls_core::RequestId;

use crate::{
    admission::{Instead, Reason},
    auth::Client,
    gateway::Gateway,
    problem::{Code, Problem},
    service::Service,
};

/// Names the request in replies and logs; a sensible one from the client is kept.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Whether every CRM contributed to a lookup.
pub const LOOKUP_COMPLETE: HeaderName = HeaderName::from_static("x-lookup-complete");
/// What became of each adapter's part (W3C Server Timing).
pub const TIMING: HeaderName = HeaderName::from_static("server-timing");
/// What became of a workflow.
pub const WORKFLOW_STATUS: HeaderName = HeaderName::from_static("x-workflow-status");
/// The workflow's own id.
pub const WORKFLOW_ID: HeaderName = HeaderName::from_static("x-workflow-id");

/// The longest request id that is taken over from a client.
const MAX_REQUEST_ID: usize = 128;

/// One request under way.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: RequestId,
    pub(super) started: Instant,
}

impl Call {
    pub(super) fn start(request: &HttpRequest) -> Self {
        Self {
            id: request_id(request),
            started: Instant::now(),
        }
    }

    /// Marks the reply with the request's id.
    pub(super) fn finish(&self, mut response: HttpResponse) -> HttpResponse {
        if let Ok(value) = HeaderValue::from_str(self.id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
}

/// The client that sent the request.
///
/// # Errors
/// 401 without saying which part was wrong.
pub(super) fn identify<'a>(
    service: &'a Service,
    request: &HttpRequest,
) -> Result<Client<'a>, Problem> {
    service.tokens.identify(request.headers()).ok_or_else(|| {
        let detail = "Send a configured token in its header, by default X-Execution-Token.";
        Problem::new(Code::Unauthorized, detail)
    })
}

/// Takes one of the requests that the client may send in this second.
///
/// # Errors
/// 429, with the time after which it may send the next.
pub(super) fn take_request(
    gateway: &Gateway,
    service: &Service,
    client: &Client<'_>,
    route: &'static str,
) -> Result<(), Problem> {
    service.tokens.take_request(client).map_err(|wait| {
        let admission = &gateway.admission;
        admission.shed(route, Reason::RateLimit, Instead::Refused);
        let detail = "This token has used up its requests_per_second.";
        let mut problem = Problem::new(Code::RateLimited, detail);
        problem.retry_after = Some(wait);
        problem
    })
}

/// A problem as the reply to a request.
pub(super) fn reply(request: &HttpRequest, problem: &Problem) -> HttpResponse {
    Call::start(request).finish(problem.to_response())
}

fn request_id(request: &HttpRequest) -> RequestId {
    let sent = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let is_sensible = |id: &&str| {
        (1..=MAX_REQUEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match sent.filter(is_sensible) {
        Some(id) => RequestId::new(id),
        None => new_request_id(),
    }
}

/// A UUID of version 7, which begins with the milliseconds of now. It is no secret, so nothing is
/// asked of the operating system for it.
fn new_request_id() -> RequestId {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_1970.unwrap_or_default().as_millis();
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    let millis = u64::try_from(millis).unwrap_or(u64::MAX);
    let uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    RequestId::new(uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}
