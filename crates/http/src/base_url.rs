//! The address of a CRM, checked once.

use std::fmt;

use url::Url;
use whocalls_core::SettingProblem;

/// An absolute `http` or `https` URL without query, fragment or credentials, to which paths are
/// appended.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Checks the text of the setting `path`.
    ///
    /// # Errors
    /// A sentence that says what is wrong. Credentials inside the URL are refused, because URLs
    /// reach logs.
    pub fn parse(path: &str, text: &str) -> Result<Self, SettingProblem> {
        let problem = |message: &str| SettingProblem::new(path, message);
        let mut url = Url::parse(text).map_err(|error| {
            problem(&format!(
                "not a URL ({error}); for example https://crm.example.com"
            ))
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(problem("the URL must start with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(problem(
                "the URL must not contain credentials; use the settings for them",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(problem("the URL must have no query and no fragment"));
        }
        if !url.path().ends_with('/') {
            let with_slash = format!("{}/", url.path());
            url.set_path(&with_slash);
        }
        Ok(Self(url))
    }

    /// The URL with further path segments, each percent-encoded.
    pub fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whether the CRM is reached through TLS.
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Scheme, host and port without path: `https://crm.example.com`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The URL without its closing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_appended_and_encoded() {
        for text in [
            "https://crm.example/rest/v11",
            "https://crm.example/rest/v11/",
        ] {
            let base = BaseUrl::parse("base_url", text).unwrap();
            let url = base.join(["Contacts", "a/b c"]);
            assert_eq!(
                url.as_str(),
                "https://crm.example/rest/v11/Contacts/a%2Fb%20c"
            );
            assert_eq!(base.as_str(), "https://crm.example/rest/v11");
            assert_eq!(base.origin(), "https://crm.example");
        }
    }

    #[test]
    fn other_urls_are_refused_in_words() {
        for text in [
            "crm.example",
            "ftp://crm.example",
            "https://",
            "https://user:pw@crm.example",
            "https://crm.example/?a=b",
            "https://crm.example/#x",
            "mailto:a@crm.example",
        ] {
            let problem = BaseUrl::parse("base_url", text).unwrap_err();
            assert_eq!(problem.path, "base_url", "{text}");
            assert!(!problem.message.contains("pw"), "{text}");
        }
    }
}
