//! The modules of Sugar that hold people and companies, and what differs between them.

use std::{collections::BTreeSet, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whocalls_core::RecordKind;

/// A Sugar module that is searched for callers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub(crate) enum Module {
    /// People of customers and partners.
    Contacts,
    /// People who are not customers yet.
    Leads,
    /// Companies.
    Accounts,
}

/// The phone fields of people. Fax numbers are left out: whole companies share them, and nobody
/// calls from one (field names: `crm-apis.md` §2.3).
const PERSON_PHONES: &[&str] = &[
    "phone_mobile",
    "phone_work",
    "phone_home",
    "phone_other",
    "assistant_phone",
];
const ACCOUNT_PHONES: &[&str] = &["phone_office", "phone_alternate"];
/// What a card shows of people, besides the phone fields.
const PERSON_FIELDS: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "account_id",
    "account_name",
    "email",
];
const ACCOUNT_FIELDS: &[&str] = &["name", "email"];

impl Module {
    /// All modules.
    pub(crate) const ALL: [Self; 3] = [Self::Contacts, Self::Leads, Self::Accounts];

    /// All modules, as the settings have them.
    pub(crate) fn all() -> BTreeSet<Self> {
        Self::ALL.into()
    }

    /// The name in addresses and record ids.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Contacts => "Contacts",
            Self::Leads => "Leads",
            Self::Accounts => "Accounts",
        }
    }

    /// The module of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|module| module.name() == name)
    }

    /// The module of a record's PHP class, such as `Contact`, or the module of that name, in any
    /// letter case.
    pub(crate) fn of_bean(bean: &str) -> Option<Self> {
        let is_meant = |module: &Self| {
            let name = module.name();
            let singular = name.strip_suffix('s').unwrap_or(name);
            bean.eq_ignore_ascii_case(name) || bean.eq_ignore_ascii_case(singular)
        };
        Self::ALL.into_iter().find(is_meant)
    }

    /// What a record of the module stands for.
    pub(crate) const fn kind(self) -> RecordKind {
        match self {
            Self::Contacts => RecordKind::Contact,
            Self::Leads => RecordKind::Lead,
            Self::Accounts => RecordKind::Company,
        }
    }

    /// The fields that hold phone numbers.
    pub(crate) const fn phone_fields(self) -> &'static [&'static str] {
        match self {
            Self::Contacts | Self::Leads => PERSON_PHONES,
            Self::Accounts => ACCOUNT_PHONES,
        }
    }

    /// The fields that a contact of whocalls is made of, besides the phone fields.
    pub(crate) const fn detail_fields(self) -> &'static [&'static str] {
        match self {
            Self::Contacts | Self::Leads => PERSON_FIELDS,
            Self::Accounts => ACCOUNT_FIELDS,
        }
    }

    /// Whether records of the module belong to an account.
    pub(crate) const fn is_person(self) -> bool {
        !matches!(self, Self::Accounts)
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A record id of this adapter: `Contacts/<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordRef<'a> {
    /// The module.
    pub(crate) module: Module,
    /// Sugar's own id.
    pub(crate) id: &'a str,
}

impl<'a> RecordRef<'a> {
    /// Reads a record id; `None` when it is none of this adapter's.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (module, id) = text.split_once('/')?;
        let module = Module::named(module)?;
        (!id.is_empty()).then_some(Self { module, id })
    }
}

impl fmt::Display for RecordRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.module, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_names_its_module() {
        let id = RecordRef::parse("Leads/7d1c-2").unwrap();
        assert_eq!((id.module, id.id), (Module::Leads, "7d1c-2"));
        assert_eq!(id.to_string(), "Leads/7d1c-2");
        for foreign in ["", "7d1c", "Leads/", "/7d1c", "Cases/1", "leads/1"] {
            assert_eq!(RecordRef::parse(foreign), None, "{foreign}");
        }
    }
}
