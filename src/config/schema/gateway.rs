//! `[gateway]`: the HTTP interface.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whocalls_core::{NumberPlan, Secret};
use whocalls_wording::Language;

use crate::config::formats::{HEADER_NAME, ORIGIN, REGION, ROOT_PATH, SOCKET_ADDRESS, TIME_ZONE};

/// Where clients are served; reachable from this machine only.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Where operators are served; reachable from this machine only.
const DEFAULT_ADMIN_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8081);
/// A CRM answers in well under a second; the telephone rings for several.
const DEFAULT_REQUEST_TIMEOUT_MS: u64 = 1500;
/// The telephone system waits for a workflow's reply, but nobody else does.
const DEFAULT_WORKFLOW_TIMEOUT_MS: u64 = 5000;
/// As many as a telephone shows.
const DEFAULT_MAX_RESULTS: usize = 5;
/// Several ring groups at once. With it, the connections of clients and CRMs stay below 1024 open
/// files, the usual limit of a process.
const DEFAULT_MAX_IN_FLIGHT: usize = 256;
const DEFAULT_REGION: &str = "CH";
const DEFAULT_TIME_ZONE: &str = "Europe/Zurich";
/// `connector-api.md`: the header that carries the token.
pub const DEFAULT_TOKEN_HEADER: &str = "X-Execution-Token";

/// The HTTP interface.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gateway {
    /// IP address and port for clients. Any other address than a loopback one needs
    /// `[[gateway.tokens]]`.
    #[schemars(with = "String", extend("format" = SOCKET_ADDRESS))]
    pub listen: SocketAddr,
    /// IP address and port for metrics and operators. Any other address than a loopback one needs
    /// `admin_token`.
    #[schemars(with = "String", extend("format" = SOCKET_ADDRESS))]
    pub admin_listen: SocketAddr,
    /// The token that operators send as `Authorization: Bearer`. Absent: none is asked for.
    pub admin_token: Option<Secret>,
    /// What stands before `/Lookup` and the workflow names in the path of a request.
    #[schemars(extend("format" = ROOT_PATH))]
    pub root_path: String,
    /// Milliseconds that a whole lookup may take.
    #[schemars(range(min = 50, max = 30_000))]
    pub request_timeout_ms: u64,
    /// Milliseconds that a workflow's reply waits for the CRM before it says "queued".
    #[schemars(range(min = 50, max = 60_000))]
    pub workflow_timeout_ms: u64,
    /// Contacts in a reply at most.
    #[schemars(range(min = 1, max = 50))]
    pub max_results: usize,
    /// Lookups that may wait for CRMs at once, and as many workflows. A lookup beyond is answered
    /// from caches and phone books or with 503, a workflow beyond as soon as it is stored. Twice as
    /// many connections of clients and 256 more are held open at once. Changes take effect after a
    /// restart.
    #[schemars(range(min = 1, max = 65_536))]
    pub max_in_flight: usize,
    /// The region that national numbers are read in: ISO 3166-1 alpha-2, in capitals.
    #[schemars(extend("format" = REGION))]
    pub default_region: String,
    /// Numbers of up to so many digits are internal; no CRM is asked for them.
    #[schemars(range(min = 0, max = 9))]
    pub internal_max_digits: usize,
    /// The time zone in which dates without an offset are read and shown: an IANA name.
    #[schemars(extend("format" = TIME_ZONE))]
    pub time_zone: String,
    /// The language of what workflows write into the CRMs: `de`, `fr`, `it` or `en`.
    pub language: Language,
    /// How the keys of a reply are written.
    pub reply_case: ReplyCase,
    /// The reply's key for additional fields.
    pub custom_data_key: CustomDataKey,
    /// Milliseconds after the first exact match at which the reply no longer waits for the other
    /// CRMs; 0 waits for all of them.
    #[schemars(range(min = 0, max = 30_000))]
    pub settle_ms: u64,
    /// Origins of web pages that may ask, such as `https://pbx.example.ch`; `*` for all.
    #[schemars(extend("items" = { "type": "string", "format": ORIGIN }, "uniqueItems" = true))]
    pub cors_origins: Vec<String>,
    /// Who may ask. Without any, everybody who reaches `listen`.
    pub tokens: Vec<Token>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            admin_listen: DEFAULT_ADMIN_LISTEN,
            admin_token: None,
            root_path: "/".to_owned(),
            request_timeout_ms: DEFAULT_REQUEST_TIMEOUT_MS,
            workflow_timeout_ms: DEFAULT_WORKFLOW_TIMEOUT_MS,
            max_results: DEFAULT_MAX_RESULTS,
            max_in_flight: DEFAULT_MAX_IN_FLIGHT,
            default_region: DEFAULT_REGION.to_owned(),
            internal_max_digits: NumberPlan::DEFAULT_INTERNAL_MAX_DIGITS,
            time_zone: DEFAULT_TIME_ZONE.to_owned(),
            language: Language::default(),
            reply_case: ReplyCase::Camel,
            custom_data_key: CustomDataKey::CustomData,
            settle_ms: 0,
            cors_origins: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

impl Gateway {
    /// The time that a whole lookup may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// The time that a workflow's reply waits for the CRM.
    pub fn workflow_timeout(&self) -> Duration {
        Duration::from_millis(self.workflow_timeout_ms)
    }

    /// How long after the first exact match the reply waits for the rest; none waits for all.
    pub fn settle(&self) -> Option<Duration> {
        (self.settle_ms > 0).then(|| Duration::from_millis(self.settle_ms))
    }
}

/// How the keys of a reply are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyCase {
    /// `firstName`.
    Camel,
    /// `FirstName`, for the older CONNECTOR generation.
    Pascal,
}

/// The reply's key for additional fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CustomDataKey {
    /// `customData`.
    CustomData,
    /// `customFields`.
    CustomFields,
    /// Both keys with the same content.
    Both,
}

/// One client that may ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Stands in logs and metrics instead of the secret; unique.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// The header that carries the token.
    #[serde(default = "default_token_header")]
    #[schemars(extend("format" = HEADER_NAME))]
    pub header: String,
    /// The token itself.
    pub value: Secret,
    /// The adapters that this token may ask, by id. Absent: all.
    #[serde(default)]
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub adapters: Option<Vec<String>>,
    /// Requests with this token in a second; all of them may come at once. More get 429. Absent: no
    /// limit.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100_000))]
    pub requests_per_second: Option<NonZeroU32>,
}

fn default_token_header() -> String {
    DEFAULT_TOKEN_HEADER.to_owned()
}
