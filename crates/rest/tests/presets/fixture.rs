//! What stands in a fixture, `tests/fixtures/presets/<name>.toml`.
//!
//! Texts that are called templates or expressions are Jinja, with the filter `base64`; a value that
//! does not exist is an error. What a simulated CRM replies is JSON: values become JSON by
//! themselves, so that `{{ contact.name }}` comes with its quotes; write `{{ "12x" ~ contact.id }}`
//! for a longer text.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use whocalls_core::RecordKind;

/// A simulated CRM, and what a preset sends to it and reads from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    /// How numbers are written in this CRM, in turn: expressions over the forms of `number`, for
    /// example `["number.e164", "number.national"]`. Default: as people type them, in many ways.
    #[serde(default)]
    pub(crate) stored: Vec<String>,
    /// What contacts are spread over, if the CRM keeps them in several places, for example
    /// `["Contacts", "Leads"]`. The known contact is in the first.
    #[serde(default)]
    pub(crate) modules: Vec<String>,
    /// The values of `settings.account`; those that the preset calls secret are given as secrets.
    /// `UPSTREAM` is the address of the simulated CRM.
    #[serde(default)]
    pub(crate) account: BTreeMap<String, String>,
    /// What `base_url`, `token_url` and `login_url` come out as with this account, if they begin
    /// with `https://`. The simulated CRM takes the place of the host.
    #[serde(default)]
    pub(crate) addresses: BTreeMap<String, String>,
    /// Settings over those of the preset, where something else has to lead to `UPSTREAM`.
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    /// What identifies the gateway in every request but logins.
    #[serde(default)]
    pub(crate) credential: Needs,
    /// The reply to a wrong credential.
    pub(crate) refused: Reply,
    /// The first that fits a request answers it. A request that fits none fails the test.
    pub(crate) routes: Vec<Route>,
    /// The lookup of +41 79 123 45 67, which contact 13 owns, Mia Keller.
    pub(crate) known: Known,
    /// Failures in the CRM's own words, and what the adapter takes them for.
    pub(crate) errors: Vec<Failure>,
    /// The workflow `CallFlow`, for presets that have it.
    pub(crate) call: Option<Call>,
}

/// What a request must have. The values are templates that know `account`, `token` (the one that
/// was issued last), and `upstream`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needs {
    /// How the path begins, percent-decoded.
    pub(crate) path: Option<String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// Parameters with this text in them.
    #[serde(default)]
    pub(crate) query_has: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    /// JSONPath in the body -> its only value.
    #[serde(default)]
    pub(crate) json: BTreeMap<String, Value>,
}

/// What the CRM does with a kind of request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// Method and path, percent-decoded: `GET /contacts/*`. `*` is any one segment.
    pub(crate) request: String,
    /// With `query`, `query_has`, `form` and `json`: as in [`Needs`].
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query_has: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) json: BTreeMap<String, Value>,
    /// Where the request says what it asks for. Default: it asks for nothing, and there are no
    /// hits.
    pub(crate) asked: Option<Asked>,
    /// What it asks in.
    #[serde(default)]
    pub(crate) rows: Rows,
    /// Only the contacts of this module.
    pub(crate) module: Option<String>,
    /// Expressions: the texts of a row that are compared. Default: both numbers of a contact, the
    /// id of a company. For example `["contact.mobile"]`.
    #[serde(default)]
    pub(crate) against: Vec<String>,
    /// How they are compared.
    #[serde(default)]
    pub(crate) compare: Compare,
    /// A row that fits, in JSON: a template that knows `contact`, `company` or `object`.
    pub(crate) hit: Option<String>,
    /// The reply; its body knows the list `hits`, and `object` if it was created.
    pub(crate) reply: Reply,
    /// The reply where no row fits. Default: `reply`.
    pub(crate) nobody: Option<Reply>,
    /// A login, which does not have the credential of other requests.
    #[serde(default)]
    pub(crate) login: bool,
    /// What a login must have instead.
    #[serde(default)]
    pub(crate) credential: Needs,
    /// The reply to a wrong credential. Default: that of the fixture.
    pub(crate) refused: Option<Reply>,
    /// A new `token` is issued, which the reply knows. Older ones end.
    #[serde(default)]
    pub(crate) issues: bool,
    /// An object is created: `object.id`, counted from 501, and what was sent of it:
    /// `object.sent.json`, `form` and `query`.
    #[serde(default)]
    pub(crate) creates: bool,
}

impl Route {
    /// What tells it from other routes.
    pub(crate) fn needs(&self) -> Needs {
        Needs {
            path: None,
            headers: self.headers.clone(),
            query: self.query.clone(),
            query_has: self.query_has.clone(),
            form: self.form.clone(),
            json: self.json.clone(),
        }
    }
}

/// Where a request has what it asks for: one of the first four. Everything that is found there is
/// asked for, and a row fits that one of them fits.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    /// A parameter.
    pub(crate) query: Option<String>,
    /// A field of the form.
    pub(crate) form: Option<String>,
    /// JSONPath in the body; a list stands for its elements.
    pub(crate) json: Option<String>,
    /// A regular expression: the first group of each match in the path, or all of it.
    pub(crate) path: Option<String>,
    /// What of it is asked for, as in `path`.
    pub(crate) pattern: Option<String>,
    /// What stands between several.
    pub(crate) split: Option<String>,
}

/// What a request asks in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rows {
    /// `contact.id`, `first_name`, `last_name`, `name`, `company`, `company_id`, `email`, `mobile`,
    /// `work`, `phones`, `job_title`, `module`.
    #[default]
    Contacts,
    /// `company.id` and `name`.
    Companies,
    /// What workflows have created.
    Objects,
}

/// How a CRM compares what is stored with what is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compare {
    /// The whole text.
    #[default]
    Exact,
    /// A part of the text, in any letter case.
    Contains,
    /// A pattern in which `%` and `*` stand for anything.
    Like,
    /// The digits of both.
    Digits,
    /// The asked digits are the last of those that are stored.
    EndsWithDigits,
    /// The stored number in E.164.
    E164,
}

/// A reply. Header values and body are templates that know `account`, `token` and `upstream`, too.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    /// 200 by default.
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
}

fn ok() -> u16 {
    200
}

/// The lookup of the known number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// All requests but logins, in any order: `GET /contacts?phone=+41791234567`, percent-decoded.
    /// A body follows in the next lines.
    pub(crate) requests: Vec<String>,
    pub(crate) record: Record,
}

/// A record as it is read, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) id: String,
    #[serde(default = "contact")]
    pub(crate) kind: RecordKind,
    pub(crate) name: String,
    pub(crate) company: Option<String>,
    pub(crate) contact_uri: Option<String>,
    pub(crate) company_uri: Option<String>,
    pub(crate) phones: Vec<String>,
    #[serde(default)]
    pub(crate) emails: Vec<String>,
    pub(crate) updated_at: Option<String>,
    #[serde(default)]
    pub(crate) custom_fields: BTreeMap<String, String>,
}

fn contact() -> RecordKind {
    RecordKind::Contact
}

/// A failure in the CRM's own words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
    /// The kind of the error, for example `rate_limited`.
    pub(crate) kind: String,
    pub(crate) retry_after_secs: Option<u64>,
    /// The login fails, instead of the requests behind it.
    #[serde(default)]
    pub(crate) at_login: bool,
}

impl Failure {
    pub(crate) fn reply(&self) -> Reply {
        Reply {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

/// The workflow `CallFlow`, for the call that `calls.rs` makes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// The requests, as in [`Known`].
    pub(crate) requests: Vec<String>,
    pub(crate) receipt: Receipt,
    /// What it cannot do without: `contact`, `user`.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// The requests for a call without contact and user, unless it needs them.
    pub(crate) bare: Option<Vec<String>>,
    /// The requests of a later report; none for a preset without `update`.
    #[serde(default)]
    pub(crate) update: Vec<String>,
    /// Calls that are logged in another way.
    #[serde(default)]
    pub(crate) others: Vec<OtherCall>,
}

/// The same call with another contact, or in the other direction.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OtherCall {
    /// The id of the record. Default: the known contact.
    pub(crate) contact: Option<String>,
    /// The user called.
    #[serde(default)]
    pub(crate) outgoing: bool,
    pub(crate) requests: Vec<String>,
}

/// What the gateway gets to know of the object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
    pub(crate) id: String,
    pub(crate) url: Option<String>,
}
