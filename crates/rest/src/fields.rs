//! From a hit to a contact record.

use serde_json::Value;
use serde_json_path::JsonPath;
use whocalls_core::{AdapterId, ContactRecord, CustomField, CustomFields, RecordKind};

use crate::{
    compile::Problems,
    config::{self, LookupSettings},
    scope::Scope,
    select::{Hit, Sources, texts_at},
    template::Place,
};

/// Where a hit has what.
pub(crate) struct Fields {
    kind: RecordKind,
    id: Sources,
    name: Sources,
    phones: Sources,
    emails: Option<Sources>,
    company: Option<Sources>,
    contact_uri: Option<Sources>,
    company_uri: Option<Sources>,
    custom: Vec<(String, JsonPath)>,
}

impl Fields {
    pub(crate) fn compile(settings: &LookupSettings, problems: &mut Problems) -> Self {
        let fields = &settings.fields;
        let scope = Scope::record();
        let mut sources = |settings: &config::Sources, key: &str, place| {
            let path = format!("lookup.fields.{key}");
            Sources::compile(settings, &path, place, &scope, problems)
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
        let compiled = Self {
            kind: settings.record_kind,
            id: sources(&fields.id, "id", Place::RecordText),
            name: sources(&fields.name, "name", Place::RecordText),
            phones: sources(&fields.phones, "phones", Place::RecordText),
            emails,
            company,
            contact_uri,
            company_uri,
            custom: custom(&fields.custom_fields, problems),
        };
        if compiled.id.uses("id") {
            problems.add("lookup.fields.id", "the id cannot be made of itself");
        }
        compiled
    }

    /// The record that a hit stands for; none when it has no id.
    ///
    /// A nameless hit is named by what else is known of it, because something has to stand on the
    /// card: its company, e-mail address or number.
    pub(crate) fn record(
        &self,
        json: &Value,
        base_url: &str,
        adapter: &AdapterId,
    ) -> Option<ContactRecord> {
        let hit = Hit::new(json, base_url);
        let id = self.id.first(&hit, None)?;
        let with_id = Some(id.as_str());
        let first = |sources: &Option<Sources>| sources.as_ref()?.first(&hit, with_id);
        let company = first(&self.company);
        let emails = self
            .emails
            .as_ref()
            .map_or_else(Vec::new, |emails| emails.all(&hit, with_id));
        let phones = self.phones.all(&hit, with_id);
        let name = self
            .name
            .first(&hit, with_id)
            .or_else(|| company.clone())
            .or_else(|| emails.first().cloned())
            .or_else(|| phones.first().cloned())
            .unwrap_or_default();
        let mut record = ContactRecord::new(adapter.clone(), id.as_str(), self.kind, name);
        record.contact_uri = first(&self.contact_uri);
        record.company_uri = first(&self.company_uri);
        record.company = company;
        record.phones = phones;
        record.emails = emails;
        record.custom = self.custom_of(json);
        Some(record)
    }

    fn custom_of(&self, hit: &Value) -> Vec<CustomField> {
        self.custom
            .iter()
            .filter_map(|(title, path)| {
                let text = texts_at(path, hit).into_iter().next()?;
                Some(CustomField {
                    title: title.clone(),
                    text,
                })
            })
            .collect()
    }
}

fn custom(settings: &CustomFields, problems: &mut Problems) -> Vec<(String, JsonPath)> {
    const PATH: &str = "lookup.fields.custom_fields";
    if settings.len() > CustomFields::MAX {
        problems.add(
            PATH,
            format!("at most {} fields fit on a card", CustomFields::MAX),
        );
    }
    settings
        .iter()
        .map(|(title, path)| {
            let compiled = problems.json_path(&format!("{PATH}.{title}"), path);
            (title.to_owned(), compiled)
        })
        .collect()
}
