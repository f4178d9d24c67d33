//! What shows that a notification comes from the CRM.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use whocalls_core::{Notification, Secret};
use whocalls_http::{Hash, header::HeaderName, is_same_secret, is_tag_of};

use crate::{
    account::Account,
    compile::Problems,
    config::{HashName, HmacSettings, ProofSettings, TagEncoding},
    credential::Reader,
    select::{Path, first_text},
};

/// Where the settings of a proof stand.
const AT: &str = "notifications.proof";
/// A shorter secret can be guessed.
const MIN_SECRET_CHARS: usize = 8;
/// A longer one does not fit every field for a URL.
const MAX_URL_SECRET_CHARS: usize = 128;
/// What a URL has beside letters and digits without being encoded (RFC 3986 §2.3).
const UNRESERVED: &str = "-_.~";

/// What shows that a notification comes from the CRM. Without `Debug`, because it holds secrets.
pub(super) enum Proof {
    Hmac(Hmac),
    Url(Secret),
    Header(Marked, Secret),
    Body(Path, Secret),
    /// Nothing does, and the description says so.
    Nothing,
    /// That of a setting with a problem.
    Unusable,
}

/// How the CRM signs what it sends.
pub(super) struct Hmac {
    place: Marked,
    signed_header: Option<HeaderName>,
    hash: Hash,
    encoding: TagEncoding,
    secret: Secret,
}

/// A header, and the text in front of what counts in it.
pub(super) struct Marked {
    header: HeaderName,
    prefix: String,
}

impl Proof {
    /// Reads the setting `notifications.proof`.
    pub(super) fn compile(
        settings: &ProofSettings,
        account: &Account,
        problems: &mut Problems,
    ) -> Self {
        let mut reader = Reader { account, problems };
        match settings {
            ProofSettings::Hmac(settings) => hmac(settings, &mut reader),
            ProofSettings::Url { secret } => {
                let path = format!("{AT}.secret");
                let secret = reader.secret(&path, secret);
                check_url_secret(&secret, &path, reader.problems);
                Some(Self::Url(secret))
            }
            ProofSettings::Header {
                name,
                secret,
                prefix,
            } => {
                let secret = checked(reader.secret(&format!("{AT}.secret"), secret), &mut reader);
                let place = Marked::compile(name, "name", prefix, reader.problems);
                place.map(|place| Self::Header(place, secret))
            }
            ProofSettings::Body { path, secret } => {
                let secret = checked(reader.secret(&format!("{AT}.secret"), secret), &mut reader);
                let path = reader.problems.json_path(&format!("{AT}.path"), path);
                Some(Self::Body(path, secret))
            }
            ProofSettings::None {} => Some(Self::Nothing),
        }
        .unwrap_or(Self::Unusable)
    }

    /// Whether the CRM sent the notification, whose body was read as `body`.
    pub(super) fn holds(&self, notification: &Notification, body: Option<&Value>) -> bool {
        match self {
            Self::Hmac(hmac) => hmac.holds(notification),
            Self::Url(secret) => is_same_secret(secret, notification.tail.as_bytes()),
            Self::Header(place, secret) => place
                .value(notification)
                .is_some_and(|value| is_same_secret(secret, value)),
            Self::Body(path, secret) => body
                .and_then(|body| first_text(path, body))
                .is_some_and(|text| is_same_secret(secret, text.as_bytes())),
            Self::Nothing => true,
            Self::Unusable => false,
        }
    }

    /// What an operator looks at when it does not hold.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Hmac(_) => {
                "it is not signed with notifications.proof.secret; check the key that the CRM signs \
                 with, and hash, encoding and prefix"
            }
            Self::Url(_) => {
                "its URL does not end with notifications.proof.secret; check the address that the \
                 CRM sends to"
            }
            Self::Header(..) => {
                "it does not have notifications.proof.secret in the header; check what the CRM sends"
            }
            Self::Body(..) => {
                "it does not have notifications.proof.secret in its body; check notifications.proof.path \
                 and what the CRM sends"
            }
            Self::Nothing | Self::Unusable => "nothing shows that it comes from the CRM",
        }
    }
}

impl Hmac {
    fn holds(&self, notification: &Notification) -> bool {
        let Some(tag) = self
            .place
            .value(notification)
            .and_then(|tag| match self.encoding {
                TagEncoding::Hex => from_hex(tag),
                TagEncoding::Base64 => BASE64_STANDARD.decode(tag).ok(),
            })
        else {
            return false;
        };
        let signed = match &self.signed_header {
            None => Some(&b""[..]),
            Some(name) => notification.header(name.as_str()),
        };
        let body = notification.body.as_slice();
        signed.is_some_and(|signed| is_tag_of(self.hash, &self.secret, &[signed, body], &tag))
    }
}

impl Marked {
    fn compile(name: &str, key: &str, prefix: &str, problems: &mut Problems) -> Option<Self> {
        let header = problems.header_name(&format!("{AT}.{key}"), name)?;
        let prefix = prefix.to_owned();
        Some(Self { header, prefix })
    }

    /// What counts in the header.
    fn value<'n>(&self, notification: &'n Notification) -> Option<&'n [u8]> {
        let value = notification.header(self.header.as_str())?;
        value.strip_prefix(self.prefix.as_bytes())
    }
}

fn hmac(settings: &HmacSettings, reader: &mut Reader<'_>) -> Option<Proof> {
    let secret = reader.secret(&format!("{AT}.secret"), &settings.secret);
    let secret = checked(secret, reader);
    let problems = &mut *reader.problems;
    let place = Marked::compile(&settings.header, "header", &settings.prefix, problems);
    let signed = settings.signed_header.as_ref();
    let signed = signed.map(|name| problems.header_name(&format!("{AT}.signed_header"), name));
    Some(Proof::Hmac(Hmac {
        place: place?,
        signed_header: signed.flatten(),
        hash: match settings.hash {
            HashName::Sha1 => Hash::Sha1,
            HashName::Sha256 => Hash::Sha256,
            HashName::Sha512 => Hash::Sha512,
        },
        encoding: settings.encoding,
        secret,
    }))
}

/// The secret, after a look at its length.
fn checked(secret: Secret, reader: &mut Reader<'_>) -> Secret {
    if secret.expose().chars().count() < MIN_SECRET_CHARS {
        reader.problems.add(
            &format!("{AT}.secret"),
            "a secret of at least 8 characters is expected, made by chance, for example with \
             `openssl rand -hex 24`",
        );
    }
    secret
}

fn check_url_secret(secret: &Secret, path: &str, problems: &mut Problems) {
    let text = secret.expose();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || UNRESERVED.contains(c);
    let is_long_enough = (MIN_SECRET_CHARS..=MAX_URL_SECRET_CHARS).contains(&text.len());
    if !is_long_enough || !text.chars().all(is_plain) {
        problems.add(
            path,
            "8 to 128 letters, digits, `-`, `_`, `.` and `~` are expected, made by chance, for \
             example with `openssl rand -hex 24`",
        );
    }
}

/// The bytes that pairs of hexadecimal digits stand for, in upper or lower case.
fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let bytes = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect()
}
