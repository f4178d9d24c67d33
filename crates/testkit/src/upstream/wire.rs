//! Replies that break on the wire, written to the socket by hand, because a proper HTTP server
//! sends no such thing.

use std::{fmt::Write as _, io};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Fault, Response};

/// How the end of a broken reply looks to the peer.
enum End {
    Close,
    Reset,
    Never,
}

/// Sends as much of `reply` as `fault` lets through, and ends the connection as it does.
pub(super) async fn send_broken(
    mut stream: TcpStream,
    reply: &Response,
    fault: Fault,
) -> io::Result<()> {
    let head = head(reply);
    let half_of_the_body = [head.as_bytes(), half(&reply.body)].concat();
    let (sent, end) = match fault {
        Fault::NotHttp => (b"220 mail.example ESMTP ready\r\n".to_vec(), End::Close),
        Fault::ResetInHead => (half(head.as_bytes()).to_vec(), End::Reset),
        Fault::ResetInBody => (half_of_the_body, End::Reset),
        Fault::CutBody => (half_of_the_body, End::Close),
        Fault::HangInBody => (half_of_the_body, End::Never),
        _ => (Vec::new(), End::Close),
    };
    stream.write_all(&sent).await?;
    match end {
        End::Close => {}
        // A zero linger turns the close into a reset.
        End::Reset => stream.set_zero_linger()?,
        // The peer sends nothing more: what ends this is that it leaves.
        End::Never => drop(stream.read(&mut [0]).await?),
    }
    Ok(())
}

fn head(reply: &Response) -> String {
    let mut head = format!("HTTP/1.1 {} Simulated\r\n", reply.status);
    let length = ("content-length".to_owned(), reply.body.len().to_string());
    for (name, value) in reply.headers.iter().chain([&length]) {
        write!(head, "{name}: {value}\r\n").expect("a String takes any text");
    }
    head + "\r\n"
}

fn half(whole: &[u8]) -> &[u8] {
    whole.split_at(whole.len() / 2).0
}
