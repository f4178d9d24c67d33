//! Entries of a list, and the accounts linked with them, as records.

use serde::Deserialize as _;
use serde_json::Value;

use super::wire::{EntryListReply, LinkFields, NameValueList};
use crate::{module::Module, record::Record};

/// The link from a contact to its account, and what of the account is asked for: its id and name,
/// and the fields of the contact that they become.
pub(super) const ACCOUNT_LINK: LinkFields = LinkFields {
    name: "accounts",
    value: ["id", "name"],
};
const ACCOUNT_FIELDS: [(&str, &str); 2] = [("id", "account_id"), ("name", "account_name")];

/// The entries as records; linked accounts stand in a list of their own, in the same order.
pub(super) fn records(module: Module, list: EntryListReply) -> Vec<Record> {
    let links = list.relationship_list.iter().map(Some);
    let links = links.chain(std::iter::repeat(None));
    let entries = list.entry_list.into_iter().zip(links);
    entries
        .map(|(entry, links)| {
            let NameValueList(mut texts) = entry.name_value_list;
            if let Some(NameValueList(mut account)) = links.and_then(linked_account) {
                for (name, field) in ACCOUNT_FIELDS {
                    texts.push(field.to_owned(), account.remove(name));
                }
            }
            Record::new(module, entry.id, texts)
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
    NameValueList::deserialize(first.get("link_value")?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
            .map(|record| {
                (
                    record.texts.get("account_name").unwrap(),
                    record.texts.get("account_id"),
                )
            })
            .collect();
        let unlinked = ("Text AG", None);
        assert_eq!(
            companies,
            [
                ("Linked & Co", Some("a1")),
                unlinked,
                unlinked,
                unlinked,
                unlinked
            ]
        );
    }
}
