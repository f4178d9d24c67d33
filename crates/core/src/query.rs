//! What a lookup asks for.

use std::num::NonZeroUsize;

use crate::{PhoneNumber, QueryKind};

/// A question to a CRM about its contacts.
///
/// Other kinds (all contacts page by page, by e-mail address) can join without a change to the
/// trait: an adapter answers the kinds that it declares in
/// [`Capabilities::queries`](crate::Capabilities::queries).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactQuery {
    /// The contacts that own a phone number.
    Number(NumberQuery),
}

impl ContactQuery {
    /// The kind, for comparison with declared capabilities.
    pub fn kind(&self) -> QueryKind {
        match self {
            Self::Number(_) => QueryKind::Number,
        }
    }
}

/// The contacts that own a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NumberQuery {
    /// The number asked for.
    pub number: PhoneNumber,
    /// How many records are wanted at most.
    pub max_records: NonZeroUsize,
    /// Whether the answer is to tell how it came about: it keeps the candidates that were rejected,
    /// and does not come from a cache, which has none.
    pub explain: bool,
}

impl From<NumberQuery> for ContactQuery {
    fn from(query: NumberQuery) -> Self {
        Self::Number(query)
    }
}
