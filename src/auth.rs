//! Who may ask, and how often: tokens in configurable headers, compared in constant time.

use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock};
use whocalls_core::{AdapterId, Secret};

use crate::config::schema::Token;

/// The tokens of one configuration.
#[derive(Debug, Default)]
pub struct Tokens {
    tokens: Vec<KnownToken>,
}

/// A client that may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client<'a> {
    /// The token's name, for logs and metrics; `anonymous` where no token is configured.
    pub name: &'a str,
    /// The adapters it may ask; `None` for all.
    pub adapters: Option<&'a [AdapterId]>,
}

/// The name of clients of a gateway without tokens.
pub const ANONYMOUS: &str = "anonymous";

const ANYBODY: Client<'static> = Client {
    name: ANONYMOUS,
    adapters: None,
};

struct KnownToken {
    name: String,
    header: HeaderName,
    /// Hashes of the value's encodings. Hashes are of one length and compare in constant time, so
    /// the time of a comparison tells neither length nor content.
    hashes: Vec<blake3::Hash>,
    adapters: Option<Vec<AdapterId>>,
    rate: Option<DefaultDirectRateLimiter>,
}

impl Tokens {
    /// Prepares validated tokens for comparison.
    pub fn new(tokens: &[Token]) -> Self {
        let known = tokens.iter().filter_map(|token| {
            let adapters = token.adapters.as_ref();
            Some(KnownToken {
                name: token.name.clone(),
                header: HeaderName::from_bytes(token.header.as_bytes()).ok()?,
                hashes: encodings(token.value.expose())
                    .iter()
                    .map(|bytes| blake3::hash(bytes))
                    .collect(),
                adapters: adapters.map(|ids| {
                    ids.iter()
                        .filter_map(|id| AdapterId::new(id).ok())
                        .collect()
                }),
                rate: token
                    .requests_per_second
                    .map(|most| RateLimiter::direct(Quota::per_second(most))),
            })
        });
        Self {
            tokens: known.collect(),
        }
    }

    /// The client whose token is in the headers; `None` if there is none.
    ///
    /// Every token is compared, also after one has matched.
    pub fn identify(&self, headers: &HeaderMap) -> Option<Client<'_>> {
        if self.tokens.is_empty() {
            return Some(ANYBODY);
        }
        let mut client = None;
        for token in &self.tokens {
            for value in headers.get_all(&token.header) {
                let presented = blake3::hash(value.as_bytes());
                for hash in &token.hashes {
                    // `blake3::Hash` compares in constant time.
                    if *hash == presented {
                        client = Some(Client {
                            name: &token.name,
                            adapters: token.adapters.as_deref(),
                        });
                    }
                }
            }
        }
        client
    }

    /// Takes one of the requests that the client may send in this second.
    ///
    /// # Errors
    /// The time until it may send the next, when it has sent too many.
    pub fn take_request(&self, client: &Client<'_>) -> Result<(), Duration> {
        let known = self.tokens.iter().find(|known| known.name == client.name);
        let Some(rate) = known.and_then(|known| known.rate.as_ref()) else {
            return Ok(());
        };
        rate.check()
            .map_err(|refused| refused.wait_time_from(rate.clock().now()))
    }
}

/// Who may use the admin listener.
#[derive(Debug)]
pub struct Operators {
    /// The hash of `Bearer <token>`; none when everybody who reaches the listener may.
    expected: Option<blake3::Hash>,
}

impl Operators {
    /// Everybody with this token; everybody when there is none.
    pub fn new(token: Option<&Secret>) -> Self {
        let header = |token: &Secret| format!("Bearer {}", token.expose());
        Self {
            expected: token.map(|token| blake3::hash(header(token).as_bytes())),
        }
    }

    /// Whether the headers carry the token.
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(expected) = self.expected else {
            return true;
        };
        let presented = headers
            .get(AUTHORIZATION)
            .map(|value| blake3::hash(value.as_bytes()));
        presented.is_some_and(|presented| presented == expected)
    }
}

/// The bytes that a token may arrive as: UTF-8, and ISO-8859-1 where it can be written in it. The
/// vendor's own sample token contains `ö` (`connector-api.md` §1).
fn encodings(token: &str) -> Vec<Vec<u8>> {
    let latin1: Option<Vec<u8>> = token
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    let utf8 = token.as_bytes().to_vec();
    match latin1 {
        Some(latin1) if latin1 != utf8 => vec![utf8, latin1],
        _ => vec![utf8],
    }
}

impl std::fmt::Debug for KnownToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownToken")
            .field("name", &self.name)
            .field("header", &self.header)
            .field("adapters", &self.adapters)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use actix_web::http::header::HeaderValue;

    use super::*;

    fn token(name: &str, header: &str, value: &str, adapters: Option<&[&str]>) -> Token {
        Token {
            name: name.to_owned(),
            header: header.to_owned(),
            value: Secret::new(value),
            adapters: adapters.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect()),
            requests_per_second: None,
        }
    }

    fn identify(tokens: &Tokens, header: &str, value: &[u8]) -> Option<String> {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_bytes(header.as_bytes()).unwrap();
        headers.insert(name, HeaderValue::from_bytes(value).unwrap());
        tokens
            .identify(&headers)
            .map(|client| client.name.to_owned())
    }

    /// The sample token of the vendor's manual.
    #[test]
    fn a_token_with_an_umlaut_is_accepted_in_both_encodings() {
        let sample = "jlvlkdshvövdjhwgjwogjhwg";
        let tokens = Tokens::new(&[token("connector", "X-Execution-Token", sample, None)]);
        let connector = Some("connector".to_owned());
        assert_eq!(
            identify(&tokens, "x-execution-token", sample.as_bytes()),
            connector
        );
        assert_eq!(
            identify(&tokens, "x-execution-token", b"jlvlkdshv\xf6vdjhwgjwogjhwg"),
            connector
        );
        assert_eq!(
            identify(&tokens, "x-execution-token", b"jlvlkdshvovdjhwgjwogjhwg"),
            None
        );
    }

    #[test]
    fn each_token_has_its_own_header_and_adapters() {
        let tokens = Tokens::new(&[
            token("a", "X-Execution-Token", "secret-a", None),
            token("b", "X-Api-Key", "secret-b", Some(&["erp"])),
        ]);
        assert_eq!(
            identify(&tokens, "x-execution-token", b"secret-a").as_deref(),
            Some("a")
        );
        assert_eq!(
            identify(&tokens, "x-api-key", b"secret-b").as_deref(),
            Some("b")
        );
        assert_eq!(
            identify(&tokens, "x-execution-token", b"secret-b"),
            None,
            "the wrong header"
        );
        assert_eq!(identify(&tokens, "x-api-key", b"secret-"), None);
        assert_eq!(identify(&tokens, "x-api-key", b""), None);
    }

    #[test]
    fn without_tokens_everybody_may_ask() {
        let nobody = HeaderMap::new();
        assert_eq!(
            Tokens::new(&[]).identify(&nobody).map(|c| c.name),
            Some(ANONYMOUS)
        );
        let tokens = Tokens::new(&[token("a", "X-Execution-Token", "secret", None)]);
        assert_eq!(tokens.identify(&nobody), None);
    }

    #[test]
    fn a_token_with_a_limit_has_so_many_requests_at_once_and_others_have_theirs() {
        let slow = Token {
            requests_per_second: NonZeroU32::new(2),
            ..token("slow", "X-Execution-Token", "secret-a", None)
        };
        let tokens = Tokens::new(&[slow, token("free", "X-Api-Key", "secret-b", None)]);
        let take = |name| {
            let adapters = None;
            tokens.take_request(&Client { name, adapters })
        };
        assert_eq!((take("slow"), take("slow")), (Ok(()), Ok(())));
        // The bucket refills while this runs: it is empty after a few more at the latest.
        let wait = std::iter::repeat_with(|| take("slow")).find_map(Result::err);
        assert!(wait.unwrap() <= Duration::from_millis(500));
        assert_eq!(take("free"), Ok(()));
        assert_eq!(Tokens::new(&[]).take_request(&ANYBODY), Ok(()));
    }

    #[test]
    fn operators_show_their_token_as_bearer() {
        let mut headers = HeaderMap::new();
        let operators = Operators::new(Some(&Secret::new("op")));
        assert!(!operators.admit(&headers));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer nope"));
        assert!(!operators.admit(&headers));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer op"));
        assert!(operators.admit(&headers));
        assert!(Operators::new(None).admit(&HeaderMap::new()));
    }

    #[test]
    fn debug_output_holds_no_token() {
        let tokens = Tokens::new(&[token("a", "X-Execution-Token", "topsecret", None)]);
        assert!(!format!("{tokens:?}").contains("topsecret"));
    }
}
