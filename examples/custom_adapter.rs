//! An adapter of your own: people listed right in the configuration.
//!
//! ```text
//! cargo run --example custom_adapter -- --config examples/staff/adapters.toml lookup 0791234567
//! ```
//!
//! Timeouts, cache, merging, metrics and checks of the settings come by themselves.

use std::{collections::BTreeMap, fmt, process::ExitCode, sync::Arc};

use async_trait::async_trait;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use whocalls_core::{
    AdapterError, AdapterFactory, AdapterInfo, CallContext, Capabilities, ContactQuery,
    ContactRecord, CrmAdapter, LookupAnswer, NumberPlan, Operation, ProbeReport, RecordKind,
    WorkflowReceipt, WorkflowRequest, factory::read_settings,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Name -> number.
    people: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Staff {
    info: AdapterInfo,
    plan: NumberPlan,
    people: BTreeMap<String, String>,
}

fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: "staff",
        summary: "People listed in the configuration",
        example_toml: "",
        settings_schema: || schema_for!(Settings),
        presets: &[],
        build: |place, settings| {
            let Settings { people } = read_settings(settings)?;
            let info = place.info("staff", Capabilities::number_lookup([""; 0]));
            let plan = place.number_plan;
            Ok(Arc::new(Staff { info, plan, people }))
        },
    }
}

impl fmt::Display for Staff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.kind)
    }
}

#[async_trait]
impl CrmAdapter for Staff {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        _: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let ContactQuery::Number(query) = query else {
            return Err(AdapterError::unsupported(&self.info.id, Operation::Lookup));
        };
        let people = self.people.iter().map(|(name, number)| {
            let source = self.info.id.clone();
            let mut person = ContactRecord::new(source, name, RecordKind::Contact, name.clone());
            person.phones = vec![number.clone()];
            person
        });
        Ok(LookupAnswer::verified(people, query, &self.plan))
    }

    async fn run_workflow(
        &self,
        _: &CallContext,
        _: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let id = &self.info.id;
        Err(AdapterError::unsupported(id, Operation::Workflow))
    }

    async fn probe(&self, _: &CallContext) -> Result<ProbeReport, AdapterError> {
        Ok(ProbeReport::new(format!("{} people", self.people.len())))
    }
}

fn main() -> ExitCode {
    let mut registry = whocalls::compose::registry();
    registry.push(factory());
    whocalls::cli::run(std::env::args_os(), registry)
}
