//! Whether a request comes from the CRM: signatures and secrets, compared in constant time.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use whocalls_core::Secret;

/// Whether `signature` is the base64 form of the HMAC-SHA256 (RFC 2104) of `parts`, joined, under
/// `secret`.
pub fn is_signed_by(secret: &Secret, parts: &[&[u8]], signature: &[u8]) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, &parts.concat(), &signature).is_ok()
}

/// Whether `presented` is the secret. The time it takes tells nothing about how much of it is
/// right.
pub fn is_same_secret(secret: &Secret, presented: &[u8]) -> bool {
    // Two equal-length tags under the same key are compared instead of the texts themselves.
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"whocalls: compare secrets");
    let expected = hmac::sign(&key, secret.expose().as_bytes());
    hmac::verify(&key, presented, expected.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn a_signature_is_the_base64_of_the_hmac() {
        let secret = Secret::new("Jefe");
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert!(!is_signed_by(&secret, &parts, b""));
        assert!(!is_signed_by(&secret, &parts, b"not base64!"));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
        let tag = hmac::sign(&key, b"what do ya want for nothing?");
        assert_eq!(tag.as_ref()[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(tag.as_ref()[28..], [0x64, 0xec, 0x38, 0x43]);
        let good = STANDARD.encode(tag);
        assert!(is_signed_by(&secret, &parts, good.as_bytes()));
        assert!(!is_signed_by(&Secret::new("Jeff"), &parts, good.as_bytes()));
    }

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        let secret = Secret::new("open sesame");
        assert!(is_same_secret(&secret, b"open sesame"));
        for wrong in ["", "open", "open sesame ", "OPEN SESAME"] {
            assert!(!is_same_secret(&secret, wrong.as_bytes()), "{wrong}");
        }
    }
}
