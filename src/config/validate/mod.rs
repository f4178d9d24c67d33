//! What is wrong with a configuration that was parsed.
//!
//! | module | finds |
//! |---|---|
//! | [`shape`] | everything that the JSON Schema forbids |
//! | [`sentence`], [`forms`] | plain words for a violation of the schema |
//! | [`checks`] | what holds between several keys |

pub(super) mod checks;
mod forms;
pub(super) mod sentence;
pub(super) mod shape;
