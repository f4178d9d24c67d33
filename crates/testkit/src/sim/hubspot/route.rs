//! Which endpoint a path means, in both layouts (`crm-apis.md` §1.0).

use crate::upstream::Request;

/// An endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Search(ObjectKind),
    BatchRead(ObjectKind),
    Create(ObjectKind),
    AccountInfo,
    Owners,
    Token { is_v1: bool },
}

/// A type of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Contacts,
    Companies,
    Calls,
    Tickets,
}

impl ObjectKind {
    const ALL: [Self; 4] = [Self::Contacts, Self::Companies, Self::Calls, Self::Tickets];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Companies => "companies",
            Self::Calls => "calls",
            Self::Tickets => "tickets",
        }
    }

    /// The id that stands for the type in URLs; paths accept it instead of the name.
    pub(super) fn type_id(self) -> &'static str {
        match self {
            Self::Contacts => "0-1",
            Self::Companies => "0-2",
            Self::Calls => "0-48",
            Self::Tickets => "0-5",
        }
    }

    fn of(segment: &str) -> Option<Self> {
        let means = |kind: &Self| kind.name() == segment || kind.type_id() == segment;
        Self::ALL.into_iter().find(means)
    }
}

impl Route {
    pub(super) fn of(request: &Request) -> Option<Self> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let object = |kind: &str, rest: &[&str]| {
            let kind = ObjectKind::of(kind)?;
            match rest {
                ["search"] => Some(Self::Search(kind)),
                ["batch", "read"] => Some(Self::BatchRead(kind)),
                [] => Some(Self::Create(kind)),
                _ => None,
            }
        };
        let is_post = request.method == "POST";
        match (is_post, path.as_slice()) {
            (true, ["crm", "v3", "objects", kind, rest @ ..]) => object(kind, rest),
            (true, ["crm", "objects", version, kind, rest @ ..]) if is_dated(version) => {
                object(kind, rest)
            }
            (false, ["account-info", version, "details"]) if is_version(version) => {
                Some(Self::AccountInfo)
            }
            (false, ["crm", "v3", "owners"]) => Some(Self::Owners),
            (false, ["crm", "owners", version]) if is_dated(version) => Some(Self::Owners),
            (true, ["oauth", "v1", "token"]) => Some(Self::Token { is_v1: true }),
            (true, ["oauth", version, "token"]) if is_version(version) => {
                Some(Self::Token { is_v1: false })
            }
            _ => None,
        }
    }

    /// The scope that the endpoint demands (`crm-apis.md` §1.1).
    pub(super) fn scope(self) -> Option<&'static str> {
        match self {
            Self::Search(kind) | Self::BatchRead(kind) => Some(match kind {
                ObjectKind::Companies => "crm.objects.companies.read",
                ObjectKind::Tickets => "tickets",
                ObjectKind::Contacts | ObjectKind::Calls => "crm.objects.contacts.read",
            }),
            Self::Create(kind) => Some(match kind {
                ObjectKind::Companies => "crm.objects.companies.write",
                ObjectKind::Tickets => "tickets",
                ObjectKind::Contacts | ObjectKind::Calls => "crm.objects.contacts.write",
            }),
            Self::Owners => Some("crm.objects.owners.read"),
            Self::AccountInfo | Self::Token { .. } => None,
        }
    }
}

fn is_version(text: &str) -> bool {
    text == "v3" || is_dated(text)
}

fn is_dated(text: &str) -> bool {
    ["2025-09", "2026-03", "2026-09"].contains(&text)
}
