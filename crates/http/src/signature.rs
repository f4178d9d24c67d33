//! Whether a request comes from the CRM: signatures and secrets, compared in constant time.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use whocalls_core::Secret;

/// The hash function of an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, which an HMAC may still use (RFC 6194 §3.3).
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// Whether `signature` is the base64 form of the HMAC-SHA256 (RFC 2104) of `parts`, joined, under
/// `secret`.
pub fn is_signed_by(secret: &Secret, parts: &[&[u8]], signature: &[u8]) -> bool {
    let signature = STANDARD.decode(signature);
    signature.is_ok_and(|tag| is_tag_of(Hash::Sha256, secret, parts, &tag))
}

/// Whether `tag` is the HMAC (RFC 2104) of `parts`, joined, under `secret`.
pub fn is_tag_of(hash: Hash, secret: &Secret, parts: &[&[u8]], tag: &[u8]) -> bool {
    let algorithm = match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    let key = hmac::Key::new(algorithm, secret.expose().as_bytes());
    hmac::verify(&key, &parts.concat(), tag).is_ok()
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

    /// Test case 2 of RFC 2202 and RFC 4231: how the tags begin and end.
    #[test]
    fn the_hash_is_the_one_asked_for() {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"Jefe");
        let sha1 = hmac::sign(&key, b"what do ya want for nothing?");
        assert_eq!(sha1.as_ref()[..4], [0xef, 0xfc, 0xdf, 0x6a]);
        let key = hmac::Key::new(hmac::HMAC_SHA512, b"Jefe");
        let sha512 = hmac::sign(&key, b"what do ya want for nothing?");
        assert_eq!(sha512.as_ref()[..4], [0x16, 0x4b, 0x7a, 0x7b]);
        let secret = Secret::new("Jefe");
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        for (tag, right) in [(sha1, Hash::Sha1), (sha512, Hash::Sha512)] {
            for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha512] {
                let is_tag = is_tag_of(hash, &secret, &parts, tag.as_ref());
                assert_eq!(is_tag, hash == right, "{hash:?}");
            }
        }
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
