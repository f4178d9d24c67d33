//! `whocalls workflow NAME`: one workflow from the terminal, as if the telephone system had sent it.

mod inputs;
mod text;

use std::{path::PathBuf, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::time::Instant;
use whocalls_outbox::Answer;

use super::{
    Outcome,
    output::{complain, complain_about, fail, pretty, print},
};
use crate::{
    config::Mode,
    dispatch,
    extract::workflow_inputs,
    gateway::{Gateway, Origin},
    telemetry::Metrics,
};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The workflow, for example `CallFlow`.
    name: String,
    /// One of its inputs, for example `contactCrmId=hubspot:51`; any number of times.
    #[arg(long = "input", value_name = "KEY=VALUE", value_parser = inputs::pair)]
    inputs: Vec<(String, String)>,
    /// Print one JSON document. With FILE (`-` is standard input), also read the inputs from it:
    /// the body of a request, or only its `inputs`.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[expect(
        clippy::option_option,
        reason = "so clap tells an option without value from one that is absent"
    )]
    json: Option<Option<PathBuf>>,
}

impl Arguments {
    /// The inputs, with which a request's body would have come.
    fn inputs(&self) -> Result<Map<String, Value>, String> {
        match &self.json {
            Some(Some(_)) if !self.inputs.is_empty() => {
                Err("give the inputs either with --input or in the FILE of --json".to_owned())
            }
            Some(Some(path)) => inputs::read(path),
            Some(None) | None => Ok(self
                .inputs
                .iter()
                .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
                .collect()),
        }
    }
}

pub(super) async fn run(origin: &Origin, arguments: &Arguments) -> Outcome {
    let inputs = match arguments.inputs() {
        Ok(inputs) => inputs,
        Err(mistake) => return fail(&mistake, Outcome::Usage),
    };
    let loaded = match origin.load(Mode::Full) {
        Ok(loaded) => loaded,
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    let attempt_timeout = loaded.config.outbox.settings().attempt_timeout;
    let Ok(metrics) = Metrics::new() else {
        return Outcome::Internal;
    };
    let gateway = match Gateway::new(loaded, metrics) {
        Ok(gateway) => gateway,
        Err(error) => return fail(&format!("outbox: {error}"), Outcome::Internal),
    };
    let outcome = send(&gateway, arguments, inputs).await;
    // An attempt that is cut short would have to be looked for in the CRM.
    gateway.outbox.stop(attempt_timeout).await;
    outcome
}

/// Does what the HTTP route does, in a gateway without listeners.
async fn send(
    gateway: &Arc<Gateway>,
    arguments: &Arguments,
    inputs: Map<String, Value>,
) -> Outcome {
    let service = gateway.service();
    let inputs = workflow_inputs(inputs, &service.time_zone);
    for input in &inputs.unreadable {
        complain(&format!(
            "whocalls: {input} cannot be read as a date; it is passed on as it is\n"
        ));
    }
    let details = dispatch::details(&arguments.name, inputs);
    let targets = match dispatch::targets(&service, None, &details) {
        Ok(targets) => targets,
        Err(problem) => return fail(&problem.detail, Outcome::Usage),
    };
    let wait_until = Instant::now() + service.workflow_timeout;
    // A gateway that runs with the same outbox keeps delivering; without one, this process does.
    gateway.start_deliveries();
    let answer = match gateway
        .outbox
        .submit(details, targets, wait_until, wait_until)
        .await
    {
        Ok(answer) => answer,
        Err(error) => return fail(&error.to_string(), Outcome::Internal),
    };
    let text = if arguments.json.is_some() {
        pretty(&document(&answer))
    } else {
        let shown = gateway.outbox.store().show(answer.id.clone()).await;
        text::of(&arguments.name, &answer, shown.ok().flatten().as_ref())
    };
    print(&text, Outcome::Fine)
}

fn document(answer: &Answer) -> Value {
    json!({
        "status": answer.status.as_str(),
        "workflow_id": answer.id.as_str(),
        "id": answer.receipt.id,
        "url": answer.receipt.url,
    })
}
