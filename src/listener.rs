//! Where clients connect to.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that wait until they are accepted. The standard library's 128 are fewer than the
/// telephones of a large ring group: of those beyond, the system lets each try again after a second.
/// The system's own limit (`net.core.somaxconn`) is 4,096 on current Linux.
const BACKLOG: i32 = 4096;

/// Opens a port.
///
/// # Errors
/// When the address is in use or not one of this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    // As the standard library does it: a restart need not wait for the last connections.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    /// More than the standard library lets wait.
    const TELEPHONES: usize = 500;

    #[test]
    fn a_whole_ring_group_connects_before_anybody_is_accepted() {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let patience = std::time::Duration::from_mins(1);
        let connected = (0..TELEPHONES).map(|_| TcpStream::connect_timeout(&address, patience));
        let connected: Vec<_> = connected.map(Result::unwrap).collect();
        // One that had to wait for a place in the queue is not in it.
        for _ in &connected {
            listener.accept().unwrap();
        }
    }
}
