//! The part of the language that says how the CRM tells of changed records.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Sources, TextOrSecret};

/// How the CRM tells that records changed, with `POST <root>/notifications/<adapter id>`: cached
/// answers with these records are forgotten. The body is JSON or a form.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationSettings {
    /// What shows that a notification comes from the CRM.
    pub(crate) proof: ProofSettings,
    /// JSONPath of the events in the body, for example `$.events[*]`. Default `$`: the body is one
    /// event.
    #[serde(default = "whole_body")]
    pub(crate) events: String,
    /// An expression: events for which it is not true are ignored. It knows `event` and `account`.
    /// Default: all count. For example `event.meta.entity == 'person'`.
    pub(crate) when: Option<String>,
    /// Where an event has the ids of the records that changed, as `lookup.fields.id` yields them;
    /// all that the sources yield. An event for which they yield nothing makes the gateway forget
    /// every answer of the adapter. Default: every event does. For example `$.objectId`.
    pub(crate) records: Option<Sources>,
    /// Where an event has the numbers that the records own now, in any spelling: cached answers for
    /// them are forgotten too. Default: none. For example `["$.phone", "$.mobile"]`.
    pub(crate) numbers: Option<Sources>,
}

fn whole_body() -> String {
    "$".to_owned()
}

/// What shows that a notification comes from the CRM. Secrets are references, or templates of a
/// value in `account` that is one; at least 8 characters.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ProofSettings {
    /// A header with an HMAC (RFC 2104) of the body.
    Hmac(Box<HmacSettings>),
    /// A secret at the end of the URL: `…/notifications/<adapter id>/<secret>`.
    Url {
        /// The secret: 8 to 128 letters, digits, `-`, `_`, `.` and `~`.
        secret: TextOrSecret,
    },
    /// A header with a secret.
    Header {
        /// Name of the header, for example `X-Hook-Token`.
        name: String,
        /// The secret.
        secret: TextOrSecret,
        /// Text in front of it, for example `Bearer `. Default: empty.
        #[serde(default)]
        prefix: String,
    },
    /// A secret in the body.
    Body {
        /// JSONPath of it, for example `$.token`, or `$['auth[application_token]']` in a form.
        path: String,
        /// The secret.
        secret: TextOrSecret,
    },
    /// Nothing: whoever reaches the gateway can make it forget answers. Only for a network in which
    /// nobody else does.
    // Braces, because serde checks for unknown keys only in variants that have them.
    None {},
}

/// How the CRM signs what it sends.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HmacSettings {
    /// Name of the header with the signature, for example `X-Signature`.
    pub(crate) header: String,
    /// The key; its characters are the bytes of the key.
    pub(crate) secret: TextOrSecret,
    /// The hash function. Default `sha256`.
    #[serde(default)]
    pub(crate) hash: HashName,
    /// How the signature is written. Default `hex`.
    #[serde(default)]
    pub(crate) encoding: TagEncoding,
    /// Text in front of the signature, for example `sha256=`. Default: empty.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Name of a header whose value is signed in front of the body, such as one with the time.
    /// Default: the body alone is signed.
    pub(crate) signed_header: Option<String>,
}

/// The hash function of an HMAC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HashName {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TagEncoding {
    /// Hexadecimal digits.
    #[default]
    Hex,
    /// Base64 (RFC 4648 §4), with padding.
    Base64,
}
