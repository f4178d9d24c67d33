//! `whocalls lookup NUMBER`: one lookup from the terminal.

mod document;
mod text;

use whocalls_core::{CallContext, Caller, ContactQuery, NumberQuery, RequestId, Trace};
use whocalls_engine::LookupRequest;

use super::{
    Outcome,
    explained::Explained,
    output::{complain, complain_about, pretty, print},
    trace,
};
use crate::{config::Mode, gateway::Origin, service::Service, telemetry::Metrics};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The number, in any spelling.
    number: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Show what each CRM was asked and returned, how it was matched and merged, and why in this
    /// order.
    #[arg(long)]
    explain: bool,
}

pub(super) async fn run(origin: &Origin, arguments: &Arguments) -> Outcome {
    let loaded = match origin.load(Mode::Full) {
        Ok(loaded) => loaded,
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    let Ok(metrics) = Metrics::new() else {
        return Outcome::Internal;
    };
    let trace = arguments.explain.then(|| trace::of(&loaded.adapters));
    let service = Service::new(loaded, None, &metrics.recorder(), None);
    let number = match service.number_plan.classify(&arguments.number) {
        Caller::Number(number) => number,
        other => return nobody_asked(&other, arguments.json),
    };
    let query = ContactQuery::from(NumberQuery {
        number: number.clone(),
        max_records: service.max_records(),
        explain: arguments.explain,
    });
    let mut cx = CallContext::within(service.request_timeout, RequestId::new("terminal"));
    cx.trace = trace;
    let request = LookupRequest {
        cx: &cx,
        query: &query,
        allowed: None,
        max_results: service.max_results,
    };
    let report = service.engine.lookup(request).await;
    let outcome = if report.is_failed() {
        Outcome::CrmUnavailable
    } else {
        Outcome::Fine
    };
    let asked = number.e164().unwrap_or_else(|| number.digits().to_owned());
    let explained = cx.trace.map(|trace| Explanations {
        explained: Explained {
            plan: &service.number_plan,
            asked: &number,
        },
        trace,
    });
    let text = if arguments.json {
        pretty(&document::of(&service, &asked, &report, explained.as_ref()))
    } else {
        text::of(&asked, &report, explained.as_ref())
    };
    print(&text, outcome)
}

/// By what a lookup is explained.
#[derive(Debug)]
struct Explanations<'a> {
    explained: Explained<'a>,
    trace: Trace,
}

/// A withheld, internal or unsearchable number.
fn nobody_asked(caller: &Caller, as_json: bool) -> Outcome {
    let why = caller.as_str();
    if as_json {
        return print(&pretty(&document::of_nobody(why)), Outcome::Fine);
    }
    complain(&format!("whocalls: the number is {why}; no CRM is asked\n"));
    Outcome::Fine
}
