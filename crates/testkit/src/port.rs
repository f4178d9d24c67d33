//! Ports of servers that are not there all the time.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A port of 127.0.0.1 that is this test's as long as this lives, whether a server listens there or
/// not. A port that is only free at the moment may be another test's before the server is back.
///
/// A socket that is bound and does not listen keeps it: connections are refused, and a server that
/// sets `SO_REUSEADDR`, as servers do, may listen beside it (Linux, socket(7)). Elsewhere the port is
/// only one that was free a moment ago.
#[derive(Debug)]
pub struct ReservedPort {
    port: u16,
    _keeper: Option<TcpSocket>,
}

impl ReservedPort {
    /// Takes a free port.
    #[expect(clippy::new_without_default, reason = "each is another port")]
    pub fn new() -> Self {
        let keeper = TcpSocket::new_v4().expect("a socket");
        keeper.set_reuseaddr(true).expect("a TCP option");
        let any_port = (Ipv4Addr::LOCALHOST, 0).into();
        keeper.bind(any_port).expect("a free port");
        Self {
            port: keeper.local_addr().expect("bound").port(),
            _keeper: cfg!(target_os = "linux").then_some(keeper),
        }
    }

    /// The port.
    pub fn number(&self) -> u16 {
        self.port
    }

    /// The port with its host.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[test]
    fn connections_are_refused_except_while_a_server_listens() {
        let port = ReservedPort::new();
        let connect = || TcpStream::connect(port.address()).map_err(|error| error.kind());
        for _ in 0..3 {
            let refused = connect().expect_err("nobody listens");
            assert_eq!(refused, io::ErrorKind::ConnectionRefused);
            let server = TcpListener::bind(port.address()).expect("beside the keeper");
            let connection = connect().expect("the server listens");
            // What the last connection leaves behind keeps nobody from listening again.
            drop((server, connection));
        }
    }
}
