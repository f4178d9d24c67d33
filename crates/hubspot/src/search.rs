//! Which search finds the owners of a number (`crm-apis.md` §1.3).
//!
//! HubSpot is asked for the whole national number. Numbers without area code and those of
//! switchboards are other numbers to it: they are not found.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use whocalls_core::{CustomFields, NumberQuery, PhoneNumber};

use crate::{
    api::ObjectType,
    record,
    wire::{Filter, FilterGroup, Operand, Operator, PropertyNames, SearchRequest, Sort},
};

/// Hits asked for, as a multiple of the records wanted: some do not survive verification.
const HITS_PER_RECORD: usize = 4;
/// National numbers recur in other countries, so a few hits are needed even for one record.
const MIN_HITS: usize = 20;
/// Half of what HubSpot allows; also the most companies of one batch read (`crm-apis.md` §1.4). No
/// request asks for more objects, and of no reply more are read.
pub(crate) const MAX_HITS: usize = 100;

const CALCULATED_PHONE: &str = "hs_searchable_calculated_phone_number";
const CALCULATED_MOBILE: &str = "hs_searchable_calculated_mobile_number";
const TYPED_PHONE: &str = "phone";

/// Which text of the number a property is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Equal to the national significant number.
    National,
    /// Ends in it; finds numbers typed with country code but without `+`.
    EndsNational,
    /// Equal to the E.164 form; finds what HubSpot could not calculate.
    International,
}

/// The groups for contacts: the five that HubSpot allows.
const CONTACT_FILTERS: [(&str, Form); 5] = [
    (CALCULATED_PHONE, Form::National),
    (CALCULATED_MOBILE, Form::National),
    (CALCULATED_PHONE, Form::EndsNational),
    (CALCULATED_MOBILE, Form::EndsNational),
    (TYPED_PHONE, Form::International),
];
/// The groups for companies, which have no mobile number.
const COMPANY_FILTERS: [(&str, Form); 3] = [
    (CALCULATED_PHONE, Form::National),
    (CALCULATED_PHONE, Form::EndsNational),
    (TYPED_PHONE, Form::International),
];

/// The search for objects of one type. Remembers which properties the account lacks.
#[derive(Debug)]
pub(crate) struct NumberSearch {
    pub(crate) kind: ObjectType,
    filters: &'static [(&'static str, Form)],
    modified: &'static str,
    properties: PropertyNames,
    missing: Mutex<BTreeSet<&'static str>>,
}

impl NumberSearch {
    pub(crate) fn contacts(custom_fields: &CustomFields) -> Self {
        Self {
            kind: ObjectType::Contacts,
            filters: &CONTACT_FILTERS,
            modified: "lastmodifieddate",
            properties: wanted(&record::CONTACT_PROPERTIES, custom_fields),
            missing: Mutex::default(),
        }
    }

    pub(crate) fn companies(custom_fields: &CustomFields) -> Self {
        Self {
            kind: ObjectType::Companies,
            filters: &COMPANY_FILTERS,
            modified: "hs_lastmodifieddate",
            properties: wanted(&record::COMPANY_PROPERTIES, custom_fields),
            missing: Mutex::default(),
        }
    }

    /// The search for the owners of a number, the most recently changed first.
    ///
    /// Where the account has none of the calculated properties, it searches the default
    /// properties for the national number: finds less, but something.
    pub(crate) fn request(&self, query: &NumberQuery) -> SearchRequest<'_> {
        let filter_groups = self.filter_groups(&query.number);
        let words = filter_groups
            .is_empty()
            .then(|| query.number.national_significant());
        let hits = query.max_records.get().saturating_mul(HITS_PER_RECORD);
        SearchRequest {
            filter_groups,
            query: words,
            properties: Cow::Borrowed(&self.properties),
            sorts: [Sort {
                property_name: self.modified,
                direction: "DESCENDING",
            }],
            limit: hits.clamp(MIN_HITS, MAX_HITS),
        }
    }

    /// A search for any one object: shows whether searching is allowed.
    pub(crate) fn trial(&self) -> SearchRequest<'_> {
        SearchRequest {
            filter_groups: Vec::new(),
            query: None,
            properties: Cow::Owned(PropertyNames::new(&[self.modified])),
            sorts: [Sort {
                property_name: self.modified,
                direction: "DESCENDING",
            }],
            limit: 1,
        }
    }

    /// Leaves these properties out from now on. Each of them was filtered on, so every call
    /// shortens the next request.
    pub(crate) fn remember_missing(&self, properties: &[&'static str]) {
        self.missing().extend(properties);
    }

    fn filter_groups(&self, number: &PhoneNumber) -> Vec<FilterGroup> {
        let missing = self.missing();
        let known = self
            .filters
            .iter()
            .filter(|(property, _)| !missing.contains(property));
        if known.clone().all(|(_, form)| *form == Form::International) {
            return Vec::new();
        }
        let texts = Texts::of(number);
        known
            .map(|(property_name, form)| FilterGroup {
                filters: [texts.filter(property_name, *form)],
            })
            .collect()
    }

    fn missing(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        // A set is consistent after every operation, so a poisoned lock is still good.
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The texts of a number that properties are compared with, one for each [`Form`].
struct Texts {
    national: Arc<str>,
    ends_national: Arc<str>,
    international: Arc<str>,
}

impl Texts {
    fn of(number: &PhoneNumber) -> Self {
        let significant = number.national_significant();
        // HubSpot drops leading zeros, which belong to Italian numbers.
        let end = significant.trim_start_matches('0');
        let international = number.e164().map(Arc::from);
        Self {
            ends_national: format!("*{end}").into(),
            national: significant.into(),
            international: international.unwrap_or_else(|| number.shared_digits()),
        }
    }

    fn filter(&self, property_name: &'static str, form: Form) -> Filter {
        let (operator, text) = match form {
            Form::National => (Operator::Equals, &self.national),
            Form::EndsNational => (Operator::ContainsToken, &self.ends_national),
            Form::International => (Operator::Equals, &self.international),
        };
        Filter {
            property_name,
            operator,
            operand: Operand::Value(Arc::clone(text)),
        }
    }
}

/// The properties to ask for: the adapter's own and those of the card, each once.
pub(crate) fn wanted<'a>(own: &[&'a str], custom_fields: &'a CustomFields) -> PropertyNames {
    let mut properties = own.to_vec();
    for field in custom_fields.fields() {
        if !properties.contains(&field) {
            properties.push(field);
        }
    }
    PropertyNames::new(&properties)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use whocalls_core::ContactQuery;

    use super::*;

    fn asked(number: &str, max_records: usize) -> NumberQuery {
        match whocalls_testkit::query_at_most(number, max_records) {
            ContactQuery::Number(query) => query,
            other => panic!("{other:?}"),
        }
    }

    fn groups(search: &NumberSearch, number: &str) -> Vec<(String, String, String)> {
        let request = serde_json::to_value(search.request(&asked(number, 5))).unwrap();
        let groups = request["filterGroups"].as_array().cloned();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let groups = groups.unwrap_or_default().into_iter();
        groups
            .map(|group| {
                let filter = &group["filters"][0];
                (
                    text(&filter["propertyName"]),
                    text(&filter["operator"]),
                    text(&filter["value"]),
                )
            })
            .collect()
    }

    fn group(property: &str, operator: &str, value: &str) -> (String, String, String) {
        (property.into(), operator.into(), value.into())
    }

    #[test]
    fn contacts_are_searched_by_the_five_documented_groups() {
        let search = NumberSearch::contacts(&CustomFields::default());
        assert_eq!(
            groups(&search, "41791234567"),
            [
                group(CALCULATED_PHONE, "EQ", "791234567"),
                group(CALCULATED_MOBILE, "EQ", "791234567"),
                group(CALCULATED_PHONE, "CONTAINS_TOKEN", "*791234567"),
                group(CALCULATED_MOBILE, "CONTAINS_TOKEN", "*791234567"),
                group("phone", "EQ", "+41791234567"),
            ]
        );
    }

    #[test]
    fn numbers_with_leading_zeros_and_without_country_are_searched_too() {
        let search = NumberSearch::companies(&CustomFields::default());
        assert_eq!(
            groups(&search, "390612345678"),
            [
                group(CALCULATED_PHONE, "EQ", "0612345678"),
                group(CALCULATED_PHONE, "CONTAINS_TOKEN", "*612345678"),
                group("phone", "EQ", "+390612345678"),
            ]
        );
        let digits = "99912345678901234567";
        assert_eq!(
            groups(&search, digits),
            [
                group(CALCULATED_PHONE, "EQ", digits),
                group(CALCULATED_PHONE, "CONTAINS_TOKEN", &format!("*{digits}")),
                group("phone", "EQ", digits),
            ]
        );
    }

    #[test]
    fn missing_properties_are_left_out_and_without_any_calculated_one_words_are_searched() {
        let search = NumberSearch::contacts(&CustomFields::default());
        search.remember_missing(&[CALCULATED_MOBILE]);
        let properties: Vec<_> = groups(&search, "41791234567")
            .into_iter()
            .map(|(property, ..)| property)
            .collect();
        assert_eq!(properties, [CALCULATED_PHONE, CALCULATED_PHONE, "phone"]);
        search.remember_missing(&[CALCULATED_PHONE]);
        let request = search.request(&asked("41791234567", 5));
        assert_eq!(request.query.as_deref(), Some("791234567"));
        let request = serde_json::to_value(request).unwrap();
        assert_eq!(request.get("filterGroups"), None);
    }

    #[test]
    fn the_limit_follows_the_records_wanted_within_bounds() {
        let search = NumberSearch::contacts(&CustomFields::default());
        for (wanted, limit) in [(1, 20), (5, 20), (6, 24), (25, 100), (usize::MAX, 100)] {
            let request = search.request(&asked("41791234567", wanted));
            assert_eq!(request.limit, limit, "{wanted}");
        }
    }

    /// HubSpot refuses requests of more than 3,000 characters.
    #[test]
    fn the_largest_request_is_short_enough() {
        let field = |i: usize| (format!("{i}"), format!("{i:0>100}"));
        let custom: CustomFields = (0..CustomFields::MAX).map(field).collect();
        let search = NumberSearch::contacts(&custom);
        let request = search.request(&asked("999123456789012345678901", 50));
        let length = serde_json::to_string(&request).unwrap().len();
        assert!(length <= 3_000, "{length}");
    }

    #[test]
    fn custom_fields_are_asked_for_once() {
        let custom = [("Mail", "email"), ("Job", "jobtitle")];
        let custom = custom.map(|(title, field)| (title.to_owned(), field.to_owned()));
        let search = NumberSearch::contacts(&custom.into_iter().collect());
        let asked = serde_json::to_value(search.request(&asked("41791234567", 5))).unwrap();
        let properties = asked["properties"].as_array().unwrap();
        let count = |name: &str| properties.iter().filter(|p| *p == name).count();
        assert_eq!((count("email"), count("jobtitle")), (1, 1));
        let trial = serde_json::to_value(search.trial()).unwrap();
        assert_eq!(trial["limit"], json!(1));
    }
}
