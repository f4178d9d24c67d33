//! Object types, API versions and the one place that knows the paths of both layouts
//! (`crm-apis.md` §1.0).

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A type of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectType {
    Contacts,
    Companies,
    Leads(LeadsObject),
    Calls,
    Tickets,
}

/// How paths name the leads: the setting `leads_object`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum LeadsObject {
    /// `leads`.
    #[default]
    #[serde(rename = "leads")]
    Name,
    /// `0-136`.
    #[serde(rename = "0-136")]
    TypeId,
}

impl LeadsObject {
    /// The id of the type, which HubSpot also accepts in paths (`crm-apis.md` §1.0, unverified).
    const TYPE_ID: &'static str = "0-136";
}

impl ObjectType {
    /// The name in paths.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Companies => "companies",
            Self::Leads(LeadsObject::Name) => "leads",
            Self::Leads(LeadsObject::TypeId) => LeadsObject::TYPE_ID,
            Self::Calls => "calls",
            Self::Tickets => "tickets",
        }
    }

    /// The id in the URLs of pages (`crm-apis.md` §1.0, §1.2).
    pub(crate) const fn type_id(self) -> &'static str {
        match self {
            Self::Contacts => "0-1",
            Self::Companies => "0-2",
            Self::Leads(_) => LeadsObject::TYPE_ID,
            Self::Tickets => "0-5",
            Self::Calls => "0-48",
        }
    }
}

/// What is asked of the interface.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint<'a> {
    Search(ObjectType),
    BatchRead(ObjectType),
    Create(ObjectType),
    /// An object, by its id or by the unique property that the query names.
    Read(ObjectType, &'a str),
    /// An object, by its id.
    Update(ObjectType, &'a str),
    /// What kind of property it is.
    Property(ObjectType, &'a str),
    AccountInfo,
    Owners,
    Token,
}

impl Endpoint<'_> {
    /// The scope without which HubSpot refuses (`crm-apis.md` §1.1).
    pub(crate) const fn scope(self) -> Option<&'static str> {
        match self {
            Self::Search(ObjectType::Companies) | Self::BatchRead(ObjectType::Companies) => {
                Some("crm.objects.companies.read")
            }
            Self::Search(ObjectType::Contacts | ObjectType::Calls)
            | Self::BatchRead(ObjectType::Contacts)
            | Self::Read(ObjectType::Calls, _) => Some("crm.objects.contacts.read"),
            Self::Search(ObjectType::Leads(_)) => Some("crm.objects.leads.read"),
            Self::Create(ObjectType::Contacts | ObjectType::Calls)
            | Self::Update(ObjectType::Calls, _) => Some("crm.objects.contacts.write"),
            Self::Search(ObjectType::Tickets)
            | Self::Read(ObjectType::Tickets, _)
            | Self::Create(ObjectType::Tickets)
            | Self::Update(ObjectType::Tickets, _) => Some("tickets"),
            Self::Owners => Some("crm.objects.owners.read"),
            // Not asked for, open to every token, or not documented.
            Self::BatchRead(_)
            | Self::Create(_)
            | Self::Read(..)
            | Self::Update(..)
            | Self::Property(..)
            | Self::AccountInfo
            | Self::Token => None,
        }
    }
}

/// The version of the interface: the setting `api_version`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum ApiVersion {
    /// `v3`; unsupported from September 2027.
    V3,
    /// `YYYY-MM`; each is supported for at least 18 months.
    Dated(String),
}

impl ApiVersion {
    /// The default: the newest that is generally available (`crm-apis.md` §1.0).
    pub(crate) const DEFAULT: &'static str = "2026-09";
    const V3_TEXT: &'static str = "v3";
    const PATTERN: &'static str = "^(v3|20[0-9]{2}-(0[1-9]|1[0-2]))$";

    /// The version as text.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::V3 => Self::V3_TEXT,
            Self::Dated(date) => date,
        }
    }

    /// The path of an endpoint. The dated layout names the family before the version, the
    /// numbered one after it.
    pub(crate) fn path<'a>(&'a self, endpoint: Endpoint<'a>) -> Vec<&'a str> {
        let version = self.as_str();
        let crm = |family| match self {
            Self::V3 => ["crm", version, family],
            Self::Dated(_) => ["crm", family, version],
        };
        let object = |kind: ObjectType, rest: &[&'a str]| {
            let path = crm("objects").into_iter().chain([kind.name()]);
            path.chain(rest.iter().copied()).collect()
        };
        match endpoint {
            Endpoint::Search(kind) => object(kind, &["search"]),
            Endpoint::BatchRead(kind) => object(kind, &["batch", "read"]),
            Endpoint::Create(kind) => object(kind, &[]),
            Endpoint::Read(kind, id) | Endpoint::Update(kind, id) => object(kind, &[id]),
            Endpoint::Property(kind, name) => {
                let path = crm("properties").into_iter();
                path.chain([kind.name(), name]).collect()
            }
            Endpoint::Owners => crm("owners").into(),
            Endpoint::AccountInfo => vec!["account-info", version, "details"],
            Endpoint::Token => vec!["oauth", version, "token"],
        }
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self::Dated(Self::DEFAULT.to_owned())
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for ApiVersion {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == Self::V3_TEXT {
            return Ok(Self::V3);
        }
        let number = |text: &str, digits: usize| {
            let is_number = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| text.parse::<u16>().ok())?
        };
        let is_date = text.split_once('-').is_some_and(|(year, month)| {
            number(year, 4).is_some_and(|year| (2000..2100).contains(&year))
                && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        });
        if is_date {
            Ok(Self::Dated(text))
        } else {
            Err("a version such as \"2026-09\", or \"v3\"")
        }
    }
}

impl JsonSchema for ApiVersion {
    fn schema_name() -> Cow<'static, str> {
        "ApiVersion".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Result<ApiVersion, &'static str> {
        ApiVersion::try_from(text.to_owned())
    }

    /// The table of `crm-apis.md` §1.0.
    #[test]
    fn every_endpoint_has_its_path_in_both_layouts() {
        let cases = [
            (
                Endpoint::Search(ObjectType::Contacts),
                "crm/v3/objects/contacts/search",
                "crm/objects/2026-09/contacts/search",
            ),
            (
                Endpoint::Search(ObjectType::Leads(LeadsObject::Name)),
                "crm/v3/objects/leads/search",
                "crm/objects/2026-09/leads/search",
            ),
            (
                Endpoint::Search(ObjectType::Leads(LeadsObject::TypeId)),
                "crm/v3/objects/0-136/search",
                "crm/objects/2026-09/0-136/search",
            ),
            (
                Endpoint::BatchRead(ObjectType::Companies),
                "crm/v3/objects/companies/batch/read",
                "crm/objects/2026-09/companies/batch/read",
            ),
            (
                Endpoint::Create(ObjectType::Calls),
                "crm/v3/objects/calls",
                "crm/objects/2026-09/calls",
            ),
            (
                Endpoint::Update(ObjectType::Tickets, "88001"),
                "crm/v3/objects/tickets/88001",
                "crm/objects/2026-09/tickets/88001",
            ),
            (
                Endpoint::Property(ObjectType::Calls, "whocalls_id"),
                "crm/v3/properties/calls/whocalls_id",
                "crm/properties/2026-09/calls/whocalls_id",
            ),
            (Endpoint::Owners, "crm/v3/owners", "crm/owners/2026-09"),
            (
                Endpoint::AccountInfo,
                "account-info/v3/details",
                "account-info/2026-09/details",
            ),
            (Endpoint::Token, "oauth/v3/token", "oauth/2026-09/token"),
        ];
        for (endpoint, numbered, dated) in cases {
            assert_eq!(version("v3").unwrap().path(endpoint).join("/"), numbered);
            assert_eq!(version("2026-09").unwrap().path(endpoint).join("/"), dated);
        }
    }

    #[test]
    fn only_v3_and_dates_are_versions() {
        assert_eq!(version(ApiVersion::DEFAULT), Ok(ApiVersion::default()));
        for good in ["v3", "2025-09", "2026-03", "2030-12"] {
            assert_eq!(version(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "v1",
            "v4",
            "3",
            "2026",
            "2026-9",
            "2026-00",
            "2026-13",
            "1999-01",
            "2026-+1",
            "2026-09/x",
            "20x6-09",
        ] {
            assert!(version(bad).is_err(), "{bad}");
        }
    }
}
