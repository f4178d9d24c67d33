//! Sessions of `v4_1`: one for all calls, opened anew when SuiteCRM has ended it.

use std::{fmt::Write, sync::Arc};

use md5::{Digest, Md5};
use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation, Secret};
use whocalls_http::{Credential, CredentialCell, HttpClient, Method};

use super::{
    answer::Answer,
    wire::{Form, IdReply, LoginArguments, NameValue, UserAuth},
};
use crate::config::Account;

/// How the gateway calls itself.
const APPLICATION: &str = "whocalls";

/// The API user at the door of SuiteCRM, and the session that the door was opened with.
#[derive(Debug)]
pub(super) struct Login {
    adapter: AdapterId,
    http: Arc<HttpClient>,
    url: Url,
    username: String,
    /// As it is sent: the MD5 hash, unless `is_plain`.
    password: Secret,
    is_plain: bool,
    cell: CredentialCell<Secret>,
}

impl Login {
    /// A login as `user`, whose password is sent as it is or as its MD5 hash.
    pub(super) fn new(
        adapter: AdapterId,
        http: Arc<HttpClient>,
        url: Url,
        user: Account,
        is_plain: bool,
    ) -> Self {
        Self {
            adapter,
            http,
            url,
            username: user.name,
            password: if is_plain {
                user.secret
            } else {
                Secret::new(md5_hex(user.secret.expose()))
            },
            is_plain,
            cell: CredentialCell::default(),
        }
    }

    /// The adapter's id.
    pub(super) fn adapter(&self) -> &AdapterId {
        &self.adapter
    }

    /// The current session; a new one when there is none. How long one lasts, only the server
    /// knows.
    pub(super) async fn session(
        &self,
        cx: &CallContext,
    ) -> Result<Arc<Credential<Secret>>, AdapterError> {
        let obtain = |_| async move { Ok((self.log_in(cx).await?, None)) };
        self.cell.get(cx, &self.adapter, obtain).await
    }

    /// Tells that SuiteCRM has ended the session.
    pub(super) fn reject(&self, session: &Credential<Secret>) {
        self.cell.reject(session);
    }

    async fn log_in(&self, cx: &CallContext) -> Result<Secret, AdapterError> {
        cx.hide(&self.password);
        let arguments = LoginArguments {
            user_auth: UserAuth {
                user_name: &self.username,
                password: self.password.expose(),
                encryption: self.is_plain.then_some("PLAIN"),
            },
            application_name: APPLICATION,
            name_value_list: [NameValue {
                name: "notifyonsave",
                value: "false",
            }],
        };
        let operation = Operation::Authenticate;
        let request = self
            .http
            .request(operation, Method::POST, self.url.clone())?
            .form(&Form::new("login", &arguments));
        let reply = self.http.send(cx, operation, request).await?;
        let session: IdReply = Answer::read(reply).await?.into_value()?;
        Ok(Secret::new(session.id))
    }
}

/// The form in which SuiteCRM keeps and expects passwords: MD5 (RFC 1321) in hexadecimal digits.
fn md5_hex(text: &str) -> String {
    let mut hex = String::new();
    for byte in Md5::digest(text) {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").unwrap_or_default();
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, A.5.
    #[test]
    fn passwords_are_hashed_as_the_standard_says() {
        for (text, hash) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ] {
            assert_eq!(md5_hex(text), hash);
        }
    }
}
