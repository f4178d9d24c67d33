//! Adapter kinds with the settings that the tests need, and an adapter that does nothing.
#![expect(
    clippy::needless_pass_by_value,
    reason = "the signature is that of all factories"
)]

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use serde_json::Value;
use whocalls_core::{
    AdapterError, AdapterFactory, AdapterInfo, BuildContext, CallContext, Capabilities,
    ContactQuery, CrmAdapter, LookupAnswer, Operation, Preset, ProbeReport, Secret, SettingProblem,
    WorkflowReceipt, WorkflowRequest,
    factory::{BuildFn, read_settings},
};

/// Four kinds: `sugar`, `hubspot`, `rest` and `phonebook`.
pub(super) fn registry() -> Vec<AdapterFactory> {
    let kind = |kind: &'static str, settings_schema, build: BuildFn| AdapterFactory {
        kind,
        summary: "A kind for tests.",
        example_toml: "",
        settings_schema,
        presets: if kind == "rest" { PRESETS } else { &[] },
        build,
    };
    vec![
        kind("sugar", || schema_for!(SugarSettings), build_sugar),
        kind("hubspot", || schema_for!(HubspotSettings), build_hubspot),
        kind("rest", || schema_for!(RestSettings), build_rest),
        kind(
            "phonebook",
            || schema_for!(PhonebookSettings),
            build_phonebook,
        ),
    ]
}

const PRESETS: &[Preset] = &[
    Preset {
        name: "pipedrive",
        toml: r#"
            title = "Pipedrive"
            [protection]
            requests_per_second = 5
            retry.attempts = 7
            [settings]
            base_url = "https://api.pipedrive.example"
            headers = { accept = "application/json", x-version = "2" }
            lookup = [{ path = "/persons" }, { path = "/more" }]
            [settings.auth]
            type = "basic"
            username = "api"
        "#,
    },
    Preset {
        name: "zoho",
        toml: "title = \"Zoho\"\nsettings.lookup = [{ path = \"wrong\" }]",
    },
];

type Built = Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>>;

/// Required keys and a secret.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SugarSettings {
    /// The address of the REST interface. With its version.
    base_url: String,
    #[expect(dead_code, reason = "only its place in the schema matters")]
    username: String,
    password: Secret,
    platform: Option<String>,
}

/// Nothing required; what is needed is found out by building.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct HubspotSettings {
    base_url: Option<String>,
    #[schemars(extend("enum" = ["2026-09", "v3"]))]
    api_version: Option<String>,
    token: Option<Secret>,
    client_secret: Option<Secret>,
}

/// Presets, tagged and untagged forms, lists and recursion.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct RestSettings {
    base_url: Option<String>,
    auth: Option<Auth>,
    headers: BTreeMap<String, HeaderValue>,
    lookup: Vec<Request>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "only their places in the schema matter")]
enum Auth {
    Bearer { token: Secret },
    Basic { username: String, password: Secret },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only their places in the schema matter")]
enum HeaderValue {
    Plain(String),
    Hidden(Secret),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Request {
    path: String,
    #[expect(dead_code, reason = "only its place in the schema matters")]
    otherwise: Option<Box<Self>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its place in the schema matters")]
struct PhonebookSettings {
    file: String,
}

fn build_sugar(cx: BuildContext, settings: Value) -> Built {
    let settings: SugarSettings = read_settings(settings)?;
    let mut problems = Vec::new();
    if !settings.base_url.starts_with("https://") {
        problems.push(SettingProblem::new("base_url", "an https URL is expected"));
    }
    if settings
        .platform
        .is_some_and(|platform| platform.is_empty())
    {
        problems.push(SettingProblem::new("platform", "this must not be empty"));
    }
    let workflows = ["CallFlow", "CreateCase"];
    finish(&cx, "sugar", &workflows, Some(settings.password), problems)
}

fn build_hubspot(cx: BuildContext, settings: Value) -> Built {
    let settings: HubspotSettings = read_settings(settings)?;
    let problems = match (&settings.token, &settings.client_secret) {
        (Some(_), None) | (None, Some(_)) => Vec::new(),
        _ => vec![SettingProblem::new("", "set either token or client_secret")],
    };
    finish(&cx, "hubspot", &["CallFlow"], settings.token, problems)
}

fn build_rest(cx: BuildContext, settings: Value) -> Built {
    let settings: RestSettings = read_settings(settings)?;
    let mut problems = Vec::new();
    for (index, request) in settings.lookup.iter().enumerate() {
        if !request.path.starts_with('/') {
            let path = format!("lookup.{index}.path");
            problems.push(SettingProblem::new(path, "this must start with /"));
        }
    }
    let secret = settings.auth.map(|auth| match auth {
        Auth::Bearer { token: secret }
        | Auth::Basic {
            password: secret, ..
        } => secret,
    });
    finish(&cx, "rest", &[], secret, problems)
}

fn build_phonebook(cx: BuildContext, settings: Value) -> Built {
    read_settings::<PhonebookSettings>(settings)?;
    finish(&cx, "phonebook", &[], None, Vec::new())
}

fn finish(
    cx: &BuildContext,
    kind: &'static str,
    workflows: &[&str],
    secret: Option<Secret>,
    problems: Vec<SettingProblem>,
) -> Built {
    if !problems.is_empty() {
        return Err(problems);
    }
    let info = cx.info(kind, Capabilities::number_lookup(workflows.iter().copied()));
    Ok(Arc::new(Idle { info, secret }))
}

/// An adapter that is only looked at. Shows its secret in `Display`, so that tests see it.
#[derive(Debug)]
struct Idle {
    info: AdapterInfo,
    secret: Option<Secret>,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.secret.as_ref().map_or("", Secret::expose))
    }
}

#[async_trait]
impl CrmAdapter for Idle {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        _: &CallContext,
        _: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        Err(AdapterError::unsupported(&self.info.id, Operation::Lookup))
    }

    async fn run_workflow(
        &self,
        _: &CallContext,
        _: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        Err(AdapterError::unsupported(
            &self.info.id,
            Operation::Workflow,
        ))
    }

    async fn probe(&self, _: &CallContext) -> Result<ProbeReport, AdapterError> {
        Err(AdapterError::unsupported(&self.info.id, Operation::Probe))
    }
}
