//! Where requests may go when the address of the CRM is told by a login.
//!
//! The reply to a login is the word of another machine. Without this check whoever answers it
//! could have the gateway send its credential to any address inside the network.

use url::{Host, Url};

use crate::compile::Problems;

/// Hosts that requests may go to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts(Vec<Pattern>);

/// One of them. Without a port, that of the scheme is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// The host, or what it ends with: `.my.salesforce.com`.
    text: String,
    is_suffix: bool,
    port: Option<u16>,
}

impl Hosts {
    /// Reads the setting `allowed_hosts`.
    pub(crate) fn compile(settings: &[String], problems: &mut Problems) -> Self {
        let read = |(index, text): (usize, &String)| {
            let pattern = Pattern::read(text);
            if pattern.is_none() {
                problems.add(
                    &format!("allowed_hosts.{index}"),
                    "a host such as api.example.com, or all below one such as *.my.example.com, \
                     is expected; a port may follow, an address with https:// may not",
                );
            }
            pattern
        };
        Self(settings.iter().enumerate().filter_map(read).collect())
    }

    /// Also allows the host of this address.
    pub(crate) fn allow(&mut self, url: &Url) {
        if let Some(host) = url.host_str() {
            self.0.push(Pattern {
                text: host.to_ascii_lowercase(),
                is_suffix: false,
                port: url.port(),
            });
        }
    }

    /// Whether requests may go to this address.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub(crate) fn check(&self, url: &Url) -> Result<(), &'static str> {
        if url.scheme() != "https" && !is_loopback(url) {
            return Err("it does not start with https://");
        }
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let fits = |pattern: &Pattern| pattern.port == url.port() && pattern.fits(&host);
        if self.0.iter().any(fits) {
            Ok(())
        } else {
            Err("its host is not allowed; if it is the right one, add it to allowed_hosts")
        }
    }
}

impl Pattern {
    fn read(text: &str) -> Option<Self> {
        let (host, is_suffix) = match text.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        // The URL parser knows what a host is. A wildcard right above a top-level domain would
        // allow half the world.
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        let is_host = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && !host.contains(['/', '?', '#', '@', '*']);
        let name = url.host_str()?.to_ascii_lowercase();
        if !is_host || is_suffix && !matches!(url.host(), Some(Host::Domain(_))) {
            return None;
        }
        if is_suffix && !name.contains('.') {
            return None;
        }
        Some(Self {
            text: if is_suffix { format!(".{name}") } else { name },
            is_suffix,
            port: url.port(),
        })
    }

    fn fits(&self, host: &str) -> bool {
        if self.is_suffix {
            host.len() > self.text.len() && host.ends_with(&self.text)
        } else {
            host == self.text
        }
    }
}

/// Whether an address is one of this machine, which nobody listens in on.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_hosts_are_reached_and_only_through_tls() {
        let mut problems = Problems::default();
        let settings = ["*.my.salesforce.com", "API.example.com:8443", "127.0.0.1"];
        let mut hosts = Hosts::compile(&settings.map(str::to_owned), &mut problems);
        hosts.allow(&Url::parse("http://127.0.0.1:8080/token").unwrap());
        assert_eq!(problems.count(), 0);
        for (url, is_allowed) in [
            ("https://acme.my.salesforce.com/services", true),
            ("https://acme--dev.sandbox.my.salesforce.com", true),
            ("https://ACME.my.salesforce.com:443", true),
            ("https://my.salesforce.com", false),
            ("https://evilmy.salesforce.com", false),
            ("https://my.salesforce.com.evil.example", false),
            ("https://acme.my.salesforce.com:8443", false),
            ("http://acme.my.salesforce.com", false),
            ("https://api.example.com:8443", true),
            ("https://api.example.com", false),
            ("http://127.0.0.1:8080", true),
            ("http://127.0.0.1", true),
            ("http://127.0.0.1:9", false),
            ("https://169.254.169.254", false),
            ("https://[::1]", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(hosts.check(&url).is_ok(), is_allowed, "{url}");
        }
    }

    #[test]
    fn other_texts_than_hosts_are_reported() {
        for text in [
            "",
            "*",
            "*.com",
            "*.*.example.com",
            "a.*.example.com",
            "https://api.example.com",
            "api.example.com/path",
            "user@api.example.com",
            "*.127.0.0.1",
            "api.example.com:port",
        ] {
            let mut problems = Problems::default();
            Hosts::compile(&[text.to_owned()], &mut problems);
            let found = problems.into_found();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].path, "allowed_hosts.0");
        }
    }
}
