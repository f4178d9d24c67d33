//! What is wrong with a configuration that was parsed.
//!
//! | module | finds |
//! |---|---|
//! | [`shape`] | everything that the JSON Schema forbids |
//! | [`sentence`], [`forms`], [`values`] | plain words for a violation of the schema |
//! | [`checks`], [`references`], [`offers`], [`cache_file`] | what holds between several keys |
//! | [`templates`] | templates of workflows that would fail |

mod cache_file;
pub(super) mod checks;
mod describe;
mod forms;
pub(super) mod offers;
mod references;
mod sentence;
pub(super) mod shape;
pub(super) mod templates;
mod values;
