//! From a hit to a contact record.

use indexmap::IndexMap;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use whocalls_core::{ContactRecord, CustomField, CustomFields, RecordKind};

use crate::{
    asked::Asked,
    compile::Problems,
    config::{self, FieldSettings, KindSettings},
    select::{Hit, Reach, Sources},
    template::Place,
};

/// From this number on, a moment is in milliseconds: as seconds it would be in the year 5138.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// Where a hit has what.
pub(crate) struct Fields {
    id: Sources,
    name: Sources,
    phones: Sources,
    emails: Option<Sources>,
    company: Option<Sources>,
    contact_uri: Option<Sources>,
    company_uri: Option<Sources>,
    updated_at: Option<Sources>,
    custom: Vec<(String, Sources)>,
}

/// What hits stand for.
pub(crate) enum Kind {
    Fixed(RecordKind),
    Read(Sources),
}

impl Fields {
    /// Reads the fields at the path `at`.
    pub(crate) fn compile(
        fields: &FieldSettings,
        at: &str,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Self {
        let mut sources = |settings: &config::Sources, key: &str, place| {
            Sources::compile(settings, &format!("{at}.{key}"), place, reach, problems)
        };
        let mut optional = |settings: &Option<config::Sources>, key: &str, place| {
            settings
                .as_ref()
                .map(|settings| sources(settings, key, place))
        };
        let emails = optional(&fields.emails, "emails", Place::RecordText);
        let company = optional(&fields.company, "company", Place::RecordText);
        let contact_uri = optional(&fields.contact_uri, "contact_uri", Place::Link);
        let company_uri = optional(&fields.company_uri, "company_uri", Place::Link);
        let updated_at = optional(&fields.updated_at, "updated_at", Place::RecordText);
        let compiled = Self {
            id: sources(&fields.id, "id", Place::RecordText),
            name: sources(&fields.name, "name", Place::RecordText),
            phones: sources(&fields.phones, "phones", Place::RecordText),
            emails,
            company,
            contact_uri,
            company_uri,
            updated_at,
            custom: custom(&fields.custom_fields, at, reach, problems),
        };
        if compiled.id.uses("id") {
            problems.add(&format!("{at}.id"), "the id cannot be made of itself");
        }
        for (sources, key) in [(&compiled.id, "id"), (&compiled.phones, "phones")] {
            if sources.has_join() {
                problems.add(
                    &format!("{at}.{key}"),
                    "this is what makes the hit a match; it has to stand in the hit itself",
                );
            }
        }
        compiled
    }

    /// The record that a hit stands for; none when it has no id. That of a hit which cannot own the
    /// asked number has what tells so, and nothing else.
    ///
    /// A nameless hit is named by what else is known of it, because something has to stand on the
    /// card: its company, e-mail address or number.
    pub(crate) fn record(
        &self,
        hit: &Hit<'_>,
        kind: &Kind,
        asked: &Asked,
    ) -> Option<ContactRecord> {
        let id = self.id.first(hit, None)?;
        let with_id = Some(id.as_str());
        let phones = self.phones.all(hit, with_id);
        let kind = kind.of(hit, with_id);
        if !asked.wants(kind, &phones) {
            let mut record = ContactRecord::new(asked.adapter.clone(), id, kind, String::new());
            record.phones = phones;
            return Some(record);
        }
        let first = |sources: &Option<Sources>| sources.as_ref()?.first(hit, with_id);
        let company = first(&self.company);
        let emails = self
            .emails
            .as_ref()
            .map_or_else(Vec::new, |emails| emails.all(hit, with_id));
        let name = self
            .name
            .first(hit, with_id)
            .or_else(|| company.clone())
            .or_else(|| emails.first().cloned())
            .or_else(|| phones.first().cloned())
            .unwrap_or_default();
        let contact_uri = first(&self.contact_uri);
        let company_uri = first(&self.company_uri);
        let modified_at = first(&self.updated_at).and_then(|text| moment(&text));
        let custom = self.custom_of(hit, with_id);
        let mut record = ContactRecord::new(asked.adapter.clone(), id, kind, name);
        record.contact_uri = contact_uri;
        record.company_uri = company_uri;
        record.modified_at = modified_at;
        record.company = company;
        record.phones = phones;
        record.emails = emails;
        record.custom = custom;
        Some(record)
    }

    fn custom_of(&self, hit: &Hit<'_>, id: Option<&str>) -> Vec<CustomField> {
        self.custom
            .iter()
            .filter_map(|(title, sources)| {
                Some(CustomField {
                    title: title.clone(),
                    text: sources.first(hit, id)?,
                })
            })
            .collect()
    }
}

impl Kind {
    /// Reads the setting `record_kind` at the path `at`.
    pub(crate) fn compile(
        settings: &KindSettings,
        at: &str,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Self {
        let sources = match settings {
            KindSettings::Fixed(kind) => return Self::Fixed(*kind),
            KindSettings::Read(sources) => sources,
        };
        let sources = Sources::compile(sources, at, Place::RecordText, reach, problems);
        if sources.mapped().any(|text| kind_of(text).is_none()) {
            problems.add(at, "a kind is `contact`, `lead` or `company`");
        }
        Self::Read(sources)
    }

    fn of(&self, hit: &Hit<'_>, id: Option<&str>) -> RecordKind {
        match self {
            Self::Fixed(kind) => *kind,
            Self::Read(sources) => sources
                .first(hit, id)
                .and_then(|text| kind_of(&text))
                .unwrap_or(RecordKind::Contact),
        }
    }
}

fn kind_of(text: &str) -> Option<RecordKind> {
    match text.to_ascii_lowercase().as_str() {
        "contact" => Some(RecordKind::Contact),
        "lead" => Some(RecordKind::Lead),
        "company" => Some(RecordKind::Company),
        _ => None,
    }
}

/// A moment as CRMs write it: RFC 3339, date and time without zone (taken as UTC), or seconds or
/// milliseconds since 1970 (`crm-apis.md` §4.4).
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(number) = text.parse::<i64>() {
        return if number.unsigned_abs() < FIRST_MILLISECONDS {
            Timestamp::from_second(number).ok()
        } else {
            Timestamp::from_millisecond(number).ok()
        };
    }
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

fn custom(
    settings: &IndexMap<String, config::Sources>,
    at: &str,
    reach: &Reach<'_>,
    problems: &mut Problems,
) -> Vec<(String, Sources)> {
    let at = format!("{at}.custom_fields");
    if settings.len() > CustomFields::MAX {
        problems.add(
            &at,
            format!("at most {} fields fit on a card", CustomFields::MAX),
        );
    }
    settings
        .iter()
        .map(|(title, sources)| {
            let path = format!("{at}.{title}");
            let sources = Sources::compile(sources, &path, Place::RecordText, reach, problems);
            (title.clone(), sources)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_however_it_is_written() {
        let expected: Timestamp = "2026-11-22T08:30:00Z".parse().unwrap();
        for text in [
            "2026-11-22T08:30:00Z",
            "2026-11-22T09:30:00+01:00",
            "2026-11-22T08:30:00.000Z",
            "2026-11-22 08:30:00",
            "2026-11-22T08:30:00",
            "1795336200",
            "1795336200000",
        ] {
            assert_eq!(moment(text), Some(expected), "{text}");
        }
        for text in [
            "yesterday",
            "22.11.2026",
            "99999999999999999999",
            "-9223372036854775808",
            "",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
