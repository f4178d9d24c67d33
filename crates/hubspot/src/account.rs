//! Which account it is: what links to its pages are built from (`crm-apis.md` §1.2).

use std::{iter, time::Duration};

use url::Url;
use whocalls_core::{CallContext, Operation, Secret};
use whocalls_http::{Confidential, CredentialCell};

use crate::{api::ObjectType, client::Client, wire::AccountInfo};

/// The host of the pages of an account outside all regions.
const DEFAULT_HOST: &str = "app.hubspot.com";
/// After a failure the account is asked for again this much later.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// An account, as far as links need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    portal_id: u64,
    host: String,
}

impl Account {
    pub(crate) fn of(info: AccountInfo) -> Self {
        let host = info.ui_domain.filter(|host| !host.is_empty());
        Self {
            portal_id: info.portal_id,
            host: host.unwrap_or_else(|| DEFAULT_HOST.to_owned()),
        }
    }

    /// The page of an object.
    pub(crate) fn page(&self, kind: ObjectType, id: &str) -> Option<String> {
        let mut url = Url::parse(&format!("https://{}", self.host)).ok()?;
        let portal_id = self.portal_id.to_string();
        let path = ["contacts", &portal_id, "record", kind.type_id(), id];
        url.path_segments_mut().ok()?.clear().extend(path);
        Some(url.into())
    }
}

/// Nothing of it is secret.
impl Confidential for Account {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        iter::empty()
    }
}

/// The account, read once for all calls that need it.
///
/// The cell for credentials does just that: it shares one read among waiting calls. Failures are
/// remembered for a while too, because no call may fail or wait for the sake of links.
#[derive(Debug, Default)]
pub(crate) struct AccountCell(CredentialCell<Option<Account>>);

impl AccountCell {
    /// The account; `None` when it cannot be read by the deadline.
    pub(crate) async fn get(
        &self,
        cx: &CallContext,
        client: &Client,
        operation: Operation,
    ) -> Option<Account> {
        let read = |_| async {
            Ok(match client.account(cx, operation).await {
                Ok(info) => (Some(Account::of(info)), None),
                Err(error) => {
                    tracing::warn!(%error, "no links: the account cannot be read");
                    (None, Some(RETRY_AFTER))
                }
            })
        };
        let known = self.0.get(cx, &client.adapter, read).await.ok()?;
        known.value.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn account(info: Value) -> Account {
        Account::of(serde_json::from_value(info).unwrap())
    }

    #[test]
    fn pages_stand_on_the_host_of_the_accounts_region() {
        let eu = account(json!({ "portalId": 7_001_234, "uiDomain": "app-eu1.hubspot.com" }));
        assert_eq!(
            eu.page(ObjectType::Contacts, "51").as_deref(),
            Some("https://app-eu1.hubspot.com/contacts/7001234/record/0-1/51")
        );
        let bare = account(json!({ "portalId": 1 }));
        assert_eq!(
            bare.page(ObjectType::Tickets, "a/b").as_deref(),
            Some("https://app.hubspot.com/contacts/1/record/0-5/a%2Fb")
        );
        let odd = account(json!({ "portalId": 1, "uiDomain": "not a host" }));
        assert_eq!(odd.page(ObjectType::Tickets, "1"), None);
    }
}
