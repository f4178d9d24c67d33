//! One back end on a port: HTTP/1.1 by hand, because it has to be far cheaper than what is
//! measured.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    alarm::Alarm,
    behaviour::{Act, Behaviour},
    shape::{Replies, Wanted},
};

const HEAD_END: &[u8] = b"\r\n\r\n";
const CONTENT_LENGTH: &[u8] = b"content-length:";
/// Asks how many lookups there were.
const COUNT: &[u8] = b"GET /count ";

/// One back end.
#[derive(Debug)]
pub(crate) struct BackEnd {
    pub(crate) replies: Replies,
    pub(crate) behaviour: Behaviour,
    pub(crate) alarm: Alarm,
    pub(crate) lookups: AtomicU64,
}

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, back_end: Arc<BackEnd>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let back_end = Arc::clone(&back_end);
                tokio::spawn(async move {
                    // A client that leaves is no failure.
                    drop(back_end.talk(stream).await);
                });
            }
            // Out of file descriptors: some will be closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

impl BackEnd {
    async fn talk(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut random = fastrand::Rng::new();
        let mut input = Vec::with_capacity(4096);
        let mut output = Vec::with_capacity(2048);
        loop {
            let length = loop {
                if let Some(length) = request_length(&input) {
                    break length;
                }
                if stream.read_buf(&mut input).await? == 0 {
                    return Ok(());
                }
            };
            let arrived = Instant::now();
            output.clear();
            let request = input.get(..length).unwrap_or_default();
            if request.starts_with(COUNT) {
                return stream.write_all(&self.count()).await;
            }
            match self.replies.wanted(request) {
                Wanted::Other(reply) => output.extend(reply),
                Wanted::Contact(digits) => {
                    self.lookups.fetch_add(1, Ordering::Relaxed);
                    match self.behaviour.next(&mut random) {
                        Act::Hang => return until_closed(stream).await,
                        Act::AnswerAfter(delay) => {
                            self.wait(arrived, delay).await;
                            self.replies.contact(digits, &mut output);
                        }
                        Act::FailAfter(delay) => {
                            self.wait(arrived, delay).await;
                            self.replies.failure(&mut output);
                        }
                    }
                }
            }
            input.drain(..length);
            stream.write_all(&output).await?;
        }
    }

    async fn wait(&self, arrived: Instant, delay: Duration) {
        if !delay.is_zero() {
            self.alarm.wait_until(arrived + delay).await;
        }
    }

    fn count(&self) -> Vec<u8> {
        let count = self.lookups.load(Ordering::Relaxed).to_string();
        let length = count.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{count}").into_bytes()
    }
}

async fn until_closed(mut stream: TcpStream) -> io::Result<()> {
    let mut ignored = Vec::new();
    while stream.read_buf(&mut ignored).await? > 0 {
        ignored.clear();
    }
    Ok(())
}

/// The length of the first request, once all of it is there. Requests without length have no body;
/// the clients that ask here send no chunks.
fn request_length(input: &[u8]) -> Option<usize> {
    let head = memmem::find(input, HEAD_END)? + HEAD_END.len();
    let whole = head + body_length(input.get(..head)?);
    (input.len() >= whole).then_some(whole)
}

fn body_length(head: &[u8]) -> usize {
    let mut lines = head.split(|byte| *byte == b'\n');
    let length = lines.find_map(|line| {
        let name = line.get(..CONTENT_LENGTH.len())?;
        let is_length = name.eq_ignore_ascii_case(CONTENT_LENGTH);
        line.get(CONTENT_LENGTH.len()..).filter(|_| is_length)
    });
    let text = length.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_where_its_length_says() {
        let whole = b"POST / HTTP/1.1\r\nhost: x\r\nCONTENT-length: 3 \r\n\r\nabc";
        assert_eq!(request_length(whole), Some(whole.len()));
        for cut in 0..whole.len() {
            assert_eq!(request_length(&whole[..cut]), None);
        }
        let get = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        let two = [&get[..], whole].concat();
        assert_eq!(request_length(&two), Some(get.len()));
    }
}
