//! What each real CRM has to show.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use whocalls_core::{
    CallDetails, Caller, ContactRecord, CrmAdapter, ErrorKind, LookupAnswer, Progress,
    WorkflowReceipt, WorkflowRequest, workflow::CALL_FLOW,
};
use whocalls_testkit::{
    contacts::{MIA, MIA_NUMBER, SPELLED, SeedContact, TWELVE_SPELLINGS, UNKNOWN},
    number_plan, query,
};

use crate::{server::patient, support::adapter_at};

/// A CRM that runs, and knows the messy contacts.
pub(crate) struct Crm<'a> {
    /// Its description.
    pub(crate) description: &'a str,
    /// Its address.
    pub(crate) url: &'a str,
    /// The secret of the description.
    pub(crate) secret: &'a str,
    /// What the CRM says to a wrong one.
    pub(crate) refusal: ErrorKind,
    /// The start of the key of the filter in the description, and how somebody mistypes it.
    pub(crate) filter: (&'a str, &'a str),
    /// Whom it knows.
    pub(crate) contacts: &'a [SeedContact],
}

impl Crm<'_> {
    /// Checks all that does not change anything. Each `step`-th contact is asked for.
    pub(crate) async fn knows_its_callers(&self, step: usize) {
        let adapter = self.adapter();
        twelve_spellings_are_found(&*adapter, self.contacts).await;
        nobody_is_nobody(&*adapter).await;
        every_caller_is_found_and_nobody_else(&*adapter, self.contacts, step).await;
        let report = adapter.probe(&patient()).await.expect("the CRM is well");
        assert_eq!(report.warnings, Vec::<String>::new());
        self.a_wrong_secret_is_refused().await;
        self.a_misspelled_filter_yields_no_false_match().await;
    }

    fn adapter(&self) -> Arc<dyn CrmAdapter> {
        adapter_at(self.description, self.url, self.secret)
    }

    /// The record of the one owner of [`MIA_NUMBER`].
    pub(crate) async fn mia(&self) -> ContactRecord {
        let answer = ask(&*self.adapter(), MIA_NUMBER).await;
        let [found] = answer.matches() else {
            panic!("exactly one contact owns the number: {answer:?}");
        };
        assert_eq!(found.record.name, MIA);
        found.record.clone()
    }

    async fn a_wrong_secret_is_refused(&self) {
        let adapter = adapter_at(self.description, self.url, "wrong");
        let result = adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
        let error = result.expect_err("the secret is wrong");
        assert_eq!(error.kind, self.refusal, "{error}");
        let result = adapter.probe(&patient()).await;
        let error = result.expect_err("the secret is wrong");
        assert_eq!(error.kind, self.refusal, "{error}");
    }

    /// Each of these servers ignores parameters that it does not know, and returns everybody.
    async fn a_misspelled_filter_yields_no_false_match(&self) {
        let (filter, misspelled) = self.filter;
        assert!(self.description.contains(filter), "{filter}");
        let description = self.description.replace(filter, misspelled);
        let adapter = adapter_at(&description, self.url, self.secret);
        let answer = ask(&*adapter, UNKNOWN).await;
        assert!(answer.is_empty(), "{answer:?}");
        assert!(answer.rejected() >= 50, "a page of strangers, or several");
        let report = adapter.probe(&patient()).await.expect("an answer");
        let warning = report.warnings.first().expect("a warning");
        assert!(warning.contains("ignore the filter"), "{warning}");
    }

    /// Logs a call of this contact, loses the answer, logs it again and then brings it up to date.
    /// Returns what the CRM was told last, and where that is.
    pub(crate) async fn logs_a_call_once(
        &self,
        contact: &str,
    ) -> (WorkflowRequest, WorkflowReceipt) {
        let adapter = self.adapter();
        let mut request = WorkflowRequest {
            name: CALL_FLOW.to_owned(),
            contact: Some(contact.to_owned()),
            call: CallDetails {
                started_at: "2026-11-22T09:00:00Z".parse().ok(),
                ..CallDetails::default()
            },
            idempotency_key: "0199c0f0e1b2".to_owned(),
            subject: "Incoming call: \"Grüezi\" & 100 % 'quoted'".to_owned(),
            text: "Not answered yet.".to_owned(),
            ..WorkflowRequest::default()
        };
        let created = run(&*adapter, &request).await;
        let id = created.id.clone().expect("an id");

        request.progress = Progress::Uncertain;
        assert_eq!(run(&*adapter, &request).await.id, created.id, "found again");

        request.progress = Progress::Exists(id);
        request.subject.push_str(", answered");
        "Talked for 1 min.".clone_into(&mut request.text);
        assert_eq!(run(&*adapter, &request).await.id, created.id, "the same");
        (request, created)
    }
}

async fn run(adapter: &dyn CrmAdapter, request: &WorkflowRequest) -> WorkflowReceipt {
    let result = adapter.run_workflow(&patient(), request).await;
    result.expect("the call is logged")
}

async fn ask(adapter: &dyn CrmAdapter, number: &str) -> LookupAnswer {
    let result = adapter.lookup(&patient(), &query(number)).await;
    result.expect("an answer")
}

/// The e-mail addresses of the contacts that were found, sorted.
fn emails(answer: &LookupAnswer) -> Vec<&str> {
    let records = answer.matches().iter().map(|found| &found.record);
    let mut emails: Vec<_> = records
        .flat_map(|record| record.emails.iter().map(String::as_str))
        .collect();
    emails.sort_unstable();
    emails
}

async fn twelve_spellings_are_found(adapter: &dyn CrmAdapter, contacts: &[SeedContact]) {
    let answer = ask(adapter, SPELLED).await;
    let owners = contacts.iter().take(TWELVE_SPELLINGS.len());
    let mut owners: Vec<_> = owners.map(|contact| contact.email.as_str()).collect();
    owners.sort_unstable();
    assert_eq!(emails(&answer), owners);
}

async fn nobody_is_nobody(adapter: &dyn CrmAdapter) {
    let answer = ask(adapter, UNKNOWN).await;
    assert!(answer.is_empty(), "{answer:?}");
    assert_eq!(answer.rejected(), 0, "the server filters");
}

/// Whoever else has a number of her own is found by it, however it is spelled; nobody else is.
async fn every_caller_is_found_and_nobody_else(
    adapter: &dyn CrmAdapter,
    contacts: &[SeedContact],
    step: usize,
) {
    let mut times: Vec<Duration> = Vec::new();
    let others = contacts.iter().skip(TWELVE_SPELLINGS.len());
    for contact in others.step_by(step) {
        let stored = format!("{}{}", contact.mobile, contact.work);
        let Caller::Number(number) = number_plan().classify(&stored) else {
            panic!("{stored} is a number");
        };
        let started = Instant::now();
        let answer = ask(adapter, number.digits()).await;
        times.push(started.elapsed());
        assert_eq!(emails(&answer), [contact.email.as_str()], "{stored}");
    }
    times.sort();
    eprintln!(
        "{} lookups: median {:?}, slowest {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() - 1]
    );
}
