//! The formats of texts that JSON Schema itself cannot check.
//!
//! A key names its format in the schema (`"format": "time-zone"`), so that the schema stays the
//! only list of what is checked, and editors ignore what they do not know.

use std::net::SocketAddr;

use jiff::tz::TimeZone;
use url::Url;
use whocalls_core::{AdapterId, NumberPlan};

/// A format: its check, and what to say of a text that fails it.
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) holds: fn(&str) -> bool,
    pub(super) expected: &'static str,
}

/// An IP address and a port.
pub(super) const SOCKET_ADDRESS: &str = "socket-address";
/// A region with telephones.
pub(super) const REGION: &str = "region";
/// A time zone by its IANA name.
pub(super) const TIME_ZONE: &str = "time-zone";
/// A URL that a browser or a client can fetch.
pub(super) const HTTP_URL: &str = "http-url";
/// What a browser sends as `Origin`.
pub(super) const ORIGIN: &str = "origin";
/// A path that other paths are put behind.
pub(super) const ROOT_PATH: &str = "root-path";
/// The name of an HTTP header.
pub(super) const HEADER_NAME: &str = "header-name";
/// An adapter id.
pub(super) const ADAPTER_ID: &str = "adapter-id";

/// All formats.
pub(super) const FORMATS: [Format; 8] = [
    Format {
        name: SOCKET_ADDRESS,
        holds: |text| text.parse::<SocketAddr>().is_ok(),
        expected: "an IP address and a port are expected, such as 127.0.0.1:8080 or [::]:8080",
    },
    Format {
        name: REGION,
        holds: |text| NumberPlan::new(text).is_ok(),
        expected: "no such region; an ISO 3166-1 alpha-2 code in capitals is expected, such as CH, \
                   DE or FR",
    },
    Format {
        name: TIME_ZONE,
        holds: |text| TimeZone::get(text).is_ok(),
        expected: "no such time zone; an IANA name is expected, such as Europe/Zurich",
    },
    Format {
        name: HTTP_URL,
        holds: is_http_url,
        expected: "a URL is expected that starts with https:// or http://",
    },
    Format {
        name: ORIGIN,
        holds: is_origin,
        expected: "an origin is expected, such as https://pbx.example.ch (scheme, host and port \
                   without a path), or * for every origin",
    },
    Format {
        name: ROOT_PATH,
        holds: is_root_path,
        expected: "a path is expected that starts with `/` and has no white space, `?`, `#`, `{` \
                   or `}`",
    },
    Format {
        name: HEADER_NAME,
        holds: is_token,
        expected: "the name of a header is expected: letters, digits and -",
    },
    Format {
        name: ADAPTER_ID,
        holds: |text| AdapterId::new(text).is_ok(),
        expected: "an adapter id has 1 to 32 letters, digits, `-` or `_` and starts with a letter \
                   or digit",
    },
];

/// The format of this name.
pub(super) fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_origin(text: &str) -> bool {
    text == "*" || Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

fn is_root_path(text: &str) -> bool {
    let is_refused = |c: char| c.is_whitespace() || c.is_control() || "?#{}".contains(c);
    text.starts_with('/') && !text.contains(is_refused)
}

/// A token of RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_tell_good_from_bad() {
        let table: [(&str, &[&str], &[&str]); 8] = [
            (
                SOCKET_ADDRESS,
                &["127.0.0.1:0", "[::1]:80"],
                &["localhost:80", "127.0.0.1", ""],
            ),
            (REGION, &["CH", "US"], &["ch", "XX", "CHE", ""]),
            (
                TIME_ZONE,
                &["Europe/Zurich", "UTC"],
                &["Europe/Zürich", "Mars", ""],
            ),
            (
                HTTP_URL,
                &["https://a.example/x?y", "http://[::1]:80"],
                &["ftp://a.example", "a.example", "https://"],
            ),
            (
                ORIGIN,
                &["*", "https://a.example", "http://a.example:81"],
                &["https://a.example/", "a.example", "null"],
            ),
            (
                ROOT_PATH,
                &["/", "/crm", "/a/b/"],
                &["", "crm", "/{x}", "/a b", "/a?b"],
            ),
            (
                HEADER_NAME,
                &["X-Execution-Token"],
                &["", "X Token", "Größe", "a:b"],
            ),
            (ADAPTER_ID, &["sugar", "a-1"], &["", "a b", "a:b"]),
        ];
        for (name, good, bad) in table {
            let format = format(name).unwrap();
            for text in good {
                assert!((format.holds)(text), "{name}: {text}");
            }
            for text in bad {
                assert!(!(format.holds)(text), "{name}: {text}");
            }
        }
    }
}
