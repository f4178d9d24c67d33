//! What a lookup adds to the contacts that it found: the company's name and page, and links.
//!
//! None of it is worth an answer that fails or comes late: a contact without company is better
//! than nothing.

use std::time::Duration;

use tokio::time::Instant;
use whocalls_core::{CallContext, ContactRecord, LookupAnswer, Operation};

use crate::{
    account::{Account, AccountCell},
    api::ObjectType,
    client::Client,
    companies::{Companies, Known},
    record,
    wire::Object,
    workflow::Related,
};

/// Companies and the account, with the time that a call spends on them.
#[derive(Debug)]
pub(crate) struct Details {
    timeout: Duration,
    companies: Companies,
    account: AccountCell,
}

impl Details {
    /// Details that may take `timeout` while somebody waits, and never more than half of what a call
    /// has left. Company names are remembered for `company_life`.
    pub(crate) fn new(timeout: Duration, company_life: Duration) -> Self {
        Self {
            timeout,
            companies: Companies::new(company_life),
            account: AccountCell::default(),
        }
    }

    /// Fills in companies and links of the records in `answer`. `employers` has the records that
    /// name a company: the record's id, and HubSpot's of the company.
    pub(crate) async fn complete(
        &self,
        cx: &CallContext,
        client: &Client,
        answer: &mut LookupAnswer,
        employers: &[(String, String)],
    ) {
        let employer_of = |record: &ContactRecord| {
            let found = employers.iter().find(|(id, _)| *id == record.id);
            found.map(|(_, company_id)| company_id.as_str())
        };
        let shown = answer.matches().iter().map(|found| &found.record);
        let lacks_link = shown.clone().any(|record| record.contact_uri.is_none());
        let company_ids = shown.filter_map(employer_of).collect();
        let cx = self.bounded(cx);
        let (companies, account) = tokio::join!(
            self.companies.read(&cx, client, company_ids),
            self.account_if(lacks_link, &cx, client, Operation::Lookup),
        );
        if !companies.is_complete {
            answer.mark_partial();
        }
        for record in answer.records_mut() {
            let company_id = employer_of(record);
            let (kind, id) = record::object_of(record);
            if let Some(company_id) = company_id {
                self.companies.remember_employer(id, company_id);
            }
            if record.contact_uri.is_none() {
                record.contact_uri = account.as_ref().and_then(|account| account.page(kind, id));
            }
            if let Some(company_id) = company_id {
                let known = companies.found.get(company_id);
                set_company(record, company_id, known, account.as_ref());
            }
        }
    }

    /// The company of a contact, if a lookup found it lately.
    pub(crate) fn employer(&self, contact: &str) -> Option<String> {
        self.companies.employer(contact)
    }

    /// Forgets what is remembered of a contact that has changed.
    pub(crate) fn forget_contact(&self, contact: &str) {
        self.companies.forget_employer(contact);
    }

    /// Forgets a company that has changed. Returns the contacts that were shown with it lately.
    pub(crate) fn forget_company(&self, company: &str) -> Vec<String> {
        self.companies.forget(company);
        self.companies.employees(company)
    }

    /// The page that shows an object that a workflow wrote.
    pub(crate) async fn page(
        &self,
        cx: &CallContext,
        client: &Client,
        kind: ObjectType,
        written: &Object,
        related: &Related,
    ) -> Option<String> {
        let own = record::page(written);
        if kind != ObjectType::Calls && own.is_some() {
            return own;
        }
        let cx = self.bounded(cx);
        let account = self.account.get(&cx, client, Operation::Workflow).await?;
        match (kind, related.shown()) {
            // A call has no page of its own: it is a line on the page of its contact.
            (ObjectType::Calls, Some((kind, id))) => {
                let page = account.page(kind, id)?;
                Some(format!("{page}/view/1?engagement={}", written.id))
            }
            (ObjectType::Calls, None) => own,
            _ => account.page(kind, &written.id),
        }
    }

    async fn account_if(
        &self,
        is_needed: bool,
        cx: &CallContext,
        client: &Client,
        operation: Operation,
    ) -> Option<Account> {
        if is_needed {
            self.account.get(cx, client, operation).await
        } else {
            None
        }
    }

    /// The same call with the time that it may spend on what an answer can do without. Once nobody
    /// waits any longer, a whole answer for the next call is worth more than a quick one.
    pub(crate) fn bounded(&self, cx: &CallContext) -> CallContext {
        let share = cx.useful_time() / 2;
        let time = if cx.is_awaited() {
            self.timeout.min(share)
        } else {
            share
        };
        cx.with_deadline(Instant::now() + time)
    }
}

/// Sets name and page of a contact's company. Without a reply about it, the contact's own text
/// stays, and the page is known by the id.
fn set_company(
    record: &mut ContactRecord,
    id: &str,
    known: Option<&Known>,
    account: Option<&Account>,
) {
    let built = || account.and_then(|account| account.page(ObjectType::Companies, id));
    match known {
        Some(Known::Company(company)) => {
            if let Some(name) = &company.name {
                record.company = Some(name.clone());
            }
            record.company_uri = company.page.clone().or_else(built);
        }
        Some(Known::Gone) => {}
        None => record.company_uri = built(),
    }
}
