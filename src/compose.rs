//! The adapter kinds of this build: the only place that names adapter crates.

use whocalls_core::AdapterFactory;

/// The factories of all kinds that were compiled in, by name.
///
/// A new CRM is a crate, a feature and a line here.
pub fn registry() -> Vec<AdapterFactory> {
    vec![
        #[cfg(feature = "hubspot")]
        whocalls_hubspot::factory(),
        #[cfg(feature = "phonebook")]
        whocalls_phonebook::factory(),
        #[cfg(feature = "rest")]
        whocalls_rest::factory(),
        #[cfg(feature = "sugar")]
        whocalls_sugar::factory(),
        #[cfg(feature = "suitecrm")]
        whocalls_suitecrm::factory(),
    ]
}
