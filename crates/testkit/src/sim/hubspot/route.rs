//! Which endpoint a path means, in both layouts (`crm-apis.md` §1.0).

use crate::upstream::Request;

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Search(ObjectKind),
    BatchRead(ObjectKind),
    Create(ObjectKind),
    /// By id, or by the unique property that the query names.
    Read(ObjectKind, String),
    Update(ObjectKind, String),
    Property(ObjectKind, String),
    AccountInfo,
    Owners,
    Token {
        is_v1: bool,
    },
}

/// A type of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Contacts,
    Companies,
    Leads,
    Calls,
    Tickets,
}

impl ObjectKind {
    const ALL: [Self; 5] = [
        Self::Contacts,
        Self::Companies,
        Self::Leads,
        Self::Calls,
        Self::Tickets,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Companies => "companies",
            Self::Leads => "leads",
            Self::Calls => "calls",
            Self::Tickets => "tickets",
        }
    }

    /// The id that stands for the type in URLs; paths accept it instead of the name.
    pub(super) fn type_id(self) -> &'static str {
        match self {
            Self::Contacts => "0-1",
            Self::Companies => "0-2",
            Self::Leads => "0-136",
            Self::Calls => "0-48",
            Self::Tickets => "0-5",
        }
    }

    pub(super) fn of(segment: &str) -> Option<Self> {
        let means = |kind: &Self| kind.name() == segment || kind.type_id() == segment;
        Self::ALL.into_iter().find(means)
    }
}

impl Route {
    pub(super) fn of(request: &Request) -> Option<Self> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            (method, ["crm", "v3", "objects", kind, rest @ ..]) => Self::object(method, kind, rest),
            (method, ["crm", "objects", version, kind, rest @ ..]) if is_dated(version) => {
                Self::object(method, kind, rest)
            }
            ("GET", ["account-info", version, "details"]) if is_version(version) => {
                Some(Self::AccountInfo)
            }
            ("GET", ["crm", "v3", "owners"]) => Some(Self::Owners),
            ("GET", ["crm", "owners", version]) if is_dated(version) => Some(Self::Owners),
            ("GET", ["crm", "v3", "properties", kind, name]) => Self::property(kind, name),
            ("GET", ["crm", "properties", version, kind, name]) if is_dated(version) => {
                Self::property(kind, name)
            }
            ("POST", ["oauth", "v1", "token"]) => Some(Self::Token { is_v1: true }),
            ("POST", ["oauth", version, "token"]) if is_version(version) => {
                Some(Self::Token { is_v1: false })
            }
            _ => None,
        }
    }

    fn object(method: &str, kind: &str, rest: &[&str]) -> Option<Self> {
        let kind = ObjectKind::of(kind)?;
        match (method, rest) {
            ("POST", ["search"]) => Some(Self::Search(kind)),
            ("POST", ["batch", "read"]) => Some(Self::BatchRead(kind)),
            ("POST", []) => Some(Self::Create(kind)),
            ("GET", [id]) => Some(Self::Read(kind, (*id).to_owned())),
            ("PATCH", [id]) => Some(Self::Update(kind, (*id).to_owned())),
            _ => None,
        }
    }

    fn property(kind: &str, name: &str) -> Option<Self> {
        Some(Self::Property(ObjectKind::of(kind)?, name.to_owned()))
    }

    /// The scope that the endpoint demands (`crm-apis.md` §1.1).
    pub(super) fn scope(&self) -> Option<&'static str> {
        match self {
            Self::Search(kind) | Self::BatchRead(kind) | Self::Read(kind, _) => Some(match kind {
                ObjectKind::Companies => "crm.objects.companies.read",
                ObjectKind::Leads => "crm.objects.leads.read",
                ObjectKind::Tickets => "tickets",
                ObjectKind::Contacts | ObjectKind::Calls => "crm.objects.contacts.read",
            }),
            Self::Create(kind) | Self::Update(kind, _) => Some(match kind {
                ObjectKind::Companies => "crm.objects.companies.write",
                ObjectKind::Leads => "crm.objects.leads.write",
                ObjectKind::Tickets => "tickets",
                ObjectKind::Contacts | ObjectKind::Calls => "crm.objects.contacts.write",
            }),
            Self::Owners => Some("crm.objects.owners.read"),
            // Which scope reads a property is not documented there.
            Self::Property(..) | Self::AccountInfo | Self::Token { .. } => None,
        }
    }
}

fn is_version(text: &str) -> bool {
    text == "v3" || is_dated(text)
}

fn is_dated(text: &str) -> bool {
    ["2025-09", "2026-03", "2026-09"].contains(&text)
}
