//! `whocalls check`: is the file right, can workflows be stored, and do the CRMs answer?

mod cache_file;
mod outbox;
mod tried;

use futures::future::{join, join_all};
use serde_json::json;
use whocalls_core::{Caller, PhoneNumber};

use super::{
    Outcome,
    explained::Explained,
    output::{complain_about, fail, pretty, print},
};
use crate::{
    config::{KeyPath, Loaded, Mode, Severity},
    gateway::Origin,
};
use tried::Tried;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only check the file: ask no CRM, read no secret, touch no outbox.
    #[arg(long)]
    offline: bool,
    /// Look this number up in every CRM, and show each request and reply, credentials masked.
    #[arg(long, value_name = "NUMBER", conflicts_with = "offline")]
    trace: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(origin: &Origin, arguments: &Arguments) -> Outcome {
    let mode = if arguments.offline {
        Mode::Offline
    } else {
        Mode::Full
    };
    let mut loaded = match origin.load(mode) {
        Ok(loaded) => loaded,
        Err(report) if arguments.json => {
            return print(
                &pretty(&json!({ "problems": report.to_json() })),
                Outcome::Configuration,
            );
        }
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    let number = match number(&loaded, arguments.trace.as_deref()) {
        Ok(number) => number,
        Err(reason) => return fail(&reason, Outcome::Usage),
    };
    let (stored, tried) = if arguments.offline {
        (Ok(()), Vec::new())
    } else {
        let tried = loaded
            .adapters
            .iter()
            .map(|it| Tried::new(it, number.as_ref()));
        join(outbox::check(&loaded.config.outbox.path), join_all(tried)).await
    };
    let kept = if arguments.offline {
        Ok(())
    } else {
        cache_file::check(&loaded.config.cache)
    };
    let outcome = if stored.is_err() || kept.is_err() {
        Outcome::Configuration
    } else if tried.iter().all(Tried::is_fine) {
        Outcome::Fine
    } else {
        Outcome::CrmUnavailable
    };
    if let Err(error) = stored {
        let key = KeyPath::of(["outbox", "path"]);
        loaded.warnings = loaded.warnings.with_error(key, error.to_string());
    }
    if let Err((key, reason)) = kept {
        loaded.warnings = loaded.warnings.with_error(key, reason);
    }
    let explained = number.as_ref().map(|asked| Explained {
        plan: &loaded.number_plan,
        asked,
    });
    if arguments.json {
        let adapters: Vec<_> = tried.iter().map(|it| it.document(explained)).collect();
        let document = json!({ "problems": loaded.warnings.to_json(), "adapters": adapters });
        return print(&pretty(&document), outcome);
    }
    complain_about(&loaded.warnings);
    let mut text = headline(origin, &loaded, arguments.offline);
    text.extend(tried.iter().map(|it| it.text(explained)));
    print(&text, outcome)
}

/// The number to look for, or why it cannot be looked for.
fn number(loaded: &Loaded, text: Option<&str>) -> Result<Option<PhoneNumber>, String> {
    match text.map(|text| loaded.number_plan.classify(text)) {
        None => Ok(None),
        Some(Caller::Number(number)) => Ok(Some(number)),
        Some(other) => Err(format!(
            "the number is {}; no CRM is asked for it",
            other.as_str()
        )),
    }
}

fn headline(origin: &Origin, loaded: &Loaded, offline: bool) -> String {
    let is_right = loaded.warnings.count(Severity::Error) == 0;
    let verdict = if is_right { "right" } else { "wrong" };
    let count = loaded.adapters.len();
    let plural = if count == 1 { "" } else { "s" };
    let how = if offline { "not probed" } else { "probed" };
    format!(
        "{}: the configuration is {verdict} ({count} adapter{plural} enabled, {how})\n",
        origin.path.display()
    )
}
