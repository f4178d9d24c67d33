//! `GET` or `POST <root>/Lookup`: who is calling?

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName, web};
use whocalls_core::{CallContext, Caller, ContactQuery, NumberQuery, PhoneNumber};
use whocalls_engine::{LookupReport, LookupRequest, SourceOutcome};

use super::context::{Call, LOOKUP_COMPLETE, TIMING, identify, take_request};
use crate::{
    admission::{Instead, Reason, overloaded},
    auth::{ANONYMOUS, Client},
    extract::{phone_number, read_inputs},
    gateway::Gateway,
    problem::{Code, Problem},
    reply,
    service::Service,
};

/// The route's name in metrics.
const ROUTE: &str = "lookup";

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
        mark(&mut response, false, "");
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
    let number = match service.number_plan.classify(&text) {
        Caller::Number(number) => number,
        other => return Ok(nobody_asked(call, service, client, &other)),
    };
    let query = NumberQuery {
        number: number.clone(),
        max_records: service.max_records(),
        explain: false,
    };
    let place = gateway.admission.lookup();
    let is_crowded = place.is_none();
    let cx = if is_crowded { cx.memory_only() } else { cx };
    let report = service
        .engine
        .lookup(LookupRequest {
            cx: &cx,
            query: &ContactQuery::from(query),
            allowed: client.adapters,
            max_results: service.max_results,
        })
        .await;
    drop(place);
    if is_crowded && let Some(refusal) = refusal(gateway, &report) {
        return Ok(refusal);
    }
    log(call, client, &number, &report);
    let mut response = if report.is_failed() {
        failure(&report).to_response()
    } else {
        HttpResponse::Ok().json(reply::contacts(
            &service.engine,
            service.style,
            &report.contacts,
        ))
    };
    mark(
        &mut response,
        report.is_complete(),
        &timing(&report.sources),
    );
    Ok(response)
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
    mark(&mut response, true, &skipped.join(", "));
    response
}

/// The reply to a lookup for which no place was free and memory held nothing: 503. "Nobody" would
/// be wrong, because the CRMs were not asked.
fn refusal(gateway: &Gateway, report: &LookupReport) -> Option<HttpResponse> {
    if report.is_complete() {
        return None;
    }
    let is_refused = report.contacts.is_empty();
    let instead = if is_refused {
        Instead::Refused
    } else {
        Instead::Reduced
    };
    gateway.admission.shed(ROUTE, Reason::InFlight, instead);
    is_refused.then(|| {
        let mut response = overloaded().to_response();
        mark(&mut response, false, &timing(&report.sources));
        response
    })
}

/// All CRMs failed: 504 when all timed out, else 502. Which ones is in the headers and the log.
fn failure(report: &LookupReport) -> Problem {
    let all_timed_out = report
        .sources
        .iter()
        .all(|source| source.label() == "timeout");
    let code = if all_timed_out {
        Code::CrmsTimedOut
    } else {
        Code::CrmsFailed
    };
    let mut problem = Problem::new(
        code,
        "Server-Timing says what became of each CRM; the log says why.",
    );
    let waits = report
        .sources
        .iter()
        .filter_map(|source| source.error()?.retry_after);
    problem.retry_after = waits.min();
    problem
}

/// One entry for each adapter: `sugar;dur=43.1;desc="ok"`. A cached answer has its age in seconds
/// too: `sugar;dur=0.1;desc="cached";age=42`.
fn timing(sources: &[SourceOutcome]) -> String {
    let entry = |source: &SourceOutcome| {
        let millis = source.elapsed.as_secs_f64() * 1000.0;
        let age = source.age().map(|age| format!(";age={}", age.as_secs()));
        format!(
            "{};dur={millis:.1};desc=\"{}\"{}",
            source.adapter,
            source.label(),
            age.unwrap_or_default()
        )
    };
    sources.iter().map(entry).collect::<Vec<_>>().join(", ")
}

fn mark(response: &mut HttpResponse, is_complete: bool, timing: &str) {
    let complete = if is_complete { "true" } else { "false" };
    let headers = response.headers_mut();
    for (name, value) in [(LOOKUP_COMPLETE, complete), (TIMING, timing)] {
        if let Ok(value) = value.parse()
            && !(name == TIMING && timing.is_empty())
        {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn log(call: &Call, client: &Client<'_>, number: &PhoneNumber, report: &LookupReport) {
    tracing::info!(
        request_id = call.id.as_str(),
        token = client.name,
        number = %number.masked(),
        contacts = report.contacts.len(),
        complete = report.is_complete(),
        sources = timing(&report.sources),
        elapsed_ms = call.started.elapsed().as_millis(),
        "lookup"
    );
}
