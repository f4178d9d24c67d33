//! Names of headers, parameters and fields that carry credentials.

/// Parts of such names, without the signs between their words.
const TELLING: [&str; 14] = [
    "accesskey",
    "apikey",
    "assertion",
    "authorization",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "sessionid",
    "sessionname",
    "sessiontoken",
    "token",
];

/// Whole names.
const EXACT: [&str; 6] = ["auth", "pwd", "session", "sessid", "sid", "jwt"];

/// Parts of names that sound alike and say where in a list one is, or of which kind a token is.
const HARMLESS: [&str; 5] = ["cursor", "expires", "next", "page", "type"];

/// Whether what has this name is most probably a credential.
pub(super) fn is_telling(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let is_harmless = HARMLESS.iter().any(|part| name.contains(part));
    let is_telling = TELLING.iter().any(|part| name.contains(part));
    !is_harmless && (is_telling || EXACT.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_credentials_from_the_rest() {
        for name in [
            "access_token",
            "OAuth-Token",
            "X-Api-Key",
            "api_token",
            "hapikey",
            "Client-Secret",
            "password",
            "sessionName",
            "session",
            "DOLAPIKEY",
            "X-Auth-Token",
            "refreshToken",
        ] {
            assert!(is_telling(name), "{name}");
        }
        for name in [
            "token_type",
            "nextPageToken",
            "expires_in",
            "name",
            "id",
            "key",
            "sessions_count",
            "author",
            "content-type",
        ] {
            assert!(!is_telling(name), "{name}");
        }
    }
}
