//! Credentials that are got: when, and once for all who wait.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use minijinja::Value;
use whocalls_core::{AdapterError, AdapterId, CallContext, Secret};
use whocalls_http::{BaseUrl, Credential as Held, CredentialCell, HttpClient};

use super::{
    destination::Destination,
    oauth2::OAuth2,
    pass::{Access, Carried, Pass},
    reader::Reader,
    session::Session,
};
use crate::shared::Shared;

/// What a login needs to send its requests.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) cx: &'a CallContext,
    pub(crate) http: &'a HttpClient,
    pub(crate) adapter: &'a AdapterId,
}

/// What a login brought.
pub(super) struct Brought {
    pub(super) carried: Carried,
    /// The variable `auth`, by name.
    pub(super) auth: Vec<(String, Secret)>,
    /// How long all that is used; none: until the CRM refuses it.
    pub(super) use_for: Option<Duration>,
}

/// How one logs in.
pub(super) enum Way {
    OAuth2(Box<OAuth2>),
    Session(Box<Session>),
}

/// A credential that a login brings.
pub(crate) struct Login {
    way: Way,
    shared: Arc<Shared>,
    destination: Destination,
    /// An address through which the connections can be set up.
    entrance: BaseUrl,
    cell: CredentialCell<Pass>,
}

impl Login {
    /// The login to the CRM at `destination`. None when they do not fit together.
    pub(super) fn new(
        way: Way,
        shared: Arc<Shared>,
        mut destination: Destination,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let login_url = match &way {
            Way::OAuth2(oauth) => Some(oauth.url().clone()),
            Way::Session(session) => session.login_url().map(|base| base.join([])),
        };
        if let Some(url) = &login_url {
            destination.allow(url);
        }
        let entrance = match (destination.fixed(), login_url) {
            (Some(base), None) => base.clone(),
            (Some(base), Some(_)) if base.is_tls() => base.clone(),
            (_, Some(url)) => {
                let origin = url.origin().ascii_serialization();
                BaseUrl::parse("credential", &origin).ok()?
            }
            (None, None) => {
                reader.problems.add(
                    "credential.login_url",
                    "this setting is needed where base_url uses `auth`: it says where to log in",
                );
                return None;
            }
        };
        Some(Self {
            way,
            shared,
            destination,
            entrance,
            cell: CredentialCell::default(),
        })
    }

    /// An address that requests go to, for the set-up of connections.
    pub(super) fn entrance(&self) -> &BaseUrl {
        &self.entrance
    }

    /// Tells that the CRM refused a pass.
    pub(super) fn reject(&self, pass: &Held<Pass>) {
        self.cell.reject(pass);
    }

    /// The current pass; when there is none, or it is used up, one call logs in for all.
    ///
    /// # Errors
    /// Those of the login, and `Timeout`.
    pub(super) async fn pass(&self, desk: Desk<'_>) -> Result<Arc<Held<Pass>>, AdapterError> {
        let obtain = |_| Box::pin(self.obtain(desk));
        self.cell.get(desk.cx, desk.adapter, obtain).await
    }

    async fn obtain(&self, desk: Desk<'_>) -> Result<(Pass, Option<Duration>), AdapterError> {
        let brought = match &self.way {
            Way::OAuth2(oauth) => oauth.log_in(desk, &self.shared).await?,
            Way::Session(session) => session.log_in(desk, &self.destination).await?,
        };
        let auth = auth_value(&brought.auth);
        let base = self.destination.resolve(&auth, desk.adapter)?;
        let secrets = brought.auth.into_iter().map(|(_, value)| value);
        // A trace without addresses would be of no use.
        let secrets = secrets.filter(|value| !is_address(value)).collect();
        let pass = Pass::new(
            Access::new(base, Arc::clone(&self.shared), auth),
            brought.carried,
            secrets,
        );
        Ok((pass, brought.use_for))
    }
}

/// The variable `auth`.
pub(super) fn auth_value(auth: &[(String, Secret)]) -> Value {
    let pairs = auth.iter();
    let pairs = pairs.map(|(name, value)| (name.clone(), value.expose().to_owned()));
    pairs.collect::<BTreeMap<_, _>>().into()
}

fn is_address(value: &Secret) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| value.expose().starts_with(scheme))
}
