//! The settings that every HTTP adapter offers in the sub-table `http`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Connection settings of an adapter: `[adapters.<id>.settings.http]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// How long connecting may take, TLS included, in milliseconds. Default 2000.
    #[schemars(range(min = 50, max = 30_000))]
    pub connect_timeout_ms: u64,
    /// The largest reply body that is read, in bytes. Default 4194304.
    #[schemars(range(min = 1024, max = 67_108_864))]
    pub max_reply_bytes: usize,
    /// A PEM file with further certificate authorities, for a CRM behind a private one. Relative
    /// paths start at the folder of the configuration file.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy, for example `http://proxy.example:3128`. None by default; proxy variables of
    /// the environment are not read.
    pub proxy: Option<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 2_000,
            max_reply_bytes: 4 * 1024 * 1024,
            ca_file: None,
            proxy: None,
        }
    }
}
