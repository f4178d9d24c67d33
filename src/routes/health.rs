//! Liveness and readiness, for load balancers and service managers. Nobody who asks without token
//! keeps a connection.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::context::Call;
use crate::gateway::Gateway;

/// The process runs.
pub(super) async fn live(request: HttpRequest) -> HttpResponse {
    Call::start(&request).finish(
        HttpResponse::Ok()
            .force_close()
            .json(json!({ "status": "live" })),
    )
}

/// The gateway takes requests.
pub(super) async fn ready(request: HttpRequest, gateway: web::Data<Gateway>) -> HttpResponse {
    let reasons = gateway.not_ready_reasons();
    let response = if reasons.is_empty() {
        HttpResponse::Ok()
            .force_close()
            .json(json!({ "status": "ready" }))
    } else {
        HttpResponse::ServiceUnavailable()
            .force_close()
            .json(json!({ "status": "not ready", "reasons": reasons }))
    };
    Call::start(&request).finish(response)
}
