//! The addresses of one Sugar instance.

use url::Url;
use whocalls_core::SettingProblem;
use whocalls_http::BaseUrl;

const PATH: &str = "base_url";

/// Where an instance has its interface and its pages.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    rest: BaseUrl,
    version: String,
    web: Url,
}

impl Site {
    /// Reads `base_url`, for example `https://crm.example.com/rest/v11_24`.
    pub(crate) fn parse(text: &str) -> Result<Self, SettingProblem> {
        let rest = BaseUrl::parse(PATH, text)?;
        let problem = || {
            SettingProblem::new(
                PATH,
                "the address must end with the API and its version; for example \
                 https://crm.example.com/rest/v11",
            )
        };
        let (before, version) = rest.as_str().rsplit_once("/rest/").ok_or_else(problem)?;
        if !is_version(version) {
            return Err(problem());
        }
        // The web interface lives at the root of the installation, above `/rest`.
        let web = Url::parse(&format!("{before}/")).map_err(|_| problem())?;
        let version = version.to_owned();
        Ok(Self { rest, version, web })
    }

    /// The address of the REST interface.
    pub(crate) fn rest(&self) -> &BaseUrl {
        &self.rest
    }

    /// The address of a resource of the REST interface.
    pub(crate) fn resource<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        self.rest.join(segments)
    }

    /// The address of a module's filter as a part of a bulk request: it starts with the version
    /// (`crm-apis.md` §2.5).
    pub(crate) fn bulk_filter(&self, module: &str) -> String {
        format!("{}/{module}/filter", self.version)
    }

    /// The page of a record: `https://crm.example.com/#Contacts/<id>` (`crm-apis.md` §2.7).
    pub(crate) fn page(&self, module: &str, id: &str) -> String {
        if is_plain(id) {
            return [self.web.as_str(), "#", module, "/", id].concat();
        }
        let mut page = self.web.clone();
        page.set_fragment(Some(&format!("{module}/{id}")));
        page.into()
    }
}

/// Whether an id needs no encoding in a URL, which takes ten times as long as writing it: letters,
/// digits and hyphens, as in all ids that Sugar makes.
fn is_plain(id: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    id.bytes().all(is_plain)
}

/// `v10`, `v11` or `v11_24`.
fn is_version(segment: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    segment
        .strip_prefix('v')
        .is_some_and(|numbers| numbers.split('_').all(is_number) && numbers.len() <= 7)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_stands_in_its_page_as_the_url_standard_encodes_it(id in "[a-zA-Z0-9_-]{0,40}|.*") {
            let site = Site::parse("https://crm.example/sugar/rest/v11").unwrap();
            let mut page = Url::parse("https://crm.example/sugar/").unwrap();
            page.set_fragment(Some(&format!("Leads/{id}")));
            prop_assert_eq!(site.page("Leads", &id), page.as_str());
        }
    }

    #[test]
    fn pages_stand_beside_the_interface() {
        let cases = [
            (
                "https://crm.example/rest/v11",
                "https://crm.example/#Leads/a-1",
            ),
            (
                "https://crm.example:8443/sugar/rest/v11_24/",
                "https://crm.example:8443/sugar/#Leads/a-1",
            ),
        ];
        for (base_url, page) in cases {
            assert_eq!(Site::parse(base_url).unwrap().page("Leads", "a-1"), page);
        }
    }

    #[test]
    fn bulk_addresses_start_with_the_version() {
        let site = Site::parse("https://crm.example/rest/v11_24/").unwrap();
        assert_eq!(site.bulk_filter("Leads"), "v11_24/Leads/filter");
    }

    #[test]
    fn an_address_without_interface_and_version_is_refused() {
        for text in [
            "https://crm.example",
            "https://crm.example/rest",
            "https://crm.example/rest/11",
            "https://crm.example/rest/v11/Contacts",
            "https://crm.example/service/v4_1/rest.php",
            "crm.example/rest/v11",
        ] {
            assert_eq!(Site::parse(text).unwrap_err().path, "base_url", "{text}");
        }
    }
}
