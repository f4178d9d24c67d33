//! Statements signed with a private key, for the grant `jwt_bearer` (RFC 7519, RFC 7523).

use std::fmt;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Map, Value, json};
use whocalls_core::Secret;

/// How long a statement is valid. Salesforce takes none that is valid for more than three minutes;
/// this leaves a minute for clocks that differ.
const LIFETIME_SECS: i64 = 120;

/// What is stated, and the key that signs it.
pub(super) struct Assertion {
    key: RsaKeyPair,
    header: Value,
    claims: Map<String, Value>,
}

impl Assertion {
    /// The statement of `claims`, signed with a key in PEM.
    ///
    /// # Errors
    /// A sentence about what is wrong with the key.
    pub(super) fn new(
        pem: &Secret,
        key_id: Option<&str>,
        claims: Map<String, Value>,
    ) -> Result<Self, &'static str> {
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if let (Some(id), Value::Object(members)) = (key_id, &mut header) {
            members.insert("kid".to_owned(), id.into());
        }
        let key = read_key(pem.expose())?;
        Ok(Self {
            key,
            header,
            claims,
        })
    }

    /// The statement, valid from `now` on; none if the key cannot sign.
    pub(super) fn sign(&self, now: Timestamp) -> Option<Secret> {
        let mut claims = self.claims.clone();
        claims.insert("iat".to_owned(), now.as_second().into());
        let expiry = now.as_second().saturating_add(LIFETIME_SECS);
        claims.insert("exp".to_owned(), expiry.into());
        let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!(
            "{}.{}",
            encode(&self.header),
            encode(&Value::Object(claims))
        );
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .ok()?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Some(Secret::new(format!("{text}.{signature}")))
    }
}

/// Shows neither key nor claims, which name users.
impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").finish_non_exhaustive()
    }
}

/// Reads an RSA key in PEM (RFC 7468), also one whose line breaks are written `\n` as in files of
/// environment variables.
fn read_key(pem: &str) -> Result<RsaKeyPair, &'static str> {
    const EXPECTED: &str = "an RSA private key in PEM is expected, which begins with \
                            -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----";
    let pem = pem.replace("\\n", "\n");
    let (_, rest) = pem.split_once("-----BEGIN ").ok_or(EXPECTED)?;
    let (label, rest) = rest.split_once("-----").ok_or(EXPECTED)?;
    let (body, _) = rest.split_once("-----END ").ok_or(EXPECTED)?;
    if label.contains("ENCRYPTED") || body.contains("ENCRYPTED") {
        return Err(
            "the key is protected by a passphrase; remove it, and protect the file instead",
        );
    }
    let body: String = body.split_ascii_whitespace().collect();
    let der = BASE64_STANDARD.decode(body).map_err(|_| EXPECTED)?;
    match label {
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der),
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der),
        _ => return Err(EXPECTED),
    }
    .map_err(|_| "the key cannot be used; an RSA key of 2048 to 4096 bits is expected")
}
