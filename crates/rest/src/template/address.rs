//! The address of the CRM: which part of it a value may become.

use super::{
    escape,
    marks::{Piece, pieces},
};

/// Puts the marked values into an address.
///
/// A value at the very start is an address itself, as of a CRM that companies host; in the host it
/// can only be part of a name, and in the path only of a segment.
///
/// # Errors
/// A sentence about a value that is no part of a host name.
pub(super) fn assemble(marked: &str) -> Result<String, &'static str> {
    let mut address = String::with_capacity(marked.len());
    for piece in pieces(marked) {
        match piece {
            Piece::Text(text) => address.push_str(text),
            Piece::Value(value) if address.is_empty() => {
                address.push_str(value.trim().trim_end_matches('/'));
            }
            Piece::Value(value) if is_host_over(&address) => {
                address.push_str(&escape::percent(value));
            }
            Piece::Value(value) if is_host_part(value) => address.push_str(value),
            Piece::Value(_) => {
                return Err("a value in a host name consists of letters, digits, `-` and `.`");
            }
        }
    }
    Ok(address)
}

/// Whether the path has begun: the first slash behind `https://`.
fn is_host_over(address: &str) -> bool {
    address
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains('/'))
}

fn is_host_part(value: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn assembled(parts: &[(&str, &str)]) -> Result<String, &'static str> {
        let marked = parts.iter().fold(String::new(), |text, (before, value)| {
            format!("{text}{before}\u{fdd0}{value}\u{fdd1}")
        });
        assemble(&marked)
    }

    #[test]
    fn a_value_stays_in_its_part_of_the_address() {
        for (parts, address) in [
            (
                &[("https://", "acme"), (".example.com/", "a/b")][..],
                "https://acme.example.com/a%2Fb",
            ),
            (
                &[("", "https://crm.example.com/x/"), ("/api/", "1")],
                "https://crm.example.com/x/api/1",
            ),
        ] {
            assert_eq!(assembled(parts).as_deref(), Ok(address));
        }
        for value in ["a/b", "evil.example#", "a@b", "a:1", "", "a b", "a%2f"] {
            assert!(assembled(&[("https://", value)]).is_err(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_value_leads_to_another_domain(value in "\\PC{0,12}|[-/?#&=+%'\"{}\\[\\]<>@:;., \\\\a-z]{0,12}") {
            let address = assembled(&[("https://", &value)]);
            let url = address.map(|address| Url::parse(&format!("{address}.crm.example/api")));
            if let Ok(Ok(url)) = url {
                let host = url.host_str().unwrap_or_default();
                prop_assert!(host.ends_with(".crm.example"), "{}", host);
                prop_assert_eq!(url.path(), "/api");
            }
            let address = assembled(&[("https://crm.example/", &value)]).unwrap();
            let url = Url::parse(&format!("{address}/api")).unwrap();
            prop_assert_eq!(url.host_str(), Some("crm.example"));
            prop_assert_eq!((url.query(), url.fragment(), url.username()), (None, None, ""));
        }
    }
}
