//! What identifies the gateway to the CRM, and where its requests go.
//!
//! | module | idea |
//! |---|---|
//! | `pass` | what goes with a request |
//! | `reader`, `fixed` | settings, and credentials that never change |
//! | `login` | credentials that are got, once for all who wait |
//! | `oauth2`, `session` | how they are got |
//! | `captures`, `destination`, `hosts` | what else a login brings, and the address of the CRM |

use std::{fmt, ops::Deref, sync::Arc};

use minijinja::Value;
use whocalls_core::{AdapterError, BuildContext};
use whocalls_http::{BaseUrl, Confidential, Credential as Held};

pub(crate) use destination::Destination;
pub(crate) use login::{Desk, Login};
pub(crate) use pass::{Access, Pass};
pub(crate) use reader::Reader;

use crate::{
    compile::Problems,
    config::{CredentialSettings, Settings},
    scope::Common,
    shared::Shared,
};
use login::Way;
use oauth2::OAuth2;
use session::Session;

mod captures;
mod destination;
mod fixed;
mod hosts;
mod login;
mod oauth2;
mod pass;
mod reader;
mod session;
#[cfg(test)]
mod tests;

/// How requests get their credential, and the address that they go to.
pub(crate) enum Credential {
    /// The same for every request.
    Fixed(Arc<Pass>),
    /// A login brings it.
    Login(Box<Login>),
}

/// The pass of one request.
#[derive(Debug)]
pub(crate) enum Ticket {
    Fixed(Arc<Pass>),
    Held(Arc<Held<Pass>>),
}

impl Credential {
    /// Reads `credential`, `base_url` and `allowed_hosts`. None when they have problems.
    ///
    /// `common.auth` has the names of [`CredentialSettings::auth_names`].
    pub(crate) fn compile(
        settings: &Settings,
        common: &Common<'_>,
        shared: &Arc<Shared>,
        context: &BuildContext,
        problems: &mut Problems,
    ) -> Option<Self> {
        let account = common.account;
        let mut reader = Reader { account, problems };
        let allowed = &settings.allowed_hosts;
        let destination =
            Destination::compile(&settings.base_url, allowed, common.auth, &mut reader);
        let base = destination.as_ref().and_then(Destination::fixed);
        // Where the CRM itself is reached without TLS, its login has nothing to lose.
        let needs_tls = base.is_none_or(BaseUrl::is_tls);
        let way = match &settings.credential {
            CredentialSettings::OAuth2(oauth) => {
                let oauth = OAuth2::compile(oauth, needs_tls, context, &mut reader)?;
                Way::OAuth2(Box::new(oauth))
            }
            CredentialSettings::Session(session) => {
                let session =
                    Session::compile(session, common, Arc::clone(shared), needs_tls, &mut reader);
                Way::Session(Box::new(session))
            }
            fixed => {
                let carried = fixed::compile(fixed, &mut reader);
                let base = destination?.fixed()?.clone();
                let access = Access::new(base, Arc::clone(shared), Value::UNDEFINED);
                return Some(Self::Fixed(Arc::new(Pass::new(
                    access,
                    carried,
                    Vec::new(),
                ))));
            }
        };
        Login::new(way, Arc::clone(shared), destination?, &mut reader)
            .map(|login| Self::Login(Box::new(login)))
    }

    /// An address that requests go to, for the set-up of connections.
    pub(crate) fn entrance(&self) -> &BaseUrl {
        match self {
            Self::Fixed(pass) => pass.access.base(),
            Self::Login(login) => login.entrance(),
        }
    }

    /// Whether there is a credential.
    pub(crate) fn is_some(&self) -> bool {
        match self {
            Self::Fixed(pass) => pass.carries_something(),
            Self::Login(_) => true,
        }
    }

    /// What goes with the next request.
    ///
    /// # Errors
    /// Those of a login, and `Timeout`.
    pub(crate) async fn ticket(&self, desk: Desk<'_>) -> Result<Ticket, AdapterError> {
        match self {
            Self::Fixed(pass) => {
                pass.secrets().for_each(|secret| desk.cx.hide(secret));
                Ok(Ticket::Fixed(Arc::clone(pass)))
            }
            Self::Login(login) => login.pass(desk).await.map(Ticket::Held),
        }
    }

    /// Tells that the CRM refused this. Returns whether another login is worth trying.
    pub(crate) fn reject(&self, ticket: &Ticket) -> bool {
        match (self, ticket) {
            (Self::Login(login), Ticket::Held(held)) if held.value.is_worth_replacing() => {
                login.reject(held);
                true
            }
            _ => false,
        }
    }
}

/// Shows neither secrets nor what they are made of.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(pass) => f.debug_tuple("Fixed").field(pass).finish(),
            Self::Login(login) => f.debug_tuple("Login").field(login.entrance()).finish(),
        }
    }
}

impl Deref for Ticket {
    type Target = Pass;

    fn deref(&self) -> &Pass {
        match self {
            Self::Fixed(pass) => pass,
            Self::Held(held) => &held.value,
        }
    }
}
