//! The v4_1 interface: forms, sessions, and faults inside HTTP 200 (`crm-apis.md` §3.2).

mod answer;
mod error;
mod login;
mod wire;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;
use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, ErrorKind, Operation};
use whocalls_http::{HttpClient, Method};

use self::{
    answer::Answer,
    login::Login,
    wire::{
        EntryListReply, Form, GetEntry, GetEntryList, GetServerInfo, IdReply, LinkFields,
        NameValueList, ServerInfo, SetEntry,
    },
};
use crate::{
    config::{Account, Settings},
    interface::Interface,
    module::{Module, RecordRef},
    object::NewObject,
    pattern::Pattern,
    record::Record,
    site::Site,
};

/// The link from a contact to its account, and what of the account is asked for: its id and name,
/// and the fields of the contact that they become.
const ACCOUNT_LINK: LinkFields = LinkFields {
    name: "accounts",
    value: ["id", "name"],
};
const ACCOUNT_FIELDS: [(&str, &str); 2] = [("id", "account_id"), ("name", "account_name")];

/// An instance, reached through v4_1.
#[derive(Debug)]
pub(crate) struct V41 {
    http: Arc<HttpClient>,
    url: Url,
    login: Login,
    /// Who asks whom, for the operator.
    account: String,
    /// The fields to ask each module for. Those that it does not have are left out of the answer.
    fields: BTreeMap<Module, Vec<String>>,
}

impl V41 {
    /// The instance at `site`, for a user.
    pub(crate) fn new(
        adapter: AdapterId,
        http: HttpClient,
        site: &Site,
        user: Account,
        is_plain: bool,
        settings: &Settings,
    ) -> Self {
        let http = Arc::new(http);
        let url = site.resource([]);
        let fields = |module: Module| {
            let fields = module.detail_fields().iter().chain(module.phone_fields());
            let names = fields.copied().chain(settings.custom_fields.fields());
            ["id"].into_iter().chain(names).map(str::to_owned).collect()
        };
        let modules = settings.modules.iter();
        Self {
            account: format!("{} as {}", site.api().as_str(), user.name),
            fields: modules.map(|module| (*module, fields(*module))).collect(),
            login: Login::new(adapter, Arc::clone(&http), url.clone(), user, is_plain),
            http,
            url,
        }
    }

    /// Calls a method with the session; when that has ended, once more with a new one. SuiteCRM
    /// checks the session before it does anything, so that even a write is safe to repeat.
    async fn call<A: Serialize + Sync>(
        &self,
        cx: &CallContext,
        operation: Operation,
        method: &'static str,
        arguments: impl Fn(&str) -> A + Send + Sync,
        is_write: bool,
    ) -> Result<Answer, AdapterError> {
        let mut is_retry = false;
        loop {
            let session = self.login.session(cx).await?;
            let form = Form::new(method, &arguments(session.value.expose()));
            let request = self
                .http
                .request(operation, Method::POST, self.url.clone())?
                .form(&form);
            let reply = if is_write {
                self.http.send_write(cx, operation, request).await?
            } else {
                self.http.send(cx, operation, request).await?
            };
            let answer = Answer::read(reply)?;
            if answer.fault() != Some(error::SESSION_ENDED) {
                return Ok(answer);
            }
            self.login.reject(&session);
            if is_retry {
                return Ok(answer);
            }
            is_retry = true;
        }
    }

    /// Reads one record with the fields named; `None` when there is no such record.
    async fn entry(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: &str,
        id: &str,
        field: &str,
    ) -> Result<Option<NameValueList>, AdapterError> {
        let arguments = |session: &str| GetEntry {
            session: session.to_owned(),
            module_name: module.to_owned(),
            id: id.to_owned(),
            select_fields: vec!["id".to_owned(), field.to_owned()],
            link_name_to_fields_array: [],
            track_view: false,
        };
        let answer = self.call(cx, operation, "get_entry", arguments, false).await?;
        let list: EntryListReply = answer.into_list()?;
        let entry = list.entry_list.into_iter().next();
        Ok(entry.map(|entry| entry.name_value_list).filter(|fields| {
            // A record that is not there comes with a warning in place of its fields.
            fields.value("id").is_some()
        }))
    }

    async fn set_entry(
        &self,
        cx: &CallContext,
        object: &NewObject,
    ) -> Result<String, AdapterError> {
        let arguments = |session: &str| SetEntry::new(session, object);
        let operation = Operation::Workflow;
        let answer = self.call(cx, operation, "set_entry", arguments, true).await?;
        let created: IdReply = answer.into_value()?;
        Ok(created.id)
    }

    /// Whether the object is there.
    async fn exists(&self, cx: &CallContext, object: &NewObject) -> Result<bool, AdapterError> {
        let NewObject { module, id, .. } = object;
        let operation = Operation::Workflow;
        let entry = self.entry(cx, operation, module, id, "name").await?;
        Ok(entry.is_some())
    }
}

#[async_trait]
impl Interface for V41 {
    /// `get_server_info`.
    async fn identify(&self, cx: &CallContext) -> Result<String, AdapterError> {
        let arguments = |_: &str| GetServerInfo {};
        let method = "get_server_info";
        let answer = self.call(cx, Operation::Probe, method, arguments, false).await?;
        let info: ServerInfo = answer.into_value()?;
        Ok(format!(
            "{}, {} {}",
            self.account, info.flavor, info.version
        ))
    }

    /// `get_entry_list`.
    async fn find(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: Module,
        pattern: Option<&Pattern>,
        limit: usize,
    ) -> Result<Vec<Record>, AdapterError> {
        let fields = self.fields.get(&module).cloned().unwrap_or_default();
        let links = match module {
            Module::Contacts => vec![ACCOUNT_LINK],
            Module::Leads | Module::Accounts => Vec::new(),
        };
        let arguments = |session: &str| GetEntryList {
            session: session.to_owned(),
            module_name: module.name(),
            query: pattern.map_or_else(String::new, |pattern| where_clause(module, pattern)),
            order_by: format!("{}.date_modified DESC", module.table()),
            offset: 0,
            select_fields: fields.clone(),
            link_name_to_fields_array: links.clone(),
            max_results: limit,
            deleted: 0,
            favorites: false,
        };
        let method = "get_entry_list";
        let answer = self.call(cx, operation, method, arguments, false).await?;
        Ok(records(module, answer.into_list()?))
    }

    /// `get_entry`.
    async fn read(
        &self,
        cx: &CallContext,
        operation: Operation,
        of: RecordRef<'_>,
        field: &str,
    ) -> Result<Option<String>, AdapterError> {
        let module = of.module.name();
        let entry = self.entry(cx, operation, module, of.id, field).await?;
        let entry = entry.ok_or_else(|| {
            let adapter = self.login.adapter();
            let kind = ErrorKind::NotFound;
            AdapterError::new(kind, adapter, operation, crate::error::NO_RECORD)
        })?;
        let mut record = Record::new(of.module, of.id);
        entry.copy_to(&mut record);
        Ok(record.text(field).map(str::to_owned))
    }

    /// `set_entry` with our own id. A second creation under the same id fails in the database,
    /// which looks like any failure inside SuiteCRM; so after one, the object is looked for.
    async fn create(&self, cx: &CallContext, object: &NewObject) -> Result<String, AdapterError> {
        match self.set_entry(cx, object).await {
            // With a status there was an answer, and there is time to ask.
            Err(error) if error.kind == ErrorKind::OutcomeUnknown && error.status.is_some() => {
                match self.exists(cx, object).await {
                    Ok(true) => Ok(object.id.clone()),
                    Ok(false) | Err(_) => Err(error),
                }
            }
            result => result,
        }
    }
}

/// `(contacts.phone_mobile LIKE '%7%9%…' OR …)`: columns and the pattern's digits and `%` are all
/// that is in it. Columns without their table fail in the database (`crm-apis.md` §7).
fn where_clause(module: Module, pattern: &Pattern) -> String {
    let conditions = module.phone_fields().iter().map(|field| {
        let (table, pattern) = (module.table(), pattern.as_str());
        format!("{table}.{field} LIKE '{pattern}'")
    });
    let conditions: Vec<String> = conditions.collect();
    format!("({})", conditions.join(" OR "))
}

/// The entries as records; linked accounts stand in a list of their own, in the same order.
fn records(module: Module, list: EntryListReply) -> Vec<Record> {
    let links = list.relationship_list.iter().map(Some);
    let links = links.chain(std::iter::repeat(None));
    let entries = list.entry_list.into_iter().zip(links);
    entries
        .map(|(entry, links)| {
            let mut record = Record::new(module, entry.id);
            entry.name_value_list.copy_to(&mut record);
            if let Some(account) = links.and_then(linked_account) {
                for (name, field) in ACCOUNT_FIELDS {
                    record.set(field, account.value(name).unwrap_or(&Value::Null));
                }
            }
            record
        })
        .collect()
}

/// The account among the links of one entry:
/// `{"link_list":[{"name":"accounts","records":[{"link_value":{…}}]}]}`.
fn linked_account(links: &Value) -> Option<NameValueList> {
    let links = links.get("link_list")?.as_array()?;
    let accounts = links
        .iter()
        .find(|link| link.get("name").and_then(Value::as_str) == Some(ACCOUNT_LINK.name))?;
    let first = accounts.get("records")?.get(0)?;
    Some(NameValueList(first.get("link_value")?.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use whocalls_testkit::{contacts::SPELLED, number};

    use super::*;

    #[test]
    fn a_query_names_every_phone_column_with_its_table() {
        let pattern = Pattern::of(&number(SPELLED)).unwrap();
        assert_eq!(
            where_clause(Module::Accounts, &pattern),
            "(accounts.phone_office LIKE '%2%1%5%5%2%2%0%0%0%' \
             OR accounts.phone_alternate LIKE '%2%1%5%5%2%2%0%0%0%')"
        );
    }

    #[test]
    fn the_linked_account_is_the_company_and_may_be_missing_in_any_way() {
        let entry = |id: &str| {
            let name = json!({"account_name": {"name": "account_name", "value": "Text AG"}});
            json!({"id": id, "name_value_list": name})
        };
        let link = json!({"link_value": {
            "id": {"name": "id", "value": "a1"}, "name": {"name": "name", "value": "Linked &amp; Co"},
        }});
        let list = json!({
            "entry_list": [entry("c1"), entry("c2"), entry("c3"), entry("c4"), entry("c5")],
            "relationship_list": [
                {"link_list": [{"name": "accounts", "records": [link]}]},
                {"link_list": [{"name": "accounts", "records": []}]},
                {"link_list": []},
                [],
            ],
        });
        let records = records(Module::Contacts, serde_json::from_value(list).unwrap());
        let companies: Vec<_> = records
            .iter()
            .map(|record| (record.text("account_name").unwrap(), record.text("account_id")))
            .collect();
        let unlinked = ("Text AG", None);
        assert_eq!(
            companies,
            [("Linked & Co", Some("a1")), unlinked, unlinked, unlinked, unlinked]
        );
    }
}
