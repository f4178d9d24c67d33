//! `GET` or `POST <root>/Lookup`: who is calling?

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_TYPE, HeaderValue},
    web::{self, Bytes},
};
use whocalls_core::{CallContext, Caller, ContactQuery, NumberQuery, PhoneNumber};
use whocalls_engine::{LookupRequest, SourceOutcome};

use super::{
    context::{Call, LOOKUP_COMPLETE, TIMING, identify, take_request},
    timing::timing,
};
use crate::{
    admission::{Instead, Reason, overloaded},
    auth::{ANONYMOUS, Client},
    extract::{phone_number, read_inputs},
    gateway::Gateway,
    problem::{Code, Problem},
    recent::{self, RecentReply},
    reply,
    service::Service,
};

/// The route's name in metrics.
const ROUTE: &str = "lookup";
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Answers a lookup. Ends by `request_timeout_ms`, counted from the request's arrival.
pub(super) async fn lookup(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
) -> HttpResponse {
    let call = Call::start(&request);
    let _in_flight = gateway.metrics.lookup_in_flight();
    let service = gateway.service();
    let client = identify(&service, &request);
    let token = client.as_ref().map_or(ANONYMOUS, |client| client.name);
    let answered = match &client {
        Ok(client) => answer(&call, &gateway, &service, client, &request, payload).await,
        Err(problem) => Err(problem.clone()),
    };
    let response = answered.unwrap_or_else(|problem| {
        let mut response = problem.to_response();
        mark(&mut response, false, String::new());
        response
    });
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
) -> Result<HttpResponse, Problem> {
    take_request(gateway, service, client, ROUTE)?;
    let cx = CallContext::new(call.started + service.request_timeout, call.id.clone());
    let inputs = read_inputs(request, payload, cx.deadline).await?;
    let text = phone_number(request.query_string(), &inputs)?;
    let known = service.recent.get(&text);
    let caller = match &known {
        Some(known) => Caller::Number(known.number.clone()),
        None => service.number_plan.classify(&text),
    };
    let Caller::Number(number) = caller else {
        return Ok(nobody_asked(call, service, client, &caller));
    };
    let query = NumberQuery {
        number: number.clone(),
        max_records: service.max_records(),
        explain: false,
    };
    let place = gateway.admission.lookup();
    let is_crowded = place.is_none();
    let cx = if is_crowded { cx.memory_only() } else { cx };
    let request = LookupRequest {
        cx: &cx,
        query: &ContactQuery::from(query),
        allowed: client.adapters,
        max_results: service.max_results,
    };
    let sources = service.engine.ask(&request).await;
    drop(place);
    let reply = match known.filter(|known| known.is_of(&sources)) {
        Some(known) => Reply::of_known(&known, sources),
        None => write(service, &request, sources, &text, &number)?,
    };
    if is_crowded && let Some(refusal) = refusal(gateway, &reply) {
        return Ok(refusal);
    }
    let timing = timing(&reply.sources);
    log(call, client, &number, &reply, &timing);
    let mut response = if reply.is_failed() {
        failure(&reply.sources).to_response()
    } else {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, JSON))
            .body(reply.body)
    };
    let is_complete = SourceOutcome::are_complete(&reply.sources);
    mark(&mut response, is_complete, timing);
    Ok(response)
}

/// A lookup's reply and what became of each adapter's part.
struct Reply {
    contacts: usize,
    body: Bytes,
    sources: Vec<SourceOutcome>,
}

impl Reply {
    fn of_known(known: &RecentReply, sources: Vec<SourceOutcome>) -> Self {
        Self {
            contacts: known.contacts,
            body: known.body.clone(),
            sources,
        }
    }

    /// Whether there were adapters to ask and none of them answered.
    fn is_failed(&self) -> bool {
        SourceOutcome::are_failed(&self.sources)
    }
}

/// Merges the answers and writes the reply. One that came from a cache is likely to be wanted
/// again, and kept.
fn write(
    service: &Service,
    request: &LookupRequest<'_>,
    sources: Vec<SourceOutcome>,
    text: &str,
    number: &PhoneNumber,
) -> Result<Reply, Problem> {
    let report = service.engine.report(request, sources);
    let contacts = reply::contacts(&service.engine, service.style, &report.contacts);
    let body = serde_json::to_vec(&contacts).map(Bytes::from);
    let reply = Reply {
        contacts: report.contacts.len(),
        body: body.map_err(|_| Problem::new(Code::Internal, "The reply cannot be written."))?,
        sources: report.sources,
    };
    if reply.sources.iter().any(|source| source.age().is_some()) {
        let known = RecentReply {
            number: number.clone(),
            answers: recent::answers(&reply.sources).cloned().collect(),
            contacts: reply.contacts,
            body: reply.body.clone(),
        };
        service.recent.put(text, known);
    }
    Ok(reply)
}

/// A withheld, internal or unsearchable number: nobody, and no CRM is asked.
fn nobody_asked(
    call: &Call,
    service: &Service,
    client: &Client<'_>,
    caller: &Caller,
) -> HttpResponse {
    tracing::info!(
        request_id = call.id.as_str(),
        token = client.name,
        number = caller.as_str(),
        "lookup: no CRM asked"
    );
    let mut response = HttpResponse::Ok().json(serde_json::json!([]));
    let skipped: Vec<String> = service
        .engine
        .sources()
        .iter()
        .filter(|source| {
            client
                .adapters
                .is_none_or(|allowed| allowed.contains(source.id()))
        })
        .map(|source| format!("{};dur=0.0;desc=\"skipped\"", source.id()))
        .collect();
    mark(&mut response, true, skipped.join(", "));
    response
}

/// The reply to a lookup for which no place was free and memory held nothing: 503. "Nobody" would
/// be wrong, because the CRMs were not asked.
fn refusal(gateway: &Gateway, reply: &Reply) -> Option<HttpResponse> {
    if SourceOutcome::are_complete(&reply.sources) {
        return None;
    }
    let is_refused = reply.contacts == 0;
    let instead = if is_refused {
        Instead::Refused
    } else {
        Instead::Reduced
    };
    gateway.admission.shed(ROUTE, Reason::InFlight, instead);
    is_refused.then(|| {
        let mut response = overloaded().to_response();
        mark(&mut response, false, timing(&reply.sources));
        response
    })
}

/// All CRMs failed: 504 when all timed out, else 502. Which ones is in the headers and the log.
fn failure(sources: &[SourceOutcome]) -> Problem {
    let all_timed_out = sources.iter().all(|source| source.label() == "timeout");
    let code = if all_timed_out {
        Code::CrmsTimedOut
    } else {
        Code::CrmsFailed
    };
    let mut problem = Problem::new(
        code,
        "Server-Timing says what became of each CRM; the log says why.",
    );
    let waits = sources
        .iter()
        .filter_map(|source| source.error()?.retry_after);
    problem.retry_after = waits.min();
    problem
}

fn mark(response: &mut HttpResponse, is_complete: bool, timing: String) {
    let complete = HeaderValue::from_static(if is_complete { "true" } else { "false" });
    let headers = response.headers_mut();
    headers.insert(LOOKUP_COMPLETE, complete);
    if !timing.is_empty()
        && let Ok(timing) = HeaderValue::try_from(timing)
    {
        headers.insert(TIMING, timing);
    }
}

fn log(call: &Call, client: &Client<'_>, number: &PhoneNumber, reply: &Reply, timing: &str) {
    tracing::info!(
        request_id = call.id.as_str(),
        token = client.name,
        number = %number.masked(),
        contacts = reply.contacts,
        complete = SourceOutcome::are_complete(&reply.sources),
        sources = timing,
        elapsed_ms = call.started.elapsed().as_millis(),
        "lookup"
    );
}
