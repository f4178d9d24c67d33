//! The `id` of a contact in a reply, which comes back as `contactCrmId` in a workflow.

use std::{fmt, str::FromStr};

use whocalls_core::AdapterId;

/// The records that a contact consists of: `hubspot:51`, or `hubspot:51,sugar:Contacts/7d1c` for a
/// merged one. Clients treat it as opaque.
///
/// `%`, `,` and control characters of a record id are percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactId {
    records: Vec<(AdapterId, String)>,
}

/// A text that is not a contact id of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a contact id from a lookup reply")]
pub struct InvalidContactId;

impl ContactId {
    /// An id of these records, best source first.
    pub fn new(records: Vec<(AdapterId, String)>) -> Self {
        Self { records }
    }

    /// Adapter and record id of each record, best source first.
    pub fn records(&self) -> impl Iterator<Item = (&AdapterId, &str)> {
        self.records
            .iter()
            .map(|(adapter, id)| (adapter, id.as_str()))
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (adapter, id)) in self.records.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, "{comma}{adapter}:")?;
            for piece in id.split_inclusive(is_encoded) {
                let last = piece.chars().next_back().filter(|c| is_encoded(*c));
                f.write_str(piece.strip_suffix(is_encoded).unwrap_or(piece))?;
                if let Some(c) = last {
                    write!(f, "%{:02X}", u32::from(c))?;
                }
            }
        }
        Ok(())
    }
}

fn is_encoded(c: char) -> bool {
    c == '%' || c == ',' || c.is_ascii_control()
}

impl FromStr for ContactId {
    type Err = InvalidContactId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let records = text.split(',').map(|part| {
            let (adapter, id) = part.split_once(':').ok_or(InvalidContactId)?;
            let adapter = AdapterId::new(adapter).map_err(|_| InvalidContactId)?;
            let id = decode(id)?;
            if id.is_empty() {
                Err(InvalidContactId)
            } else {
                Ok((adapter, id))
            }
        });
        Ok(Self {
            records: records.collect::<Result<_, _>>()?,
        })
    }
}

fn decode(text: &str) -> Result<String, InvalidContactId> {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).ok_or(InvalidContactId)?;
        let byte = u8::from_str_radix(code, 16).map_err(|_| InvalidContactId)?;
        if !byte.is_ascii() {
            return Err(InvalidContactId);
        }
        decoded.push(char::from(byte));
        decoded.push_str(rest);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(records: &[(&str, &str)]) -> ContactId {
        let records = records
            .iter()
            .map(|(adapter, id)| (AdapterId::new(adapter).unwrap(), (*id).to_owned()));
        ContactId::new(records.collect())
    }

    #[test]
    fn an_id_reads_as_adapter_and_record() {
        assert_eq!(id(&[("hubspot", "51")]).to_string(), "hubspot:51");
        let merged = id(&[("hubspot", "51"), ("sugar", "Contacts/7d1c")]);
        assert_eq!(merged.to_string(), "hubspot:51,sugar:Contacts/7d1c");
        assert_eq!("hubspot:51,sugar:Contacts/7d1c".parse(), Ok(merged));
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in [
            "",
            "51",
            "hubspot:",
            ":51",
            "hub spot:51",
            "hubspot:51,",
            "a:%",
            "a:%G1",
            "a:%FF",
        ] {
            assert_eq!(text.parse::<ContactId>(), Err(InvalidContactId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_record_id_survives(first in ".{1,30}", second in ".{1,30}") {
            let id = id(&[("a", &first), ("b-2", &second)]);
            prop_assert_eq!(id.to_string().parse::<ContactId>(), Ok(id));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            drop(text.parse::<ContactId>());
        }
    }
}
