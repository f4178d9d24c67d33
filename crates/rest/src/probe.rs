//! What a probe tells the operator.
//!
//! Without a request of its own, the probe asks for a number that nobody can own. That shows more
//! than any status page: the credential, the shape of the reply, and whether the CRM filters at
//! all.

use serde_json::Value;
use whocalls_core::ProbeReport;

use crate::{
    client::Exchange,
    compile::Problems,
    config::ProbeSettings,
    lookup::Found,
    request::{Parts, Request},
    scope::{Common, Scope},
    select::{Hit, Reach, Sources},
    template::Place,
};

/// The report on a lookup of a number that nobody owns. `crm` says who answered.
pub(crate) fn of_lookup(crm: &str, found: &Found) -> ProbeReport {
    let mut report = match found.empty_status {
        None => ProbeReport::new(format!("{crm} answers the lookup as described")),
        Some(status) => ProbeReport::new(format!("{crm} answers the lookup with status {status}")),
    };
    if let Some(status @ 400..) = found.empty_status {
        report.warnings.push(format!(
            "status {status} counts as \"nobody\" (lookup.empty_statuses), and a wrong path may \
             give it too: look up a number that the CRM knows"
        ));
    }
    let hits = found.candidates + found.without_id;
    if hits > 0 {
        report.warnings.push(format!(
            "the CRM returned {hits} hits for a number that nobody owns: it seems to ignore the \
             filter, so most callers will stay unknown; check the parameters of the lookup"
        ));
    }
    if found.without_id > 0 {
        report.warnings.push(format!(
            "{} of {hits} hits have no id; check lookup.fields.id",
            found.without_id
        ));
    }
    if hits > 0 && found.without_phones == found.candidates {
        report.warnings.push(
            "no hit has a phone number, and without one no hit is accepted; check \
             lookup.fields.phones"
                .to_owned(),
        );
    }
    report
}

/// The request in `probe`.
pub(crate) struct Probe {
    request: Request,
    /// Where the reply says whose account it is.
    account: Option<Sources>,
}

impl Probe {
    /// Reads the setting `probe`. Its request knows a number that nobody owns.
    pub(crate) fn compile(
        settings: &ProbeSettings,
        common: &Common<'_>,
        problems: &mut Problems,
    ) -> Self {
        let parts = Parts {
            method: settings.method.into(),
            path: &settings.path,
            query: &settings.query,
            headers: &settings.headers,
            body: settings.body.as_ref(),
        };
        let answer = Scope::answer(common.account);
        let reach = Reach::reply(&answer);
        let account = settings.account.as_ref().map(|sources| {
            let place = Place::RecordText;
            Sources::compile(sources, "probe.account", place, &reach, problems)
        });
        Self {
            request: Request::compile(&parts, "probe", &Scope::lookup(common), problems),
            account,
        }
    }

    /// The request.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// The report on its reply. `crm` says who answered.
    pub(crate) fn report(&self, crm: &str, exchange: &Exchange) -> ProbeReport {
        let mut report = ProbeReport::new(format!("{crm} answers the probe"));
        let Some(sources) = &self.account else {
            return report;
        };
        // A reply that is no JSON can still have headers.
        let document: Value = serde_json::from_slice(&exchange.reply.body).unwrap_or_default();
        let reply = Hit::reply(&document, &exchange.access).with_headers(&exchange.reply.headers);
        match sources.first(&reply, None) {
            Some(account) => {
                report.summary.push_str(" for ");
                report.summary.push_str(&account);
            }
            None => report
                .warnings
                .push("the reply does not say whose account it is; check probe.account".to_owned()),
        }
        report
    }
}

/// The warning about `notifications.proof.kind = "none"`.
pub(crate) fn believes_anyone() -> String {
    "notifications are believed whoever sends them (notifications.proof), so whoever reaches the \
     gateway can make it ask the CRM anew"
        .to_owned()
}
