//! What to do when a token endpoint refuses, in words.

use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::Reply;

use crate::config::Grant;

/// The failure for this code of RFC 6749 §5.2. Codes that nobody has defined are not repeated: a
/// CRM may write anything into them.
pub(super) fn of(reply: &Reply, code: &str, grant: Grant) -> AdapterError {
    let message = format!(
        "the token endpoint refuses to log in{}",
        advice(code, grant)
    );
    // Without a code, the status alone speaks; it may be that of a proxy.
    let kind = match reply.status.as_u16() {
        400 if code.is_empty() => ErrorKind::InvalidRequest,
        403 if code.is_empty() => ErrorKind::PermissionDenied,
        _ => ErrorKind::Unauthenticated,
    };
    reply.error(kind, message)
}

fn advice(code: &str, grant: Grant) -> &'static str {
    match code {
        "invalid_client" => {
            ": it does not know the client (invalid_client); correct client_id and client_secret, \
             or where they go (client_auth), under `credential`"
        }
        "unauthorized_client" => {
            ": the client may not use this grant (unauthorized_client); allow it in the CRM, or \
             correct credential.grant"
        }
        "unsupported_grant_type" => {
            ": it does not know the grant (unsupported_grant_type); correct credential.grant or \
             credential.encoding"
        }
        "invalid_scope" => {
            ": it does not know the scope, or does not grant it (invalid_scope); correct \
             credential.scope"
        }
        // Zoho says invalid_code (`crm-apis.md` §4.2).
        "invalid_grant" | "invalid_code" => invalid_grant(grant),
        "invalid_request" => {
            ": a parameter is missing or wrong (invalid_request); correct the settings under \
             `credential`, above all `parameters` and `encoding`"
        }
        _ => {
            "; correct the settings under `credential`; `whocalls check --trace` shows what it says"
        }
    }
}

fn invalid_grant(grant: Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials => {
            ": the client is refused (invalid_grant); correct client_id and client_secret under \
             `credential`"
        }
        Grant::RefreshToken => {
            ": the refresh token is wrong, used up or withdrawn (invalid_grant); authorise the \
             gateway in the CRM anew, and put the new token into credential.refresh_token"
        }
        Grant::Password => {
            ": the user name or the password is wrong (invalid_grant); correct them under \
             `credential`"
        }
        Grant::JwtBearer => {
            ": the signed statement is refused (invalid_grant); check credential.private_key, \
             credential.claims, whether the user has approved the client, and the clock of this \
             machine"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_code_says_is_said_in_words_and_others_are_not_repeated() {
        for (code, grant, part) in [
            ("invalid_client", Grant::Password, "client_secret"),
            (
                "invalid_code",
                Grant::RefreshToken,
                "credential.refresh_token",
            ),
            ("invalid_grant", Grant::Password, "password is wrong"),
            ("invalid_grant", Grant::JwtBearer, "clock"),
            ("Mia Keller", Grant::Password, "--trace"),
        ] {
            let advice = advice(code, grant);
            assert!(advice.contains(part), "{code}: {advice}");
            assert!(!advice.contains("Keller"), "{advice}");
        }
    }
}
