//! Requests with a deadline and bounded replies.

use std::{
    path::{Path, PathBuf},
    sync::{Once, OnceLock},
    time::Duration,
};

use bytes::BytesMut;
use reqwest::{Certificate, Client, Method, Request, RequestBuilder, redirect};
use url::Url;
use whocalls_core::{AdapterError, AdapterId, BuildContext, CallContext, ErrorKind, Operation};

use crate::{BaseUrl, HttpSettings, Reply, failure, trace::Exchange};

/// Idle connections are closed before the 60 s after which many load balancers drop them.
const POOL_IDLE: Duration = Duration::from_secs(55);
/// Idle connections kept for each CRM.
const POOL_MAX_IDLE: usize = 64;
/// TCP keep-alive, so that a silently dropped connection is noticed.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// The HTTP client of one adapter, with its own connection pool.
///
/// Built on first use, because building reads certificates and constructing an adapter must do no
/// I/O.
#[derive(Debug)]
pub struct HttpClient {
    adapter: AdapterId,
    settings: HttpSettings,
    ca_file: Option<PathBuf>,
    is_tls: bool,
    client: OnceLock<Result<Client, String>>,
}

impl HttpClient {
    /// A client for the adapter in `context` that talks to `base`.
    pub fn new(context: &BuildContext, settings: &HttpSettings, base: &BaseUrl) -> Self {
        let ca_file = settings.ca_file.as_ref();
        Self {
            adapter: context.id.clone(),
            ca_file: ca_file.map(|path| context.base_dir.join(path)),
            settings: settings.clone(),
            is_tls: base.is_tls(),
            client: OnceLock::new(),
        }
    }

    /// Starts a request.
    ///
    /// # Errors
    /// `Internal` when the client cannot be built: an unreadable `ca_file`, no certificate store.
    pub fn request(
        &self,
        operation: Operation,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder, AdapterError> {
        let client = self.client.get_or_init(|| self.build());
        match client {
            Ok(client) => Ok(client.request(method, url)),
            Err(message) => Err(AdapterError::new(
                ErrorKind::Internal,
                &self.adapter,
                operation,
                message.clone(),
            )),
        }
    }

    /// Sends a request that reads, and reads the reply completely, both by the deadline.
    ///
    /// # Errors
    /// `Timeout`, `Unavailable`, `Protocol` (body over the cap). Statuses are left to the caller:
    /// see [`Reply::success`].
    pub async fn send(
        &self,
        cx: &CallContext,
        operation: Operation,
        request: RequestBuilder,
    ) -> Result<Reply, AdapterError> {
        self.exchange(cx, operation, request, false).await
    }

    /// Sends a request that creates or changes something.
    ///
    /// # Errors
    /// As [`send`](Self::send); `OutcomeUnknown` whenever the CRM may have received the request
    /// and its answer is lost.
    pub async fn send_write(
        &self,
        cx: &CallContext,
        operation: Operation,
        request: RequestBuilder,
    ) -> Result<Reply, AdapterError> {
        self.exchange(cx, operation, request, true).await
    }

    async fn exchange(
        &self,
        cx: &CallContext,
        operation: Operation,
        request: RequestBuilder,
        is_write: bool,
    ) -> Result<Reply, AdapterError> {
        let (client, request) = request.build_split();
        let request = request
            .map_err(|error| failure::of_transport(&self.adapter, operation, error, is_write))?;
        let traced = cx
            .trace
            .as_ref()
            .map(|trace| Exchange::begin(trace, &self.adapter, operation, &request));
        let reply = self.read_reply(operation, &client, request, is_write);
        let result = match tokio::time::timeout_at(cx.deadline, reply).await {
            Ok(result) => result,
            Err(_) if is_write => Err(AdapterError::new(
                ErrorKind::OutcomeUnknown,
                &self.adapter,
                operation,
                "no answer in time; the request may have been carried out",
            )),
            Err(_) => Err(AdapterError::timeout(&self.adapter, operation)),
        };
        if let Some(exchange) = traced {
            exchange.end(&result);
        }
        result
    }

    async fn read_reply(
        &self,
        operation: Operation,
        client: &Client,
        request: Request,
        is_write: bool,
    ) -> Result<Reply, AdapterError> {
        let fail = |error| failure::of_transport(&self.adapter, operation, error, is_write);
        let mut response = client.execute(request).await.map_err(fail)?;
        let mut reply = Reply {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: bytes::Bytes::new(),
            adapter: self.adapter.clone(),
            operation,
            is_write,
        };
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(fail)? {
            if body.len() + chunk.len() > self.settings.max_reply_bytes {
                return Err(reply.error(
                    reply.unreadable(),
                    format!(
                        "the reply is larger than max_reply_bytes ({})",
                        self.settings.max_reply_bytes
                    ),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        reply.body = body.freeze();
        Ok(reply)
    }

    fn build(&self) -> Result<Client, String> {
        install_crypto_provider();
        let mut builder = Client::builder()
            .user_agent(concat!("whocalls/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_millis(self.settings.connect_timeout_ms))
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(POOL_MAX_IDLE)
            .tcp_keepalive(TCP_KEEPALIVE)
            .tcp_nodelay(true);
        builder = match &self.settings.proxy {
            Some(proxy) => builder.proxy(
                reqwest::Proxy::all(proxy).map_err(|_| "http.proxy is not a URL".to_owned())?,
            ),
            None => builder.no_proxy(),
        };
        builder = match &self.ca_file {
            Some(path) => builder.tls_certs_merge(read_certificates(path)?),
            // Without TLS no certificate store is needed, and a minimal machine may have none.
            None if !self.is_tls => builder.tls_certs_only([]),
            None => builder,
        };
        builder.build().map_err(|error| {
            format!("the HTTP client cannot be built: {error}; on Debian, install ca-certificates")
        })
    }
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let unusable = |reason: String| format!("http.ca_file {}: {reason}", path.display());
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    Certificate::from_pem_bundle(&pem).map_err(|_| unusable("no PEM certificates in it".to_owned()))
}

/// Makes ring the process's crypto provider, unless the process chose one already.
pub(crate) fn install_crypto_provider() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let already_chosen = rustls::crypto::ring::default_provider().install_default();
        tracing::trace!(first = already_chosen.is_ok(), "crypto provider");
    });
}
