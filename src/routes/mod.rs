//! The HTTP interface (`product.md` §3).

mod admin;
mod context;
mod health;
mod lookup;
mod notification;
mod timing;
mod workflow;

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::{HttpRequest, Responder, web};

pub use context::{LOOKUP_COMPLETE, REQUEST_ID, TIMING, WORKFLOW_ID, WORKFLOW_STATUS};

use crate::{
    gateway::Gateway,
    problem::{Code, Problem},
};

/// The routes for clients, below `root_path`.
pub fn configure(config: &mut web::ServiceConfig, root_path: &str) {
    let root = root_path.trim_end_matches('/');
    configure_health(config);
    config
        .service(
            web::resource(format!("{root}/Lookup"))
                .get(lookup::lookup)
                .post(lookup::lookup)
                .default_service(web::to(get_or_post_only)),
        )
        .service(
            web::resource([
                format!("{root}/notifications/{{adapter}}"),
                format!("{root}/notifications/{{adapter}}/{{tail:.*}}"),
            ])
            .post(notification::notification)
            .default_service(web::to(post_only)),
        )
        .service(
            web::resource(format!("{root}/{{workflow}}"))
                .post(workflow::workflow)
                .default_service(web::to(post_only)),
        )
        .default_service(web::to(nothing_here));
}

fn configure_health(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/health/live")
                .get(health::live)
                .default_service(web::to(get_only)),
        )
        .service(
            web::resource("/health/ready")
                .get(health::ready)
                .default_service(web::to(get_only)),
        );
}

/// The routes for operators.
pub fn configure_admin(config: &mut web::ServiceConfig) {
    configure_health(config);
    config
        .service(
            web::resource("/metrics")
                .get(admin::metrics)
                .default_service(web::to(get_only)),
        )
        .default_service(web::to(nothing_here));
}

/// Answers `OPTIONS` and marks replies for the configured origins of web pages.
pub fn cors(gateway: Arc<Gateway>) -> Cors {
    let exposed = [
        REQUEST_ID,
        TIMING,
        LOOKUP_COMPLETE,
        WORKFLOW_STATUS,
        WORKFLOW_ID,
    ];
    Cors::default()
        .allowed_origin_fn(move |origin, _| {
            let service = gateway.service();
            let is_origin =
                |allowed: &String| allowed == "*" || allowed.as_bytes() == origin.as_bytes();
            service.cors_origins.iter().any(is_origin)
        })
        .allowed_methods(["GET", "POST"])
        .allow_any_header()
        .expose_headers(exposed)
        .max_age(3600)
}

async fn get_only(request: HttpRequest) -> impl Responder {
    not_allowed(&request, "GET")
}

async fn post_only(request: HttpRequest) -> impl Responder {
    not_allowed(&request, "POST")
}

async fn get_or_post_only(request: HttpRequest) -> impl Responder {
    not_allowed(&request, "GET, POST")
}

async fn nothing_here(request: HttpRequest) -> impl Responder {
    let problem = Problem::new(
        Code::NotFound,
        "Look under root_path: <root>/Lookup, <root>/<workflow>.",
    );
    context::reply(&request, &problem)
}

fn not_allowed(request: &HttpRequest, methods: &'static str) -> impl Responder + use<> {
    let mut problem = Problem::new(Code::MethodNotAllowed, format!("Allowed: {methods}."));
    problem.allow = Some(methods);
    context::reply(request, &problem)
}
