//! What broken replies look like to the peer.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use serde_json::json;

use super::{Fault, Request, Response, SimulatedCrm, Upstream};

struct Greeter;

impl SimulatedCrm for Greeter {
    fn respond(&self, _request: &Request) -> Response {
        Response::json(200, &json!({ "greeting": "hello" }))
    }
}

/// How long a reply may take on a busy machine.
const PATIENT: Duration = Duration::from_secs(30);
/// How long nothing comes before it is silence.
const SILENCE: Duration = Duration::from_millis(300);

/// Everything that comes in reply to a request, and how it ends. After `expected`, there may be
/// silence.
fn ask(upstream: &Upstream, expected: &str) -> (String, io::Result<()>) {
    let address = upstream.url().replace("http://", "");
    let mut stream = TcpStream::connect(address).expect("the port is open");
    stream.set_read_timeout(Some(PATIENT)).expect("a timeout");
    let request = b"GET / HTTP/1.1\r\nhost: crm.example\r\nconnection: close\r\n\r\n";
    let mut received = String::new();
    let mut buffer = [0; 1024];
    let ended = stream.write_all(request).and_then(|()| {
        loop {
            if received.contains(expected) {
                stream.set_read_timeout(Some(SILENCE))?;
            }
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                read => received.push_str(&String::from_utf8_lossy(&buffer[..read])),
            }
        }
    });
    (received, ended)
}

#[test]
fn a_broken_reply_ends_where_and_how_its_fault_says() {
    let upstream = Upstream::start(Arc::new(Greeter));
    let reset = Some(io::ErrorKind::ConnectionReset);
    let silent = Some(io::ErrorKind::WouldBlock);
    let cases = [
        (Fault::None, "{\"greeting\":\"hello\"}", None),
        (Fault::LostAnswer, "", None),
        (Fault::NotHttp, "220 mail.example ESMTP ready\r\n", None),
        (Fault::ResetInHead, "HTTP/1.1 200 Simulated", reset),
        (Fault::ResetInBody, "\r\n\r\n{\"greeting", reset),
        (Fault::CutBody, "\r\n\r\n{\"greeting", None),
        (Fault::HangInBody, "\r\n\r\n{\"greeting", silent),
        (Fault::Hang, "", silent),
    ];
    for (fault, expected, end) in cases {
        upstream.control().set_fault(fault);
        let (received, ended) = ask(&upstream, expected);
        assert!(received.contains(expected), "{fault:?}: {received:?}");
        let is_whole = received.ends_with("\"hello\"}");
        assert_eq!(is_whole, fault == Fault::None, "{fault:?}: {received:?}");
        let ended = ended.err().map(|error| error.kind());
        assert_eq!(ended, end, "{fault:?}");
    }
}
