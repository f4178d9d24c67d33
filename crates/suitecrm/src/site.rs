//! The addresses of one instance: its interface, and the pages of its records.

use url::Url;
use whocalls_core::SettingProblem;
use whocalls_http::BaseUrl;

use crate::config::LinkStyle;

const PATH: &str = "base_url";

/// Where an instance has its interface and its pages.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    web: BaseUrl,
    api: BaseUrl,
    style: LinkStyle,
    /// What the addresses of pages begin with.
    page_base: String,
}

impl Site {
    /// The instance at `base_url` whose interface lies at `api_path` below it.
    pub(crate) fn new(
        base_url: &str,
        api_path: &str,
        style: LinkStyle,
    ) -> Result<Self, SettingProblem> {
        let web = BaseUrl::parse(PATH, base_url)?;
        let last = web.as_str().rsplit('/').next().unwrap_or_default();
        if matches!(last, "Api" | "V8" | "legacy" | "index.php" | "rest.php") {
            return Err(SettingProblem::new(
                PATH,
                "only the address of the instance, for example https://suite.example.com; the \
                 place of the interface below it is the setting api_path",
            ));
        }
        let segments = api_path.split('/').filter(|segment| !segment.is_empty());
        let api = BaseUrl::parse("api_path", web.join(segments).as_str())?;
        let page_base = match style {
            LinkStyle::V7 => web.join(["index.php"]),
            LinkStyle::V8 => web.join([""]),
        };
        Ok(Self {
            web,
            api,
            style,
            page_base: page_base.into(),
        })
    }

    /// The address of the interface.
    pub(crate) fn api(&self) -> &BaseUrl {
        &self.api
    }

    /// The address of a resource of the interface; of the interface itself without segments.
    pub(crate) fn resource<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        self.api.join(segments)
    }

    /// The page of a record (`crm-apis.md` §3.1):
    /// `https://suite.example.com/index.php?module=Contacts&action=DetailView&record=<id>`, or
    /// `https://suite.example.com/#/contacts/record/<id>` in SuiteCRM 8.
    pub(crate) fn page(&self, module: &str, id: &str) -> String {
        if !is_plain(id) {
            return self.encoded_page(module, id);
        }
        let base = &self.page_base;
        match self.style {
            LinkStyle::V7 => {
                let action = "&action=DetailView&record=";
                [base, "?module=", module, action, id].concat()
            }
            LinkStyle::V8 => {
                let module = module.to_ascii_lowercase();
                [base, "#/", &module, "/record/", id].concat()
            }
        }
    }

    fn encoded_page(&self, module: &str, id: &str) -> String {
        match self.style {
            LinkStyle::V7 => {
                let mut page = self.web.join(["index.php"]);
                page.query_pairs_mut()
                    .append_pair("module", module)
                    .append_pair("action", "DetailView")
                    .append_pair("record", id);
                page.into()
            }
            LinkStyle::V8 => {
                let mut page = self.web.join([""]);
                let module = module.to_ascii_lowercase();
                page.set_fragment(Some(&format!("/{module}/record/{id}")));
                page.into()
            }
        }
    }
}

/// Whether an id needs no encoding in a URL, which takes ten times as long as writing it: letters,
/// digits and hyphens, as in all ids that SuiteCRM makes.
fn is_plain(id: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    id.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_stands_in_its_page_as_the_url_standard_encodes_it(
            id in "[a-zA-Z0-9_-]{0,40}|.*",
            style in prop_oneof![Just(LinkStyle::V7), Just(LinkStyle::V8)],
        ) {
            let site = site("https://suite.example/crm", "/Api", style);
            prop_assert_eq!(site.page("Leads", &id), site.encoded_page("Leads", &id));
        }
    }

    fn site(base_url: &str, api_path: &str, style: LinkStyle) -> Site {
        Site::new(base_url, api_path, style).unwrap()
    }

    #[test]
    fn the_interface_lies_below_the_instance() {
        for base_url in ["https://suite.example/crm", "https://suite.example/crm/"] {
            let v8 = site(base_url, "/Api/", LinkStyle::V7);
            assert_eq!(
                v8.resource(["V8", "module"]).as_str(),
                "https://suite.example/crm/Api/V8/module"
            );
            let v4_1 = site(base_url, "/service/v4_1/rest.php", LinkStyle::V7);
            assert_eq!(
                v4_1.resource([]).as_str(),
                "https://suite.example/crm/service/v4_1/rest.php"
            );
        }
    }

    #[test]
    fn pages_have_the_form_of_their_release() {
        for (base_url, style, page) in [
            (
                "https://suite.example",
                LinkStyle::V7,
                "https://suite.example/index.php?module=Leads&action=DetailView&record=a-1",
            ),
            (
                "https://suite.example:8443/crm/",
                LinkStyle::V7,
                "https://suite.example:8443/crm/index.php?module=Leads&action=DetailView&record=a-1",
            ),
            (
                "https://suite.example",
                LinkStyle::V8,
                "https://suite.example/#/leads/record/a-1",
            ),
            (
                "https://suite.example/public",
                LinkStyle::V8,
                "https://suite.example/public/#/leads/record/a-1",
            ),
        ] {
            assert_eq!(site(base_url, "/Api", style).page("Leads", "a-1"), page);
        }
    }

    #[test]
    fn an_address_of_something_else_is_refused() {
        for text in [
            "suite.example",
            "https://suite.example/Api",
            "https://suite.example/Api/V8",
            "https://suite.example/legacy/",
            "https://suite.example/index.php",
            "https://suite.example/service/v4_1/rest.php",
        ] {
            let problem = Site::new(text, "/Api", LinkStyle::V7).unwrap_err();
            assert_eq!(problem.path, "base_url", "{text}");
        }
    }
}
