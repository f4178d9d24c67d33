//! A simulated CRM that gives tokens and sessions, strict about how it is asked for them.
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use md5::{Digest, Md5};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use whocalls_testkit::{
    contacts::messy_contacts,
    sim::rest::{API_KEY, RestCrm},
    upstream::{Request, Response, SimulatedCrm},
};

pub(crate) const CLIENT_ID: &str = "client-7";
pub(crate) const CLIENT_SECRET: &str = "cl13nt+s3cret/=";
pub(crate) const FIRST_REFRESH_TOKEN: &str = "r3fresh-0";
pub(crate) const USER: &str = "cti@example.ch";
pub(crate) const PASSWORD: &str = "p4ssw0rd";
/// A key made for these tests; nothing accepts it.
pub(crate) const PRIVATE_KEY: &str = include_str!("../fixtures/jwt-test-key.pem");

/// What a test can change about the CRM.
#[derive(Debug, Clone)]
pub(crate) struct Manners {
    /// The member `expires_in` of its replies.
    pub(crate) expires_in: Value,
    /// Whether each refresh token works once and brings the next one.
    pub(crate) rotates: bool,
    /// The status of refusals at the token endpoint.
    pub(crate) refusal: (u16, &'static str),
    /// Where the interface is.
    pub(crate) instance_url: Option<String>,
    /// Whether it refuses all requests, whatever token they bring.
    pub(crate) accepts_nothing: bool,
    /// The text in front of the token.
    pub(crate) prefix: &'static str,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            expires_in: json!(3600),
            rotates: false,
            refusal: (400, "invalid_grant"),
            instance_url: None,
            accepts_nothing: false,
            prefix: "Bearer ",
        }
    }
}

#[derive(Debug, Default)]
struct State {
    manners: Manners,
    issued: usize,
    /// What requests may bring: the newest token or session.
    valid: Option<String>,
    refresh_token: String,
    challenge: Option<String>,
}

/// A simulated CRM that gives tokens and sessions.
#[derive(Debug)]
pub(crate) struct LoginCrm {
    crm: RestCrm,
    state: Mutex<State>,
}

impl LoginCrm {
    pub(crate) fn new(manners: Manners) -> Self {
        Self {
            crm: RestCrm::new(&messy_contacts(100)),
            state: Mutex::new(State {
                manners,
                refresh_token: FIRST_REFRESH_TOKEN.to_owned(),
                ..State::default()
            }),
        }
    }

    /// How many tokens and sessions it has given.
    pub(crate) fn issued(&self) -> usize {
        self.state().issued
    }

    /// Forgets all tokens and sessions.
    pub(crate) fn expire(&self) {
        self.state().valid = None;
    }

    pub(crate) fn notes_created(&self) -> usize {
        self.crm.notes_created()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.state().manners);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self, request: &Request) -> Response {
        let mut parameters = parameters(request);
        if let Some(client) = basic(request) {
            let (id, secret) = client.split_once(':').expect("a colon");
            let plain = |text: &str| {
                let pair = format!("x={text}");
                let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
                pairs.next().expect("a pair").1.into_owned()
            };
            parameters.insert("client_id".to_owned(), plain(id));
            parameters.insert("client_secret".to_owned(), plain(secret));
        }
        let mut state = self.state();
        let has = |name: &str, value: &str| parameters.get(name).is_some_and(|it| it == value);
        let is_client = has("client_id", CLIENT_ID) && has("client_secret", CLIENT_SECRET);
        let grant = parameters.get("grant_type").map(String::as_str);
        let is_granted = match grant {
            Some("client_credentials") => is_client && has("audience", "erp"),
            Some("refresh_token") => is_client && has("refresh_token", &state.refresh_token),
            Some("password") => is_client && has("username", USER) && has("password", PASSWORD),
            Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
                parameters.get("assertion").is_some_and(|it| is_signed(it))
            }
            _ => false,
        };
        if !is_granted {
            let (status, code) = state.manners.refusal;
            let body = json!({ "error": code, "error_description": "Mia Keller is not known" });
            return Response::json(status, &body);
        }
        let mut body = json!({
            "access_token": state.issue(),
            "token_type": "Bearer",
            "expires_in": state.manners.expires_in,
        });
        if state.manners.rotates && grant == Some("refresh_token") {
            state.refresh_token = format!("r3fresh-{}", state.issued);
            body["refresh_token"] = state.refresh_token.clone().into();
        }
        if let Some(url) = &state.manners.instance_url {
            body["instance_url"] = url.clone().into();
        }
        Response::json(200, &body)
    }

    /// The interface of vtiger (`crm-apis.md` §4.2), as far as logging in goes.
    fn vtiger(&self, request: &Request) -> Response {
        let failure = |code: &str| {
            let error = json!({ "code": code, "message": "of Mia Keller" });
            Response::json(200, &json!({ "success": false, "error": error }))
        };
        let success =
            |result: Value| Response::json(200, &json!({ "success": true, "result": result }));
        let mut state = self.state();
        let operation = request
            .query_value("operation")
            .or_else(|| request.form_value("operation"));
        match (request.method.as_str(), operation.as_deref()) {
            ("GET", Some("getchallenge")) => {
                let challenge = format!("challenge-{}", state.issued);
                state.challenge = Some(challenge.clone());
                success(json!({ "token": challenge }))
            }
            ("POST", Some("login")) => {
                let challenge = state.challenge.take().unwrap_or_default();
                let digest = Md5::digest(format!("{challenge}{PASSWORD}"));
                let hex = |text: String, byte: &u8| format!("{text}{byte:02x}");
                let expected = digest.iter().fold(String::new(), hex);
                if request.form_value("accessKey") != Some(expected) {
                    return failure("INVALID_USER_CREDENTIALS");
                }
                success(json!({ "sessionName": state.issue(), "userId": "19x1" }))
            }
            _ if request.query_value("sessionName") != state.valid || state.valid.is_none() => {
                failure("INVALID_SESSIONID")
            }
            _ => {
                drop(state);
                let mut inner = request.clone();
                "/api/contacts".clone_into(&mut inner.path);
                self.forward(inner)
            }
        }
    }

    /// A login that sets a cookie.
    fn cookie(&self, request: &Request) -> Response {
        let expected = format!("{USER}:{PASSWORD}");
        if basic(request).as_deref() != Some(expected.as_str()) {
            return Response::status(403);
        }
        let session = self.state().issue();
        Response::status(204)
            .with_header("set-cookie", "theme=dark; Path=/")
            .with_header(
                "set-cookie",
                &format!("SESSION={session}; Path=/; HttpOnly"),
            )
    }

    fn forward(&self, mut request: Request) -> Response {
        request.headers.retain(|(name, _)| name != "authorization");
        request
            .headers
            .push(("x-api-key".to_owned(), API_KEY.to_owned()));
        self.crm.respond(&request)
    }

    fn is_authorised(&self, request: &Request) -> bool {
        let state = self.state();
        let Some(valid) = &state.valid else {
            return false;
        };
        let token = request
            .header("authorization")
            .and_then(|value| value.strip_prefix(state.manners.prefix));
        let cookie = request
            .header("cookie")
            .and_then(|value| value.strip_prefix("SESSION="));
        let is_valid = [token, cookie, request.header("x-session")].contains(&Some(valid.as_str()));
        is_valid && !state.manners.accepts_nothing
    }
}

impl State {
    fn issue(&mut self) -> String {
        self.issued += 1;
        let token = format!("t0ken-{}", self.issued);
        self.valid = Some(token.clone());
        token
    }
}

impl SimulatedCrm for LoginCrm {
    fn respond(&self, request: &Request) -> Response {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/oauth/token") => self.token(request),
            ("POST", "/login") => self.cookie(request),
            (_, "/webservice.php") => self.vtiger(request),
            _ if self.is_authorised(request) => self.forward(request.clone()),
            _ => self.refuse(request),
        }
    }
}

/// The parameters of a request for a token, from a form or a JSON object.
fn parameters(request: &Request) -> BTreeMap<String, String> {
    match request.header("content-type") {
        Some("application/x-www-form-urlencoded") => request.form_pairs().into_iter().collect(),
        Some("application/json") => {
            let body = request.json().unwrap_or_default();
            let members = body.as_object().cloned().unwrap_or_default();
            let texts = members.into_iter();
            texts
                .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
                .collect()
        }
        other => panic!("a token is asked for with content type {other:?}"),
    }
}

fn basic(request: &Request) -> Option<String> {
    let value = request.header("authorization")?.strip_prefix("Basic ")?;
    let bytes = BASE64_STANDARD.decode(value).ok()?;
    String::from_utf8(bytes).ok()
}

/// Whether the signature, the names and the times of a statement are right.
fn is_signed(assertion: &str) -> bool {
    let (text, signature) = assertion.rsplit_once('.').expect("three parts");
    let (header, claims) = text.split_once('.').expect("three parts");
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let json = |part: &str| serde_json::from_slice::<Value>(&decode(part)).expect("JSON");
    let key = PRIVATE_KEY.lines().filter(|line| !line.starts_with('-'));
    let key = BASE64_STANDARD
        .decode(key.collect::<String>())
        .expect("PEM");
    let key = RsaKeyPair::from_pkcs8(&key).expect("an RSA key");
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs();
    let claims = json(claims);
    let time = |name: &str| claims[name].as_u64().unwrap_or_default();
    key.verify(text.as_bytes(), &decode(signature)).is_ok()
        && json(header) == json!({ "alg": "RS256", "typ": "JWT", "kid": "key-1" })
        && claims["iss"] == CLIENT_ID
        && claims["sub"] == USER
        && claims["aud"] == "https://login.example.com"
        && (now - 60..=now).contains(&time("iat"))
        && (now..=now + 180).contains(&time("exp"))
}
