//! The part of the language that describes lookups.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    BodySettings, FieldSettings, KindSettings, MethodName, OutcomeSettings, PagesSettings,
    ParameterMap, Sources,
};
use crate::request::Parts;

/// How the owners of a number are found, and where the reply has what: one request, or several
/// `steps`. Beside `steps`, the keys from `missing_hits` on are the defaults of each step.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupSettings {
    /// The method. Default `GET`.
    #[serde(default)]
    pub(crate) method: MethodName,
    /// Path behind `base_url`, a template; begins with `/`. What an expression yields is
    /// percent-encoded. Needed unless there are `steps`. For example
    /// `/contacts/by-phone/{{ number.digits }}`.
    pub(crate) path: Option<String>,
    /// Query parameters; the values are templates and are encoded as a whole. For example
    /// `{ phone = "{{ number.e164 }}", limit = "20" }`. Default: none.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers; the values are templates. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, for `POST`. Default: none.
    pub(crate) body: Option<BodySettings>,
    /// JSONPath (RFC 9535) of the hits in the reply, for example `$.items[*]`; `$[*]` for a reply
    /// that is an array. Needed unless there are `steps`.
    pub(crate) hits: Option<String>,
    /// How further pages are asked for. Default: the first page is all.
    pub(crate) pages: Option<PagesSettings>,
    /// The requests of a lookup, at most 12, when one is not enough. Each starts as soon as
    /// everything is there that it uses. Default: the one request that the keys above describe.
    #[schemars(length(max = 12))]
    #[serde(default)]
    pub(crate) steps: Vec<StepSettings>,
    /// What it means when the list in front of the first `[*]` of `hits` is missing from the
    /// reply. A list that is there and empty, or `null`, always means that nobody was found.
    /// Default `fail`.
    #[serde(default)]
    pub(crate) missing_hits: MissingHits,
    /// Statuses that mean that nobody was found, whatever the body: 201 to 299 and 400 to 499,
    /// except 401, 403, 407, 408 and 429. Default `[204]`.
    #[schemars(inner(range(min = 201, max = 499)))]
    #[serde(default = "default_empty_statuses")]
    pub(crate) empty_statuses: Vec<u16>,
    /// What replies mean, where their status does not tell. These rules come before
    /// `empty_statuses`, and both before those of the settings. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
    /// The CRM writes texts as they would stand in a page: `O&#039;Neill`. Default `false`.
    #[serde(default)]
    pub(crate) html_entities: bool,
    /// What a hit stands for: `contact`, `lead` or `company`, or sources of it. For example
    /// `{ path = "$.type", map = { Contact = "contact", Account = "company" } }`. Default
    /// `contact`.
    #[serde(default)]
    pub(crate) record_kind: KindSettings,
    /// Where a hit has what.
    pub(crate) fields: Option<FieldSettings>,
}

/// A step of a lookup: a request, or one for each element of a list.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepSettings {
    /// The name: letters, digits, `_` and `-`. It stands in errors and traces, and joins use it.
    pub(crate) name: String,
    /// The method. Default `GET`.
    #[serde(default)]
    pub(crate) method: MethodName,
    /// Path behind `base_url`, a template; begins with `/`. For example
    /// `/companies/{{ item }}`.
    pub(crate) path: String,
    /// Query parameters, as in `lookup`. Default: none.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers, as in `lookup`. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, for `POST`. Default: none.
    pub(crate) body: Option<BodySettings>,
    /// The step is left out unless this expression is true. For example `found == 0`. Default: it
    /// is not left out.
    pub(crate) when: Option<String>,
    /// An expression that yields a list: one request is sent for each element, which it knows as
    /// `item`. An empty list means no request. For example `number.spellings`. Default: one
    /// request.
    pub(crate) for_each: Option<String>,
    /// One request is sent for that many elements of `for_each`, which it knows as `items`. 1 to
    /// 500. Default: one request for each.
    #[schemars(range(min = 1, max = 500))]
    pub(crate) batch: Option<u16>,
    /// The most requests of this step, further pages included, 1 to 50. Default 10.
    #[schemars(range(min = 1, max = 50))]
    #[serde(default = "default_max_requests")]
    pub(crate) max_requests: u8,
    /// Milliseconds that the step may take, 100 to 60000; then it fails. Default: the time of the
    /// whole lookup.
    #[schemars(range(min = 100, max = 60_000))]
    pub(crate) timeout_ms: Option<u32>,
    /// `true`: the requests of `for_each` are sent one after the other, and none after one has
    /// found an owner of the number. `false`: up to 4 at the same time. Default `false`.
    #[serde(default)]
    pub(crate) until_found: bool,
    /// JSONPath of the hits in the reply. Default: none, the step only captures.
    pub(crate) hits: Option<String>,
    /// How further pages are asked for. Default: the first page is all.
    pub(crate) pages: Option<PagesSettings>,
    /// What later steps need of the replies: name -> sources. One text, if each source leads to
    /// one value and the step sends one request; else a list, each text once. They know it as
    /// `captured.<name>`. For example `{ company_ids = "$.data[*].org_id" }`. Default: nothing.
    #[serde(default)]
    pub(crate) capture: IndexMap<String, Sources>,
    /// Sources of the text that joins find a hit by. The hits are no records then. For example
    /// `$.id`. Default: the hits are records.
    pub(crate) index_by: Option<Sources>,
    /// `true`: without this step there is no answer. `false`: what the others found is answered as
    /// a partial answer. Default `false`.
    #[serde(default)]
    pub(crate) required: bool,
    /// As in `lookup`. Default: that of `lookup`.
    pub(crate) missing_hits: Option<MissingHits>,
    /// As in `lookup`. Default: those of `lookup`.
    #[schemars(inner(range(min = 201, max = 499)))]
    pub(crate) empty_statuses: Option<Vec<u16>>,
    /// As in `lookup`. These rules come before those of `lookup`. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
    /// As in `lookup`. Default: that of `lookup`.
    pub(crate) record_kind: Option<KindSettings>,
    /// As in `lookup`. Default: those of `lookup`.
    pub(crate) fields: Option<FieldSettings>,
}

impl StepSettings {
    /// The request that it describes.
    pub(crate) fn request(&self) -> Parts<'_> {
        Parts {
            method: self.method.into(),
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: self.body.as_ref(),
        }
    }
}

impl LookupSettings {
    /// The steps, and the path of each: one request is a lookup of one step.
    pub(crate) fn steps(&self) -> Vec<(String, StepSettings)> {
        if self.steps.is_empty() {
            return vec![("lookup".to_owned(), self.only_step())];
        }
        let steps = self.steps.iter().enumerate();
        steps
            .map(|(index, step)| (format!("lookup.steps.{index}"), step.clone()))
            .collect()
    }

    fn only_step(&self) -> StepSettings {
        StepSettings {
            name: "lookup".to_owned(),
            method: self.method,
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            when: None,
            for_each: None,
            batch: None,
            max_requests: default_max_requests(),
            timeout_ms: None,
            until_found: false,
            hits: self.hits.clone(),
            pages: self.pages.clone(),
            capture: IndexMap::new(),
            index_by: None,
            required: false,
            missing_hits: None,
            empty_statuses: None,
            outcomes: Vec::new(),
            record_kind: None,
            fields: None,
        }
    }
}

/// What a missing list of hits means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MissingHits {
    /// The reply is not the expected one: the lookup fails.
    #[default]
    Fail,
    /// The CRM leaves out empty lists: nobody was found.
    Nobody,
}

pub(super) fn default_empty_statuses() -> Vec<u16> {
    vec![204]
}

fn default_max_requests() -> u8 {
    10
}
