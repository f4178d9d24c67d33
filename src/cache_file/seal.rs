//! Encryption of the cache file.

use std::fmt;

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use whocalls_core::Secret;

/// One key of the operator serves for two purposes, which must not share a key.
const SEAL_CONTEXT: &str = "whocalls 2026 cache file: encryption";
const MARK_CONTEXT: &str = "whocalls 2026 cache file: marks of configurations";

/// Encrypts, decrypts, and recognises configurations.
pub(super) struct Sealer {
    key: Option<LessSafeKey>,
    mark_key: [u8; blake3::KEY_LEN],
}

impl Sealer {
    /// Both keys are derived from the text of the operator's by BLAKE3, which takes any text with
    /// enough randomness in it.
    pub(super) fn new(key: &Secret) -> Self {
        let derive = |context| blake3::derive_key(context, key.expose().as_bytes());
        // The only failure is a wrong length.
        let sealing = UnboundKey::new(&CHACHA20_POLY1305, &derive(SEAL_CONTEXT));
        Self {
            key: sealing.ok().map(LessSafeKey::new),
            mark_key: derive(MARK_CONTEXT),
        }
    }

    /// Equal for equal `bytes`; without the key it tells nothing about them.
    pub(super) fn mark(&self, bytes: &[u8]) -> String {
        blake3::keyed_hash(&self.mark_key, bytes)
            .to_hex()
            .to_string()
    }

    /// Nonce and encrypted text. `None` when the operating system has no random numbers.
    pub(super) fn seal(&self, header: &[u8], plain: Vec<u8>) -> Option<Vec<u8>> {
        let mut bytes = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let mut sealed = plain;
        let nonce = Nonce::assume_unique_for_key(bytes);
        self.key
            .as_ref()?
            .seal_in_place_append_tag(nonce, Aad::from(header), &mut sealed)
            .ok()?;
        Some([bytes.as_slice(), &sealed].concat())
    }

    /// The text that was encrypted with this key and `header`; `None` for anything else.
    pub(super) fn open<'b>(&self, header: &[u8], sealed: &'b mut [u8]) -> Option<&'b [u8]> {
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self
            .key
            .as_ref()?
            .open_in_place(nonce, Aad::from(header), text);
        opened.ok().map(|plain| &*plain)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}
