//! Which fields to ask a module for.
//!
//! V8 refuses a whole request because of one field that the module does not have, such as a custom
//! field of another module. So fields that a refusal names are not asked for again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use whocalls_core::CustomFields;

use crate::module::Module;

/// The fields to ask each module for.
#[derive(Debug)]
pub(super) struct FieldLists {
    lists: Mutex<BTreeMap<Module, Vec<String>>>,
}

impl FieldLists {
    /// Lists with all fields that a contact of whocalls can show.
    pub(super) fn new(modules: &BTreeSet<Module>, custom: &CustomFields) -> Self {
        let modules = modules.iter();
        let lists = modules.map(|module| (*module, module.fields(custom)));
        Self {
            lists: Mutex::new(lists.collect()),
        }
    }

    /// The fields to ask a module for.
    pub(super) fn of(&self, module: Module) -> Vec<String> {
        self.lists().get(&module).cloned().unwrap_or_default()
    }

    /// Drops fields that the module does not have.
    pub(super) fn forget(&self, module: Module, unknown: &[String]) {
        if let Some(list) = self.lists().get_mut(&module) {
            list.retain(|field| !unknown.contains(field));
        }
    }

    fn lists(&self) -> MutexGuard<'_, BTreeMap<Module, Vec<String>>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
