//! `whocalls kinds`: the adapter kinds of this build.

use serde_json::json;
use whocalls_core::AdapterFactory;

use super::{
    Outcome,
    output::{pretty, print},
};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Print an example of each kind, ready to copy into the configuration file.
    #[arg(long)]
    examples: bool,
}

pub(super) fn run(registry: &[AdapterFactory], arguments: &Arguments) -> Outcome {
    if arguments.json {
        let kinds: Vec<_> = registry
            .iter()
            .map(|factory| {
                json!({
                    "kind": factory.kind,
                    "summary": factory.summary,
                    "example": factory.example_toml,
                })
            })
            .collect();
        return print(&pretty(&json!({ "kinds": kinds })), Outcome::Fine);
    }
    let width = registry
        .iter()
        .map(|factory| factory.kind.len())
        .max()
        .unwrap_or_default();
    let describe = |factory: &AdapterFactory| {
        if arguments.examples {
            format!(
                "# {}: {}\n{}\n",
                factory.kind,
                factory.summary,
                factory.example_toml.trim()
            )
        } else {
            format!("{:width$}  {}", factory.kind, factory.summary)
        }
    };
    let lines: Vec<String> = registry.iter().map(describe).collect();
    print(&format!("{}\n", lines.join("\n")), Outcome::Fine)
}
