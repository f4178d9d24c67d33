//! What a probe tells the operator.
//!
//! Without a request of its own, the probe asks for a number that nobody can own. That shows more
//! than any status page: the credential, the shape of the reply, and whether the CRM filters at
//! all.

use whocalls_core::ProbeReport;

use crate::lookup::Found;

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
    let hits = found.records.len() + found.without_id;
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
    let without_phones = found.without_phones();
    if hits > 0 && without_phones == found.records.len() {
        report.warnings.push(
            "no hit has a phone number, and without one no hit is accepted; check \
             lookup.fields.phones"
                .to_owned(),
        );
    }
    report
}

/// The report on the request in `probe`.
pub(crate) fn of_request(crm: &str) -> ProbeReport {
    ProbeReport::new(format!("{crm} answers the probe"))
}
