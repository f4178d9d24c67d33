//! The part of the language that describes workflows.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_http::Method;

use super::{
    BodySettings, MethodName, MissingHits, OutcomeSettings, ParameterMap, Sources,
    lookup::default_empty_statuses,
};
use crate::{outcome::Outcomes, request::Parts, search::SearchParts};

/// A workflow: the request that creates an object, and what makes sure that there is only one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkflowSettings {
    /// The request that creates the object.
    pub(crate) create: WriteSettings,
    /// Where the reply has the object's id, for example `$.id`, `$` for a reply that is the id, or
    /// `{ header = "Location", pattern = "([^/]+)$" }`. Needed unless `own_id` is set.
    pub(crate) id: Option<Sources>,
    /// The id that the gateway gives the object itself, a template: for CRMs that take one. The
    /// requests know it as `object.id`. For example `{{ workflow.uuid }}`. Default: the CRM gives
    /// the id.
    pub(crate) own_id: Option<String>,
    /// Link to the object's page: a JSONPath in the reply, a header, or a template that knows
    /// `reply`, `object.id`, `base_url` and `account`. Default: none. For example
    /// `{ template = "https://erp.example.com/notes/{{ object.id }}" }`.
    pub(crate) url: Option<Sources>,
    /// The request that brings the object up to date when more is known of the call; it knows
    /// `object.id`. Default: the object stays as it was created.
    pub(crate) update: Option<WriteSettings>,
    /// The request that finds out whether an object exists, after its creation was not confirmed.
    /// Default: nobody can find out.
    pub(crate) find: Option<FindSettings>,
    /// The CRM itself recognises a repetition, for example by a header with `workflow.key` or by
    /// `own_id`: an unconfirmed request is simply sent again. Default `false`.
    #[serde(default)]
    pub(crate) repeat_safe: bool,
    /// Requests behind those that create or update the object, one after the other: links to other
    /// records, for example. When one fails, the object stays, and the next delivery sends all of
    /// them again; so do later reports of the same call. They must bear repetition. Default: none.
    #[schemars(length(max = 8))]
    #[serde(default)]
    pub(crate) then: Vec<ThenSettings>,
    /// What replies mean, where their status does not tell, for all requests of the workflow; the
    /// rules of the settings come behind. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
}

/// A request that follows once the object exists.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThenSettings {
    /// The request is left out unless this expression is true. For example `contact.id`. Default:
    /// it is always sent.
    pub(crate) when: Option<String>,
    /// The method. Default `POST`.
    pub(crate) method: Option<WriteMethod>,
    /// Path behind `base_url`, a template; begins with `/`. It knows `object.id` and `created`, the
    /// reply that created the object or brought it up to date. For example
    /// `/notes/{{ object.id }}/links`.
    pub(crate) path: String,
    /// Query parameters, as in `create`. Default: none.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers, as in `create`. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, as in `create`. Default: none.
    pub(crate) body: Option<BodySettings>,
    /// What replies to this request mean; these rules come before those of the workflow. For
    /// example `[{ status = [409], means = "ok" }]`. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
}

impl ThenSettings {
    /// The request that it describes.
    pub(crate) fn request(&self) -> Parts<'_> {
        Parts {
            method: self.method.unwrap_or(WriteMethod::Post).into(),
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: self.body.as_ref(),
        }
    }
}

/// A request that creates or changes an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteSettings {
    /// The method. Default: `POST` in `create`, `PATCH` in `update`.
    pub(crate) method: Option<WriteMethod>,
    /// Path behind `base_url`, a template; begins with `/`. What an expression yields is
    /// percent-encoded; a value that is absent is an error. For example
    /// `/notes/{{ object.id }}`.
    pub(crate) path: String,
    /// Query parameters; the values are templates. One that yields nothing is left out. Default:
    /// none.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers; the values are templates. One that yields nothing is left out. For example
    /// `{ Idempotency-Key = "{{ workflow.key }}" }`. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body. A text in it that yields nothing is left out, with its key. Default: none.
    pub(crate) body: Option<BodySettings>,
}

impl WriteSettings {
    /// The request that it describes.
    pub(crate) fn request(&self, default: WriteMethod) -> Parts<'_> {
        Parts {
            method: self.method.unwrap_or(default).into(),
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: self.body.as_ref(),
        }
    }
}

/// The methods that create and change objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum WriteMethod {
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
}

impl From<WriteMethod> for Method {
    fn from(name: WriteMethod) -> Self {
        match name {
            WriteMethod::Post => Self::POST,
            WriteMethod::Put => Self::PUT,
            WriteMethod::Patch => Self::PATCH,
        }
    }
}

/// A request that looks for an object by what `create` wrote into it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindSettings {
    /// The method. Default `GET`.
    #[serde(default)]
    pub(crate) method: MethodName,
    /// Path behind `base_url`, a template. For example `/notes`.
    pub(crate) path: String,
    /// Query parameters; the values are templates. For example
    /// `{ external_key = "{{ workflow.key }}" }`. Default: none.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers; the values are templates. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, for `POST`. Default: none.
    pub(crate) body: Option<BodySettings>,
    /// JSONPath of the objects in the reply, for example `$.items[*]`; `$` for a reply that is the
    /// object. An object counts when `workflow.key`, `workflow.uuid` or `workflow.marker` stands
    /// somewhere in it, whatever the CRM thinks of the filter.
    pub(crate) hits: String,
    /// What it means when the list in front of the first `[*]` of `hits` is missing. Default
    /// `fail`.
    #[serde(default)]
    pub(crate) missing_hits: MissingHits,
    /// Statuses that mean that there is no such object, as in `lookup`. Default `[204]`.
    #[schemars(inner(range(min = 201, max = 499)))]
    #[serde(default = "default_empty_statuses")]
    pub(crate) empty_statuses: Vec<u16>,
    /// Where an object has its id, for example `$.id`.
    pub(crate) id: Sources,
}

impl FindSettings {
    /// The search that it describes; `outcomes` say what its replies mean.
    pub(crate) fn search(&self, outcomes: Outcomes) -> SearchParts<'_> {
        SearchParts {
            request: Parts {
                method: self.method.into(),
                path: &self.path,
                query: &self.query,
                headers: &self.headers,
                body: self.body.as_ref(),
            },
            hits: Some(&self.hits),
            missing_hits: self.missing_hits,
            outcomes,
        }
    }
}
