//! One connection to a simulated server: HTTP/1.1 with faults applied.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::sleep};

use super::{Control, Fault, Request, Response, SimulatedCrm, wire};

const DRIP_INTERVAL: Duration = Duration::from_millis(250);
const HTML_PAGE: &str = "<!doctype html><title>Sign in</title><form></form>";
const OVERSIZED_BYTES: usize = 20 * 1024 * 1024;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Serves a connection until the peer closes it, a reply breaks it, or the server is to refuse or
/// reset connections.
pub(super) async fn serve(stream: TcpStream, crm: Arc<dyn SimulatedCrm>, control: Arc<Control>) {
    let mut fault = control.watch_fault();
    let broken = OnceLock::new();
    let service = service_fn(|request| async {
        match answer(request, &*crm, &control).await? {
            (reply, fault) if fault.breaks_reply() => {
                broken.get_or_init(|| (reply, fault));
                // An error of the service ends the connection without a reply.
                Err(io::Error::other("told to break the connection"))
            }
            (reply, fault) => Ok(encode(reply, fault == Fault::Drip)),
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A peer that goes away in the middle of a request is part of the tests.
        _ended = &mut connection => {}
        _cut = fault.wait_for(|fault| fault.is_disconnected()) => return,
    }
    if let Some((reply, fault)) = broken.get() {
        let stream = connection.into_parts().io.into_inner();
        drop(wire::send_broken(stream, reply, *fault).await);
    }
}

/// The reply, and the fault that it suffers from.
async fn answer(
    request: hyper::Request<Incoming>,
    crm: &dyn SimulatedCrm,
    control: &Control,
) -> io::Result<(Response, Fault)> {
    let request = read(request).await.map_err(io::Error::other)?;
    control.record(request.clone());
    control.released().await;
    let fault = control.fault();
    if let Fault::Slow(delay) = fault {
        sleep(delay).await;
    }
    let reply = match fault {
        // Of a disconnected server nobody hears; the connection is cut by its caller.
        Fault::Hang | Fault::Refused | Fault::Reset => std::future::pending().await,
        Fault::Status(status) => Response::status(status),
        Fault::RateLimited(None) => Response::status(429),
        Fault::RateLimited(Some(seconds)) => {
            Response::status(429).with_header("retry-after", &seconds.to_string())
        }
        Fault::Expired => crm.refuse(&request),
        Fault::Html => html(HTML_PAGE.into()),
        Fault::Mislabelled => html(crm.respond(&request).body),
        Fault::Garbage => body(Bytes::from_static(&[0xff, 0xfe, 0x00, 0x80, 0x7b])),
        Fault::Oversized => body(vec![b' '; OVERSIZED_BYTES].into()),
        Fault::Truncated => {
            let mut whole = crm.respond(&request);
            whole.body.truncate(whole.body.len() / 2);
            whole
        }
        _ => crm.respond(&request),
    };
    Ok((reply, fault))
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, hyper::Error> {
    let (head, body) = request.into_parts();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: body.collect().await?.to_bytes(),
    })
}

fn html(body: Bytes) -> Response {
    Response {
        status: 200,
        headers: vec![("content-type".into(), "text/html".into())],
        body,
    }
}

fn body(bytes: Bytes) -> Response {
    Response {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: bytes,
    }
}

fn encode(response: Response, drip: bool) -> hyper::Response<Body> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let body = if drip {
        let bytes = stream::iter(response.body).then(|byte| async move {
            sleep(DRIP_INTERVAL).await;
            Ok(Frame::data(Bytes::from(vec![byte])))
        });
        StreamBody::new(bytes.boxed())
            .map_err(|never: Infallible| match never {})
            .boxed_unsync()
    } else {
        Full::new(response.body).boxed_unsync()
    };
    builder
        .body(body)
        .expect("simulated CRMs send valid headers")
}
