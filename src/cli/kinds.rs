//! `whocalls kinds`: the adapter kinds of this build and the presets that ship with them.

mod text;

use serde_json::{Value, json};
use whocalls_core::{AdapterFactory, Preset};

use super::{
    Outcome,
    output::{fail, pretty, print},
};
use crate::config::PresetOutline;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Print an example of each kind, ready to copy into the configuration file.
    #[arg(long, conflicts_with = "json")]
    examples: bool,
    /// Print the description of this preset, to copy it to a file of one's own (`settings.file`).
    #[arg(long, value_name = "NAME", conflicts_with_all = ["json", "examples"])]
    preset: Option<String>,
}

pub(super) fn run(registry: &[AdapterFactory], arguments: &Arguments) -> Outcome {
    if let Some(name) = &arguments.preset {
        return print_preset(registry, name);
    }
    let text = if arguments.json {
        let kinds: Value = registry.iter().map(document).collect();
        pretty(&json!({ "kinds": kinds }))
    } else if arguments.examples {
        text::examples(registry)
    } else {
        text::list(registry)
    };
    print(&text, Outcome::Fine)
}

fn document(factory: &AdapterFactory) -> Value {
    let presets: Vec<_> = factory.presets.iter().map(PresetOutline::of).collect();
    json!({
        "kind": factory.kind,
        "summary": factory.summary,
        "example": factory.example_toml,
        "presets": presets,
    })
}

fn print_preset(registry: &[AdapterFactory], name: &str) -> Outcome {
    let presets = || registry.iter().flat_map(|factory| factory.presets);
    if let Some(Preset { toml, .. }) = presets().find(|preset| preset.name == name) {
        return print(toml, Outcome::Fine);
    }
    let names: Vec<&str> = presets().map(|preset| preset.name).collect();
    let reason = format!(
        "there is no preset of this name; there are: {}",
        names.join(", ")
    );
    fail(&reason, Outcome::Usage)
}
