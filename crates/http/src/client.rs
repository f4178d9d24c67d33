//! Requests with a deadline and bounded replies.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Method, Request, RequestBuilder, Response, redirect};
use rustls::ClientConfig;
use url::Url;
use whocalls_core::{AdapterError, AdapterId, BuildContext, CallContext, ErrorKind, Operation};

use crate::{
    BaseUrl, HttpSettings, Reply, failure, once::get_or_try, pools::Pools, tls, trace::Exchange,
};

/// Idle connections are closed before the 60 s after which many load balancers drop them.
const POOL_IDLE: Duration = Duration::from_secs(55);
/// Idle connections kept for each CRM in each pool.
const POOL_MAX_IDLE: usize = 64;
/// TCP keep-alive, so that a silently dropped connection is noticed.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// The HTTP client of one adapter, with its own connections.
///
/// Built on first use, because building reads certificates and constructing an adapter must do no
/// I/O.
#[derive(Debug)]
pub struct HttpClient {
    adapter: AdapterId,
    settings: HttpSettings,
    ca_file: Option<PathBuf>,
    is_tls: bool,
    tls: OnceLock<ClientConfig>,
    pools: Pools,
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
            tls: OnceLock::new(),
            pools: Pools::default(),
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
        let client = self.pools.client(|| self.build()).map_err(|message| {
            AdapterError::new(ErrorKind::Internal, &self.adapter, operation, message)
        })?;
        Ok(client.request(method, url))
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
        let reply = Reply {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: Bytes::new(),
            adapter: self.adapter.clone(),
            operation,
            is_write,
        };
        if let Some(body) = self.read_body(response).await.map_err(fail)? {
            return Ok(Reply { body, ..reply });
        }
        let max = self.settings.max_reply_bytes;
        let message = format!("the reply is larger than max_reply_bytes ({max})");
        Err(reply.error(reply.unreadable(), message))
    }

    /// The whole body; `None` when it is larger than allowed.
    async fn read_body(&self, mut response: Response) -> Result<Option<Bytes>, reqwest::Error> {
        let max = self.settings.max_reply_bytes;
        // Most bodies come in one piece, which need not be copied.
        let Some(first) = response.chunk().await? else {
            return Ok(Some(Bytes::new()));
        };
        let mut whole: Option<BytesMut> = None;
        let mut length = first.len();
        while let Some(chunk) = response.chunk().await? {
            length += chunk.len();
            if length > max {
                return Ok(None);
            }
            let whole = whole.get_or_insert_with(|| BytesMut::from(&*first));
            whole.extend_from_slice(&chunk);
        }
        let body = whole.map_or(first, BytesMut::freeze);
        Ok(Some(body).filter(|body| body.len() <= max))
    }

    fn build(&self) -> Result<Client, String> {
        let tls = get_or_try(&self.tls, || {
            if self.is_tls || self.ca_file.is_some() {
                tls::trusting(self.ca_file.as_deref())
            } else {
                tls::trusting_nobody()
            }
        })?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls.clone())
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
        builder
            .build()
            .map_err(|error| format!("the HTTP client cannot be built: {error}"))
    }
}
