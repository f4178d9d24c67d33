//! How the certificates of CRMs are checked.

use std::{
    path::Path,
    sync::{Arc, Once},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

/// The protocols that a server may choose from, best first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Trusts what the system trusts, and the certificates in `ca_file`. Clients with the same
/// configuration share its sessions, so that a further connection is opened in fewer round trips.
///
/// # Errors
/// An unreadable file, or a system without certificates, with what to do about it.
pub(crate) fn trusting(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let provider = crypto_provider();
    let extra = ca_file.map_or_else(|| Ok(Vec::new()), read_certificates)?;
    let verifier =
        Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(|error| {
            format!("certificates cannot be checked: {error}; on Debian, install ca-certificates")
        })?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous() // "Dangerous" is any verifier of one's own; this one is the system's.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(speaking_http(config))
}

/// Trusts nobody: for a CRM that is asked without TLS. A minimal machine may have no certificates.
///
/// # Errors
/// Never with the built-in provider.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, String> {
    let config = ClientConfig::builder_with_provider(crypto_provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(speaking_http(config))
}

fn speaking_http(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    config
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unusable = |reason: String| format!("http.ca_file {}: {reason}", path.display());
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(unusable("no PEM certificates in it".to_owned())),
    }
}

/// The process's crypto provider: ring, unless the process chose one already.
pub(crate) fn crypto_provider() -> Arc<CryptoProvider> {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let already_chosen = ring::default_provider().install_default();
        tracing::trace!(first = already_chosen.is_ok(), "crypto provider");
    });
    let installed = CryptoProvider::get_default();
    installed.map_or_else(|| Arc::new(ring::default_provider()), Arc::clone)
}
