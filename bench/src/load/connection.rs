//! One connection to the program under load: HTTP/1.1 by hand, without allocation for a request.

use std::{io, net::SocketAddr};

use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::numbers;

const HEAD_END: &[u8] = b"\r\n\r\n";
const CONTENT_LENGTH: &[u8] = b"content-length: ";
const INCOMPLETE: &[u8] = b"x-lookup-complete: false";

/// Where lookups go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    address: SocketAddr,
    before: Vec<u8>,
    after: Vec<u8>,
}

/// The reply to a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Says that not every CRM contributed.
    pub(crate) is_partial: bool,
    pub(crate) body_length: usize,
}

impl Target {
    /// A gateway at this address that asks for this token.
    pub(crate) fn gateway(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            before: b"GET /Lookup?PhoneNumber=41".to_vec(),
            after: format!(" HTTP/1.1\r\nHost: {address}\r\nX-Execution-Token: {token}\r\n\r\n")
                .into_bytes(),
        }
    }

    /// A REST back end itself, to see what it and the generator add.
    pub(crate) fn back_end(address: SocketAddr) -> Self {
        Self {
            address,
            before: b"GET /api/contacts?phone=".to_vec(),
            after: format!("&perPage=50 HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes(),
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    output: Vec<u8>,
    input: Vec<u8>,
    body_start: usize,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(target: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            output: Vec::new(),
            input: Vec::with_capacity(2048),
            body_start: 0,
        })
    }

    /// Looks up the number with this index. The connection must not be used after an error.
    pub(crate) async fn ask(&mut self, target: &Target, index: u64) -> io::Result<Reply> {
        self.output.clear();
        self.output.extend_from_slice(&target.before);
        self.output.extend_from_slice(&numbers::digits(index));
        self.output.extend_from_slice(&target.after);
        self.stream.write_all(&self.output).await?;
        self.input.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if head.is_none() {
                head = read_head(&self.input)?;
            }
            let Some((start, reply)) = head else { continue };
            if self.input.len() >= start + reply.body_length {
                self.body_start = start;
                return Ok(reply);
            }
        }
    }

    /// The body of the last reply.
    pub(crate) fn body(&self) -> &[u8] {
        self.input.get(self.body_start..).unwrap_or_default()
    }
}

/// Where the body starts, and what the head says; `None` until it is complete.
fn read_head(input: &[u8]) -> io::Result<Option<(usize, Reply)>> {
    let Some(end) = memmem::find(input, HEAD_END) else {
        return Ok(None);
    };
    let head = input.get(..end).unwrap_or_default().to_ascii_lowercase();
    let number = |text: Option<&[u8]>| -> Option<usize> {
        let digits = text?.split(|byte| !byte.is_ascii_digit()).next()?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    };
    let status = number(head.get("http/1.1 ".len()..));
    let length = memmem::find(&head, CONTENT_LENGTH);
    let length = number(length.and_then(|at| head.get(at + CONTENT_LENGTH.len()..)));
    let (Some(status), Some(body_length)) = (status, length) else {
        return Err(io::Error::other("a reply without status or Content-Length"));
    };
    let reply = Reply {
        status: u16::try_from(status).unwrap_or(0),
        is_partial: memmem::find(&head, INCOMPLETE).is_some(),
        body_length,
    };
    Ok(Some((end + HEAD_END.len(), reply)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_tells_status_length_and_completeness() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Lookup-Complete: false\r\n\r\n[";
        let (start, reply) = read_head(text).unwrap().unwrap();
        assert_eq!(start, text.len() - 1);
        let expected = Reply {
            status: 200,
            is_partial: true,
            body_length: 12,
        };
        assert_eq!(reply, expected);
        assert!(read_head(b"HTTP/1.1 200 OK\r\n").unwrap().is_none());
        assert!(read_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
