//! Sending a rendered request.

use whocalls_core::{AdapterError, BuildContext, CallContext, Operation};
use whocalls_http::{
    BaseUrl, HttpClient, HttpSettings, Reply, RequestBuilder, header::CONTENT_TYPE,
};

use crate::{credential::Credential, request::Rendered};

/// The way to the CRM: connections and credential.
#[derive(Debug)]
pub(crate) struct Client {
    http: HttpClient,
    base: BaseUrl,
    credential: Credential,
}

impl Client {
    pub(crate) fn new(
        context: &BuildContext,
        settings: &HttpSettings,
        base: BaseUrl,
        credential: Credential,
    ) -> Self {
        Self {
            http: HttpClient::new(context, settings, &base),
            base,
            credential,
        }
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Whether requests carry a credential.
    pub(crate) fn has_credential(&self) -> bool {
        self.credential.is_some()
    }

    /// Sends a request that may be repeated and reads the reply, whatever its status.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub(crate) async fn send(
        &self,
        cx: &CallContext,
        operation: Operation,
        rendered: Rendered,
    ) -> Result<Reply, AdapterError> {
        let request = self.request(operation, rendered)?;
        self.http.send(cx, operation, request).await
    }

    /// Sends a request that creates something and reads the reply, whatever its status.
    ///
    /// # Errors
    /// As [`HttpClient::send_write`].
    pub(crate) async fn send_write(
        &self,
        cx: &CallContext,
        operation: Operation,
        rendered: Rendered,
    ) -> Result<Reply, AdapterError> {
        let request = self.request(operation, rendered)?;
        self.http.send_write(cx, operation, request).await
    }

    fn request(
        &self,
        operation: Operation,
        rendered: Rendered,
    ) -> Result<RequestBuilder, AdapterError> {
        let mut url = rendered.url;
        self.credential.add_to_url(&mut url);
        let mut request = self.http.request(operation, rendered.method, url)?;
        for (name, value) in rendered.headers {
            request = request.header(name, value);
        }
        if let Some((content_type, body)) = rendered.body {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        Ok(self.credential.add_to_headers(request))
    }
}
