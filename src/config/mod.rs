//! The configuration: `adapters.toml`, the environment variables that override it, and secrets.
//!
//! The JSON Schema, made from the types in [`schema`] and from the settings of all adapter kinds,
//! is the single description of what is allowed. Loading goes through phases and reports every
//! problem of all of them in one run:
//!
//! | phase | module | yields |
//! |---|---|---|
//! | parse | `parse`, `repair` | a tree that knows where each value was written |
//! | lay | `layers` | the same with presets and descriptions below what the file says |
//! | override | `overrides`, `env` | the same with the variables `WHOCALLS__…` in it |
//! | validate | `validate` | what the schema forbids, and what does not hold between keys |
//! | resolve secrets | `secret` | credentials instead of references to them |
//! | build | `build` | adapters |
//!
//! Nothing outside of this module reads configuration files or the environment.

mod build;
mod document;
mod env;
mod fingerprint;
mod formats;
mod layers;
mod lines;
mod load;
mod mask;
mod nearest;
mod outline;
mod overrides;
mod parse;
mod path;
mod render;
mod repair;
mod report;
pub mod schema;
mod secret;
mod source;
mod validate;
mod view;

#[cfg(test)]
mod tests;

pub use build::LoadedAdapter;
pub use env::Environment;
pub use load::{Loaded, Mode, load};
pub use outline::{AccountOutline, PresetOutline};
pub use path::{KeyPath, Step};
pub(crate) use render::printable;
pub use report::{Place, Problem, Report, Severity};
pub use schema::{CacheTuning, Config, editor_schema, json_schema};
pub use source::{Position, Source};
