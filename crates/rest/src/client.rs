//! The way to the CRM: signs in, sends a request, and signs in anew when the CRM wants it.

use std::sync::Arc;

use whocalls_core::{AdapterError, AdapterId, BuildContext, CallContext, Operation};
use whocalls_http::{HttpClient, HttpSettings, Reply, RequestBuilder, header::CONTENT_TYPE};

use crate::{
    credential::{Access, Credential, Desk, Pass, Ticket},
    error,
    request::Rendered,
    template::NoText,
};

/// What a request does, as far as sending it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It reads, or changes something in a way that may be repeated.
    Repeatable,
    /// It creates something: when its answer is lost, nobody knows what there is.
    Creates,
}

/// A reply, and with what its request was put together.
#[derive(Debug)]
pub(crate) struct Exchange<R = Reply> {
    pub(crate) reply: R,
    pub(crate) access: Arc<Access>,
}

/// The way to the CRM: connections and credential.
#[derive(Debug)]
pub(crate) struct Client {
    adapter: AdapterId,
    http: HttpClient,
    credential: Credential,
}

impl Client {
    pub(crate) fn new(
        context: &BuildContext,
        settings: &HttpSettings,
        credential: Credential,
    ) -> Self {
        Self {
            adapter: context.id.clone(),
            http: HttpClient::new(context, settings, credential.entrance()),
            credential,
        }
    }

    /// Whether requests carry a credential.
    pub(crate) fn has_credential(&self) -> bool {
        self.credential.is_some()
    }

    /// With what the next request is put together.
    ///
    /// # Errors
    /// Those of a login, which is needed when none took place yet.
    pub(crate) async fn access(&self, cx: &CallContext) -> Result<Arc<Access>, AdapterError> {
        let ticket = self.ticket(cx).await?;
        Ok(Arc::clone(&ticket.access))
    }

    /// Sends the request that `render` makes, and reads the reply, whatever its status.
    ///
    /// `render` is given the address of the CRM and what logging in brought. When `is_refused` says
    /// that the reply asks for another login, and another one can be had, the request is rendered
    /// and sent once more: a CRM that refuses a credential did nothing, so that even a creation may
    /// be repeated.
    ///
    /// # Errors
    /// As [`HttpClient::send`] or, for a creation, [`HttpClient::send_write`]; those of a login; and
    /// that of a request that cannot be put together.
    pub(crate) async fn exchange(
        &self,
        cx: &CallContext,
        how: (Operation, Effect),
        render: impl Fn(&Access) -> Result<Rendered, NoText> + Send + Sync,
        is_refused: impl Fn(&Reply) -> bool + Send + Sync,
    ) -> Result<Exchange, AdapterError> {
        let read = std::future::ready;
        self.exchange_read(cx, how, render, read, is_refused).await
    }

    /// The same for a reply that `read` makes something of before it is judged.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange).
    pub(crate) async fn exchange_read<R: Send, F: Future<Output = R> + Send>(
        &self,
        cx: &CallContext,
        how: (Operation, Effect),
        render: impl Fn(&Access) -> Result<Rendered, NoText> + Send + Sync,
        read: impl Fn(Reply) -> F + Send + Sync,
        is_refused: impl Fn(&R) -> bool + Send + Sync,
    ) -> Result<Exchange<R>, AdapterError> {
        let render = |ticket: &Ticket| {
            render(&ticket.access)
                .map_err(|reason| error::not_rendered(&self.adapter, how.0, reason))
        };
        let mut ticket = self.ticket(cx).await?;
        let mut reply = read(self.send(cx, how, &ticket, render(&ticket)?).await?).await;
        if is_refused(&reply) && self.credential.reject(&ticket) {
            ticket = self.ticket(cx).await?;
            reply = read(self.send(cx, how, &ticket, render(&ticket)?).await?).await;
            if is_refused(&reply) {
                ticket.note_refusal_when_new();
            }
        }
        let access = Arc::clone(&ticket.access);
        Ok(Exchange { reply, access })
    }

    async fn ticket(&self, cx: &CallContext) -> Result<Ticket, AdapterError> {
        let desk = Desk {
            cx,
            http: &self.http,
            adapter: &self.adapter,
        };
        self.credential.ticket(desk).await
    }

    async fn send(
        &self,
        cx: &CallContext,
        (operation, effect): (Operation, Effect),
        pass: &Pass,
        rendered: Rendered,
    ) -> Result<Reply, AdapterError> {
        let request = build(&self.http, operation, rendered, Some(pass))?;
        match effect {
            Effect::Repeatable => self.http.send(cx, operation, request).await,
            Effect::Creates => self.http.send_write(cx, operation, request).await,
        }
    }
}

/// The request as it is sent, with what `pass` carries.
///
/// # Errors
/// As [`HttpClient::request`].
pub(crate) fn build(
    http: &HttpClient,
    operation: Operation,
    rendered: Rendered,
    pass: Option<&Pass>,
) -> Result<RequestBuilder, AdapterError> {
    let mut url = rendered.url;
    if let Some(pass) = pass {
        pass.add_to_url(&mut url);
    }
    let mut request = http.request(operation, rendered.method, url)?;
    for (name, value) in rendered.headers {
        request = request.header(name, value);
    }
    if let Some((content_type, body)) = rendered.body {
        request = request.header(CONTENT_TYPE, content_type).body(body);
    }
    Ok(match pass {
        Some(pass) => pass.add_to_headers(request),
        None => request,
    })
}
