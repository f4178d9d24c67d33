//! The limit of a cache hit: actix-web returns a reply that is ready.

use actix_web::{HttpResponse, web};
use hyper::body::Bytes;

use super::serve;

/// Serves `reply` until it is stopped.
///
/// # Errors
/// When the port is in use.
pub(crate) fn run(port: u16, reply: Vec<u8>) -> anyhow::Result<()> {
    let reply = Bytes::from(reply);
    serve(port, move |config| {
        config.app_data(web::Data::new(reply.clone()));
        config.route("/Lookup", web::get().to(lookup));
    })
}

async fn lookup(reply: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(Bytes::clone(&reply))
}
