//! The limit of a miss: asks the back ends over a bare hyper client, maps their replies, and does
//! nothing else. One client and connection pool for each worker.

use std::{rc::Rc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context;
use futures::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Uri,
    body::Bytes,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::{PORT_ON_LOOPBACK, reply, serve};
use crate::{backends::Shape, programs::Adapter};

/// What comes before the national digits in the number that is asked for.
const COUNTRY: &str = "41";

/// One worker's part.
struct Worker {
    client: Client<HttpConnector, Full<Bytes>>,
    adapters: Vec<Adapter>,
    timeout: Duration,
}

/// Serves until it is stopped.
///
/// # Errors
/// When the port is in use.
pub(crate) fn run(port: u16, adapters: &[Adapter], timeout: Duration) -> anyhow::Result<()> {
    let adapters = adapters.to_vec();
    serve(port, move |config| {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let worker = Worker {
            client: Client::builder(TokioExecutor::new()).build(connector),
            adapters: adapters.clone(),
            timeout,
        };
        config.app_data(web::Data::new(Rc::new(worker)));
        config.route("/Lookup", web::get().to(lookup));
    })
}

async fn lookup(request: HttpRequest, worker: web::Data<Rc<Worker>>) -> HttpResponse {
    let query = request.query_string();
    let Some(digits) = query.strip_prefix("PhoneNumber=") else {
        return HttpResponse::BadRequest().finish();
    };
    let digits = digits.strip_prefix(COUNTRY).unwrap_or(digits);
    let asked = worker.adapters.iter().map(|adapter| async {
        let answer = tokio::time::timeout(worker.timeout, worker.ask(adapter, digits)).await;
        answer.ok()?.ok()
    });
    let answers = join_all(asked).await;
    let is_complete = answers.iter().all(Option::is_some);
    let answers = worker.adapters.iter().zip(&answers);
    let body = reply::of(answers.filter_map(|(adapter, body)| Some((adapter, body.as_deref()?))));
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((
            "X-Lookup-Complete",
            if is_complete { "true" } else { "false" },
        ))
        .body(body)
}

impl Worker {
    async fn ask(&self, adapter: &Adapter, digits: &str) -> anyhow::Result<Bytes> {
        let reply = self.client.request(request(adapter, digits)?).await?;
        anyhow::ensure!(reply.status().is_success(), "{}", reply.status());
        let body = reply.into_body().collect().await;
        Ok(body.context("half a reply")?.to_bytes())
    }
}

/// The request that the gateway's adapter of this kind sends, without its frills.
fn request(adapter: &Adapter, digits: &str) -> anyhow::Result<Request<Full<Bytes>>> {
    let url = |rest: String| -> anyhow::Result<Uri> {
        Ok(format!("http://{PORT_ON_LOOPBACK}:{}{rest}", adapter.port).parse()?)
    };
    let post = |path: &str, body: String| -> anyhow::Result<Request<Full<Bytes>>> {
        Ok(Request::builder()
            .method(Method::POST)
            .uri(url(path.to_owned())?)
            .header(AUTHORIZATION, "Bearer bench")
            .header(CONTENT_TYPE, "application/json")
            .body(body.into())?)
    };
    match adapter.shape {
        Shape::Sugar => post(
            "/rest/v11/globalsearch",
            format!(
                r#"{{"q":"{digits}","module_list":"Contacts,Leads,Accounts","max_num":20,"offset":0,"highlights":false}}"#
            ),
        ),
        Shape::HubSpot => post(
            "/crm/objects/2026-09/contacts/search",
            format!(
                r#"{{"filterGroups":[{{"filters":[{{"propertyName":"hs_searchable_calculated_phone_number","operator":"EQ","value":"{digits}"}}]}}],"properties":["firstname","lastname","company","associatedcompanyid"],"limit":20}}"#
            ),
        ),
        Shape::Rest => Ok(Request::builder()
            .uri(url(format!("/api/contacts?phone={digits}&perPage=50"))?)
            .header(AUTHORIZATION, "Bearer bench")
            .body(Full::default())?),
    }
}
