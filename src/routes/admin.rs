//! What operators ask on the admin listener.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::context::reply;
use crate::{
    gateway::Gateway,
    problem::{Code, Problem},
};

/// The Prometheus text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics.
pub(super) async fn metrics(request: HttpRequest, gateway: web::Data<Gateway>) -> HttpResponse {
    let service = gateway.service();
    if !service.operators.admit(request.headers()) {
        let detail = "Send gateway.admin_token as Authorization: Bearer.";
        return reply(&request, &Problem::new(Code::Unauthorized, detail));
    }
    for cache in service.caches() {
        cache.handle.report_size();
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, TEXT_FORMAT))
        .body(gateway.metrics.render())
}
