//! The order of contacts. Pure and total.

use std::cmp::{Ordering, Reverse};

use serde::Serialize;

use crate::Contact;

/// What puts one contact before another; the first that differs decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Criterion {
    /// The better match of the number.
    Match,
    /// A person before a prospect before a company.
    Kind,
    /// The adapter with the lower priority number.
    Priority,
    /// The more recent change.
    Modified,
    /// Name and record id, so that the same contacts always come in the same order.
    Name,
}

impl Criterion {
    const ALL: [Self; 5] = [
        Self::Match,
        Self::Kind,
        Self::Priority,
        Self::Modified,
        Self::Name,
    ];

    /// In a few words, as `--explain` prints it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Kind => "kind of record",
            Self::Priority => "priority of the adapter",
            Self::Modified => "last change",
            Self::Name => "name",
        }
    }

    fn cmp(self, a: &Contact, b: &Contact) -> Ordering {
        let priority = |it: &Contact| it.members.first().map(|member| member.priority);
        match self {
            Self::Match => a.class.cmp(&b.class),
            Self::Kind => a.kind.cmp(&b.kind),
            Self::Priority => priority(a).cmp(&priority(b)),
            Self::Modified => Reverse(a.modified_at).cmp(&Reverse(b.modified_at)),
            Self::Name => {
                let ids = |it: &'_ Contact| -> Vec<(String, String)> {
                    let each = it.members.iter();
                    each.map(|it| (it.source.to_string(), it.record_id.clone()))
                        .collect()
                };
                a.name.cmp(&b.name).then_with(|| ids(a).cmp(&ids(b)))
            }
        }
    }
}

/// Sorts contacts by each [`Criterion`] in turn.
pub fn rank(contacts: &mut [Contact]) {
    contacts.sort_by(|a, b| {
        let mut orders = Criterion::ALL.into_iter().map(|it| it.cmp(a, b));
        orders.find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
    });
}

/// What puts `a` before `b`; `None` for two readings of the same record.
pub(crate) fn decided_by(a: &Contact, b: &Contact) -> Option<Criterion> {
    let mut criteria = Criterion::ALL.into_iter();
    criteria.find(|criterion| criterion.cmp(a, b).is_ne())
}
