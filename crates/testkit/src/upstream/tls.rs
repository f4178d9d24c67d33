//! TLS in front of a simulated server, with a certificate that nobody trusts unless told to.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime,
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use super::Upstream;

/// A running TLS server on 127.0.0.1 that passes what it decrypts on to an [`Upstream`], as a
/// reverse proxy does. Its certificate is valid, and signed by itself. Stops when dropped.
#[derive(Debug)]
pub struct TlsFront {
    address: SocketAddr,
    certificate: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TlsFront {
    /// Starts in front of `upstream`, on a free port.
    pub fn start(upstream: &Upstream) -> Self {
        let names = vec![Ipv4Addr::LOCALHOST.to_string()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks them")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .expect("the key of the certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let behind = upstream.address();
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                    .await
                    .expect("a free port");
                let address = listener.local_addr().expect("bound");
                bound.send(address).expect("the test waits");
                tokio::select! {
                    () = accept(&listener, &acceptor, behind) => {}
                    _stopped = stopped => {}
                }
            });
        });
        Self {
            address: address.recv().expect("the server starts"),
            certificate: cert.pem(),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The server's URL without path: `https://127.0.0.1:49152`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The certificate in PEM form, for those who are to trust it.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the server has been printed; the test fails by what it asserts.
            drop(thread.join());
        }
    }
}

async fn accept(listener: &TcpListener, acceptor: &TlsAcceptor, behind: SocketAddr) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A peer that refuses the certificate, or goes away, is part of the tests.
            if let Ok(mut decrypted) = acceptor.accept(stream).await
                && let Ok(mut server) = TcpStream::connect(behind).await
            {
                drop(copy_bidirectional(&mut decrypted, &mut server).await);
            }
        });
    }
}
