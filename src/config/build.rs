//! From an adapter's table to the adapter.

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::Value;
use whocalls_core::{
    AdapterFactory, AdapterId, BuildContext, CrmAdapter, NumberPlan, Secret, SettingProblem,
};
use whocalls_stack::Protection;

use super::{
    document::Document,
    fingerprint::fingerprint,
    path::KeyPath,
    report::Problem,
    schema::{AdapterConfig, CacheTuning, Config, Defaults, names_description},
    secret,
    validate::{offers, shape::Shape},
};

/// An adapter in use, built, with all that the layers around it need to know.
#[derive(Debug, Clone)]
pub struct LoadedAdapter {
    /// The name of its table.
    pub id: AdapterId,
    /// The adapter itself, without any layer around it.
    pub adapter: Arc<dyn CrmAdapter>,
    /// Its kind.
    pub kind: &'static str,
    /// The lower goes first.
    pub priority: u32,
    /// The reply's `crmActions`.
    pub actions: Vec<String>,
    /// How long a reply waits for it.
    pub timeout: Duration,
    /// How long a lookup may go on in the background.
    pub late_answer: Duration,
    /// Requests in flight at the same time.
    pub max_concurrent: usize,
    /// Questions in flight or waiting at the same time.
    pub max_background: usize,
    /// How it is protected.
    pub protection: Protection,
    /// How its answers are kept.
    pub cache: CacheTuning,
    /// The secrets among its settings, so that they are masked where its requests are shown.
    pub secrets: Vec<Secret>,
    /// Equal for equal configurations, secrets included: after a reload, an adapter with the
    /// fingerprint of a running one need not replace it.
    pub fingerprint: u64,
}

/// Builds adapters from the sound part of a configuration.
pub(super) struct Builder<'b> {
    pub(super) registry: &'b [AdapterFactory],
    pub(super) document: &'b Document,
    /// Of the whole configuration.
    pub(super) schema: &'b Value,
    pub(super) shape: &'b Shape,
    pub(super) number_plan: &'b NumberPlan,
    pub(super) base_dir: &'b Path,
}

impl Builder<'_> {
    /// The adapters in use in the order of the file, and what is wrong with the others.
    pub(super) fn build_all(&self, config: &Config) -> (Vec<LoadedAdapter>, Vec<Problem>) {
        let mut adapters = Vec::new();
        let mut problems = Vec::new();
        for (id, adapter) in &config.adapters {
            let path = KeyPath::of(["adapters", id]);
            if !adapter.enabled || !self.shape.is_sound(&path) {
                continue;
            }
            match self.build(id, adapter, &config.defaults) {
                Ok(adapter) => adapters.push(adapter),
                Err(found) => problems.extend(found),
            }
        }
        problems.extend(offers::check(config, &adapters, self.document));
        (adapters, problems)
    }

    fn build(
        &self,
        id: &str,
        config: &AdapterConfig,
        defaults: &Defaults,
    ) -> Result<LoadedAdapter, Vec<Problem>> {
        let path = KeyPath::of(["adapters", id]);
        let factory = self
            .registry
            .iter()
            .find(|factory| factory.kind == config.kind);
        let (Some(factory), Ok(adapter_id)) = (factory, AdapterId::new(id)) else {
            // Both are matters of the schema.
            return Err(vec![self.problem(path, "this adapter cannot be built")]);
        };
        let context = BuildContext {
            id: adapter_id.clone(),
            crm_name: config.crm_name.clone().unwrap_or_else(|| readable(id)),
            crm_logo: config.crm_logo.clone(),
            number_plan: self.number_plan.clone(),
            base_dir: self.base_dir.to_owned(),
        };
        let settings = self.settings(factory, config);
        let fingerprint = fingerprint(&context, config, defaults, &settings);
        let secrets = secret::all(self.schema, &path, self.document, &settings);
        let adapter = (factory.build)(context, settings)
            .map_err(|found| self.setting_problems(&path, &found))?;
        let offered = || adapter.info().capabilities.workflows.clone();
        Ok(LoadedAdapter {
            id: adapter_id,
            kind: factory.kind,
            priority: config.priority,
            actions: config.actions.clone().unwrap_or_else(offered),
            timeout: config.timeout(defaults),
            late_answer: config.late_answer(defaults),
            max_concurrent: config.max_concurrent(defaults),
            max_background: config.max_background(defaults),
            protection: config.protection(defaults),
            cache: config.cache(defaults),
            secrets,
            fingerprint,
            adapter,
        })
    }

    /// What the kind gets to see: all layers as one, without the keys that name them.
    fn settings(&self, factory: &AdapterFactory, config: &AdapterConfig) -> Value {
        let mut settings = config.settings.0.clone();
        if names_description(self.schema, factory.kind) {
            settings.shift_remove("file");
        }
        Value::Object(settings)
    }

    /// Problems of settings at their places in the file.
    fn setting_problems(&self, path: &KeyPath, found: &[SettingProblem]) -> Vec<Problem> {
        let settings = path.key("settings");
        let none = Value::Null;
        let value = settings.find(&self.document.value).unwrap_or(&none);
        found
            .iter()
            .map(
                |SettingProblem {
                     path: place,
                     message,
                 }| {
                    let place = settings.join(&KeyPath::from_dotted(place, value));
                    self.problem(place, message)
                },
            )
            .collect()
    }

    fn problem(&self, path: KeyPath, message: impl Into<String>) -> Problem {
        let place = self.document.place_of_value(&path);
        Problem::error(message).at(path, place)
    }
}

/// `sales-crm` as `Sales Crm`.
fn readable(id: &str) -> String {
    let words = id.split(['-', '_']).filter(|word| !word.is_empty());
    let words: Vec<String> = words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_becomes_a_readable_name() {
        for (id, name) in [
            ("sugar", "Sugar"),
            ("sales-crm_2", "Sales Crm 2"),
            ("a--b", "A B"),
        ] {
            assert_eq!(readable(id), name);
        }
    }
}
