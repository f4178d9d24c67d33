//! What each kind of CRM is asked and answers: just enough for the gateway's adapters.

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::template::{Digits, Template};

const OK: &str = "200 OK";

/// The kinds of CRMs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    Sugar,
    HubSpot,
    Rest,
}

impl Shape {
    /// In the order of priority in the gateway.
    pub(crate) const ALL: [Self; 3] = [Self::Sugar, Self::HubSpot, Self::Rest];

    /// The id of the first adapter of this kind.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Sugar => "sugar",
            Self::HubSpot => "hubspot",
            Self::Rest => "erp",
        }
    }

    /// The name of the first CRM of this kind.
    pub(crate) const fn crm_name(self) -> &'static str {
        match self {
            Self::Sugar => "Sugar CRM",
            Self::HubSpot => "HubSpot",
            Self::Rest => "ERP",
        }
    }

    /// The text before the number in a lookup.
    const fn mark(self) -> &'static [u8] {
        match self {
            Self::Sugar => b"\"q\":\"",
            Self::HubSpot => b"\"value\":\"",
            Self::Rest => b"phone=",
        }
    }

    /// The body of a reply to a lookup.
    pub(crate) fn sample(self) -> String {
        let digits = self.contact().replace("@DIGITS@", "442000001");
        digits.replace("@SPACED@", "44 200 00 01")
    }

    /// The body of a reply to a lookup, about 1.5 KB, with places for the number.
    const fn contact(self) -> &'static str {
        match self {
            Self::Sugar => include_str!("sugar.json"),
            Self::HubSpot => include_str!("hubspot.json"),
            Self::Rest => include_str!("rest.json"),
        }
    }
}

/// The prebuilt replies of one back end.
#[derive(Debug)]
pub(crate) struct Replies {
    shape: Shape,
    contact: Template,
    failure: Template,
}

/// What a request wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The contact with this number.
    Contact(Digits),
    /// Sign-in, probes and the like: the reply is ready.
    Other(Vec<u8>),
}

impl Replies {
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            shape,
            contact: Template::new(OK, shape.contact()),
            failure: Template::new("503 Service Unavailable", r#"{"message":"as told"}"#),
        }
    }

    /// Reads a request.
    pub(crate) fn wanted(&self, request: &[u8]) -> Wanted {
        // The probe's search in Sugar is for fewer digits.
        match digits_after(request, self.shape.mark()) {
            Some(digits) => Wanted::Contact(digits),
            None => Wanted::Other(other(self.shape, request)),
        }
    }

    /// Appends the reply to a lookup.
    pub(crate) fn contact(&self, digits: Digits, out: &mut Vec<u8>) {
        self.contact.write(digits, out);
    }

    /// Appends a failure.
    pub(crate) fn failure(&self, out: &mut Vec<u8>) {
        self.failure.write(Digits::default(), out);
    }
}

fn digits_after(request: &[u8], mark: &[u8]) -> Option<Digits> {
    let at = memmem::find(request, mark)? + mark.len();
    let digits: Digits = request.get(at..at + size_of::<Digits>())?.try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

fn other(shape: Shape, request: &[u8]) -> Vec<u8> {
    let names = |text: &str| memmem::find(request, text.as_bytes()).is_some();
    let body = match shape {
        Shape::Sugar if names("/oauth2/token") => {
            r#"{"access_token":"bench","refresh_token":"bench","expires_in":86400,"token_type":"bearer","scope":null}"#.to_owned()
        }
        Shape::Sugar if names("/bulk") => {
            let parts = memmem::find_iter(request, b"\"method\":").count();
            let part = r#"{"contents":{"next_offset":-1,"records":[]},"status":200}"#;
            format!("[{}]", vec![part; parts].join(","))
        }
        Shape::Sugar => r#"{"next_offset":-1,"total":0,"records":[]}"#.to_owned(),
        Shape::HubSpot if names("/batch/read") => {
            r#"{"status":"COMPLETE","results":[{"id":"9002","properties":{"name":"Keller AG"},"url":"https://app.hubspot.com/contacts/1000001/record/0-2/9002"}]}"#.to_owned()
        }
        Shape::HubSpot if names("/account-info/") => {
            r#"{"portalId":1000001,"accountType":"STANDARD","timeZone":"Europe/Zurich","uiDomain":"app.hubspot.com"}"#.to_owned()
        }
        Shape::HubSpot => r#"{"total":0,"results":[]}"#.to_owned(),
        Shape::Rest => r#"{"items":[]}"#.to_owned(),
    };
    let mut reply = Vec::new();
    Template::new(OK, &body).write(Digits::default(), &mut reply);
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_are_told_from_everything_else() {
        let cases: [(Shape, &[u8], Option<&Digits>); 6] = [
            (
                Shape::Sugar,
                br#"POST /rest/v11/globalsearch ... {"q":"442000001","#,
                Some(b"442000001"),
            ),
            (
                Shape::Sugar,
                br#"POST /rest/v11/globalsearch ... {"q":"0000000","#,
                None,
            ),
            (
                Shape::HubSpot,
                br#"POST /crm/objects/2026-09/contacts/search ... "value":"442000001"}"#,
                Some(b"442000001"),
            ),
            (
                Shape::HubSpot,
                br#"POST /crm/objects/2026-09/contacts/search ... {"limit":1}"#,
                None,
            ),
            (
                Shape::Rest,
                b"GET /api/contacts?phone=442000001&perPage=50 HTTP/1.1",
                Some(b"442000001"),
            ),
            (Shape::Rest, b"GET /api/contacts HTTP/1.1", None),
        ];
        for (shape, request, digits) in cases {
            let wanted = Replies::new(shape).wanted(request);
            match (wanted, digits) {
                (Wanted::Contact(found), Some(digits)) => assert_eq!(found, *digits),
                (Wanted::Other(reply), None) => assert!(reply.starts_with(b"HTTP/1.1 200 OK")),
                (wanted, _) => panic!("{shape:?}: {wanted:?}"),
            }
        }
    }

    #[test]
    fn contacts_are_json_of_a_realistic_size() {
        for shape in Shape::ALL {
            let mut reply = Vec::new();
            Replies::new(shape).contact(*b"442000001", &mut reply);
            let text = String::from_utf8(reply).unwrap();
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(
                (1200..1800).contains(&body.len()),
                "{shape:?}: {}",
                body.len()
            );
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
            assert!(body.contains("442000001"));
        }
    }
}
