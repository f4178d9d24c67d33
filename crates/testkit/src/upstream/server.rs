//! The life of a simulated server: a thread with a runtime of its own, so that it works from any
//! kind of test and keeps running when a test pauses its clock.

use std::{
    io::ErrorKind::AddrInUse,
    net::SocketAddr,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    runtime,
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{Control, Fault, SimulatedCrm, connection, control::SWITCH};
use crate::port::ReservedPort;

/// A running simulated server on 127.0.0.1. Stops when dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    control: Arc<Control>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Upstream {
    /// Starts `crm` on a free port.
    pub fn start(crm: Arc<dyn SimulatedCrm>) -> Self {
        let control = Arc::new(Control::default());
        // Stays this server's while it refuses connections.
        let port = ReservedPort::new();
        let address = port.address();
        let (stop, stopped) = oneshot::channel();
        let (listening, is_listening) = std::sync::mpsc::channel();
        let for_thread = Arc::clone(&control);
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let listener = listen(&port).await;
                listening.send(()).expect("the test waits");
                tokio::select! {
                    () = accept(listener, &port, crm, for_thread) => {}
                    _stopped = stopped => {}
                }
            });
        });
        is_listening.recv().expect("the server starts");
        Self {
            address,
            control,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The server's URL without path: `http://127.0.0.1:49152`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same address with `https`. The server speaks no TLS, so every handshake fails.
    pub fn tls_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The same port of a host that no name server knows (RFC 6761 §6.4).
    pub fn unknown_host_url(&self) -> String {
        format!("http://crm.invalid:{}", self.address.port())
    }

    /// The address without scheme.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Steering and observation.
    pub fn control(&self) -> &Arc<Control> {
        &self.control
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the server has been printed; the test fails by what it asserts.
            drop(thread.join());
        }
    }
}

/// Opens the port, which is free, or will be: a process that is being started has copies of all
/// sockets up to the moment when it runs its own program, also of those that are closed here
/// meanwhile.
async fn listen(port: &ReservedPort) -> TcpListener {
    let patience = Instant::now() + SWITCH;
    loop {
        match TcpListener::bind(port.address()).await {
            Err(error) if error.kind() == AddrInUse && Instant::now() < patience => {
                sleep(Duration::from_millis(1)).await;
            }
            listener => return listener.expect("the port is reserved"),
        }
    }
}

async fn accept(
    mut listener: TcpListener,
    port: &ReservedPort,
    crm: Arc<dyn SimulatedCrm>,
    control: Arc<Control>,
) {
    let mut fault = control.watch_fault();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => Some(accepted),
            _refuse = fault.wait_for(|fault| *fault == Fault::Refused) => None,
        };
        let Some(accepted) = accepted else {
            drop(listener);
            control.set_listening(false);
            drop(
                fault
                    .wait_for(|fault| *fault != Fault::Refused)
                    .await
                    .expect("control lives"),
            );
            listener = listen(port).await;
            control.set_listening(true);
            continue;
        };
        let Ok((stream, _)) = accepted else { continue };
        if control.fault() == Fault::Reset {
            // A zero linger turns the close into a reset.
            stream.set_zero_linger().expect("a TCP option");
            continue;
        }
        tokio::spawn(connection::serve(
            stream,
            Arc::clone(&crm),
            Arc::clone(&control),
        ));
    }
}
