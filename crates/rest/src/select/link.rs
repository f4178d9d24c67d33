//! Which texts may become links.

use url::Url;

/// Whether a text is an absolute address of the web. Others, such as `javascript:`, must not
/// become links on somebody's screen. `base` is an address of the web, to which most links lead.
pub(super) fn is_web_address(text: &str, base: Option<&str>) -> bool {
    // Whatever stands behind a host is a path, a query or a fragment.
    let is_below = |base| {
        text.strip_prefix(base)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    base.is_some_and(is_below)
        || has_plain_host(text)
        || Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Whether a text begins with a scheme of the web and a host of letters, digits and hyphens, which
/// needs no parser to be told.
fn has_plain_host(text: &str) -> bool {
    let mut schemes = ["https://", "http://"].iter();
    let Some(rest) = schemes.find_map(|scheme| text.strip_prefix(scheme)) else {
        return false;
    };
    let Some((host, _)) = rest.split_once('/') else {
        return false;
    };
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_lowercase())
            && label.ends_with(|c: char| c.is_ascii_alphanumeric())
            && !label.contains("--")
            && label.bytes().all(is_part)
    };
    host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_usual_address_is_known_without_parsing_it() {
        for (text, is_plain) in [
            ("https://erp.example.com/contacts/7", true),
            ("http://crm-1.example/", true),
            ("https://erp.example.com", false),
            ("https://erp.example.com:8080/", false),
            ("https://xn--a.example/", false),
            ("https://127.0.0.1/", false),
            ("https://user@erp.example/", false),
            ("https://erp..example/", false),
            ("https:///x", false),
            ("ftp://erp.example/", false),
            ("javascript:alert(1)//https://erp.example/", false),
        ] {
            assert_eq!(has_plain_host(text), is_plain, "{text}");
        }
    }

    #[test]
    fn an_address_below_that_of_the_crm_is_one_of_the_web() {
        let base = Some("http://[::1]:8080/crm");
        assert!(is_web_address("http://[::1]:8080/crm/contacts/7", base));
        assert!(is_web_address("https://[::2]/", base));
        assert!(!is_web_address("http://[::1]:8080a/crm", base));
        assert!(!is_web_address("javascript:alert(1)", base));
        assert!(!is_web_address("/contacts/7", None));
    }

    proptest! {
        #[test]
        fn what_is_below_an_address_parses(rest in "\\PC{0,12}|[\\x00-\\x7f]{0,12}") {
            let text = format!("https://crm.example:8443/{rest}");
            prop_assert!(Url::parse(&text).is_ok());
        }

        #[test]
        fn what_is_known_without_parsing_parses(
            text in r"https?://([a-z0-9-]{1,4}\.){0,3}[a-z0-9-]{1,4}/\PC{0,12}",
        ) {
            if has_plain_host(&text) {
                let url = Url::parse(&text);
                prop_assert!(url.is_ok_and(|url| matches!(url.scheme(), "http" | "https")));
            }
        }
    }
}
