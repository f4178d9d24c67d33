//! An adapter in memory that does what a test tells it to.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::watch,
    time::{sleep, timeout_at},
};
use whocalls_core::{
    AdapterError, AdapterId, AdapterInfo, CallContext, Capabilities, Changes, ContactQuery,
    ContactRecord, CrmAdapter, ErrorKind, LookupAnswer, Notification, Operation, ProbeReport,
    RecordKind, WorkflowReceipt, WorkflowRequest,
};

use crate::contacts::SeedContact;

/// What a [`FakeAdapter`] does with the next calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Act {
    /// Answers from its contacts.
    #[default]
    Answer,
    /// Answers from its contacts after this time.
    AnswerAfter(Duration),
    /// Answers from its contacts, as if a part of the CRM could not be asked.
    AnswerPartially,
    /// Answers that nobody has the number.
    KnowNobody,
    /// Answers only when the deadline has passed, with `Timeout`.
    Hang,
    /// Ignores even its deadline: breaks the contract.
    HangForEver,
    /// Fails with this kind.
    Fail(ErrorKind),
    /// Fails as a CRM that answers 429 with this `Retry-After`.
    Throttle(Duration),
    /// Panics: breaks the contract.
    Panic,
}

/// An adapter without a CRM: contacts in memory, faults on demand, calls counted.
#[derive(Debug)]
pub struct FakeAdapter {
    info: AdapterInfo,
    contacts: Vec<ContactRecord>,
    act: Mutex<Act>,
    /// What the next calls do before that.
    script: Mutex<VecDeque<Act>>,
    /// Calls that were started, and whether calls are held back.
    calls: watch::Sender<usize>,
    held: watch::Sender<bool>,
    /// The workflows that were carried out, in order.
    written: Mutex<Vec<WorkflowRequest>>,
}

impl FakeAdapter {
    /// The workflow that every fake offers.
    pub const WORKFLOW: &'static str = "CallFlow";
    /// What a notification to a fake carries in its path.
    pub const NOTIFICATION_SECRET: &'static str = "fake-secret";

    /// A fake that knows `contacts`, under this id.
    ///
    /// # Panics
    /// When the id is not valid.
    pub fn new(id: &str, contacts: Vec<ContactRecord>) -> Self {
        let info = AdapterInfo {
            id: AdapterId::new(id).expect("a valid adapter id"),
            kind: "fake",
            crm_name: format!("{id} CRM"),
            crm_logo: Some(format!("https://cdn.example/{id}.svg")),
            capabilities: Capabilities::number_lookup([Self::WORKFLOW]),
        };
        Self {
            info,
            contacts,
            act: Mutex::default(),
            script: Mutex::default(),
            calls: watch::Sender::new(0),
            held: watch::Sender::new(false),
            written: Mutex::default(),
        }
    }

    /// The same fake, which claims to answer from its own memory.
    #[must_use]
    pub fn in_memory(mut self) -> Self {
        self.info.capabilities = self.info.capabilities.in_memory();
        self
    }

    /// A fake that knows these messy contacts.
    pub fn seeded(id: &str, contacts: &[SeedContact]) -> Self {
        let source = AdapterId::new(id).expect("a valid adapter id");
        Self::new(
            id,
            contacts
                .iter()
                .map(|contact| record(&source, contact))
                .collect(),
        )
    }

    /// From now on, calls do this.
    pub fn set(&self, act: Act) {
        *self.lock() = act;
    }

    /// The next calls do these, one each, and then what was [`set`](Self::set).
    pub fn script(&self, acts: impl IntoIterator<Item = Act>) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.extend(acts);
    }

    /// Keeps calls from ending until [`release`](Self::release).
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Lets held calls go on.
    pub fn release(&self) {
        self.held.send_replace(false);
    }

    /// How many calls were started.
    pub fn calls(&self) -> usize {
        *self.calls.borrow()
    }

    /// The workflows that were carried out, in order: creations and updates.
    pub fn written(&self) -> Vec<WorkflowRequest> {
        let written = self.written.lock();
        written.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until this many calls were started.
    ///
    /// # Panics
    /// Never: the sender lives as long as `self`.
    pub async fn called(&self, count: usize) {
        let mut calls = self.calls.subscribe();
        calls
            .wait_for(|seen| *seen >= count)
            .await
            .expect("the sender lives in self");
    }

    /// Does what the call is to do, up to its answer.
    async fn act(&self, cx: &CallContext, operation: Operation) -> Result<Act, AdapterError> {
        self.calls.send_modify(|count| *count += 1);
        let mut held = self.held.subscribe();
        let released = timeout_at(cx.deadline, held.wait_for(|held| !held))
            .await
            .is_ok();
        let timeout = || AdapterError::timeout(&self.info.id, operation);
        if !released {
            return Err(timeout());
        }
        let act = self.next_act();
        match act {
            Act::Answer | Act::AnswerPartially | Act::KnowNobody => Ok(act),
            Act::AnswerAfter(delay) => timeout_at(cx.deadline, sleep(delay))
                .await
                .map(|()| act)
                .map_err(|_| timeout()),
            Act::Hang => {
                tokio::time::sleep_until(cx.deadline).await;
                Err(timeout())
            }
            Act::HangForEver => std::future::pending().await,
            Act::Fail(kind) => Err(AdapterError::new(kind, &self.info.id, operation, "as told")),
            Act::Throttle(wait) => {
                let kind = ErrorKind::RateLimited;
                let error = AdapterError::new(kind, &self.info.id, operation, "as told");
                Err(error.with_status(429).with_retry_after(Some(wait)))
            }
            Act::Panic => panic!("the fake adapter was told to panic"),
        }
    }

    fn next_act(&self) -> Act {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.pop_front().unwrap_or_else(|| *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Act> {
        self.act.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A contact as the fake adapter `source` knows it.
pub fn record(source: &AdapterId, contact: &SeedContact) -> ContactRecord {
    let name = format!("{} {}", contact.first_name, contact.last_name);
    let id = contact.id.to_string();
    let mut record = ContactRecord::new(source.clone(), &id, RecordKind::Contact, name);
    record.company = (!contact.company.is_empty()).then(|| contact.company.clone());
    record.contact_uri = Some(format!("https://{source}.example/contacts/{id}"));
    record.company_uri = (contact.company_id > 0)
        .then(|| format!("https://{source}.example/companies/{}", contact.company_id));
    record.phones = [&contact.mobile, &contact.work]
        .into_iter()
        .filter(|phone| !phone.is_empty())
        .cloned()
        .collect();
    record.emails = vec![contact.email.clone()];
    record
}

impl fmt::Display for FakeAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.id.as_str())
    }
}

#[async_trait]
impl CrmAdapter for FakeAdapter {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let ContactQuery::Number(query) = query else {
            return Err(AdapterError::unsupported(&self.info.id, Operation::Lookup));
        };
        let act = self.act(cx, Operation::Lookup).await?;
        if act == Act::KnowNobody {
            return Ok(LookupAnswer::empty());
        }
        let contacts = self.contacts.iter().cloned();
        let mut answer = LookupAnswer::verified(contacts, query, &crate::number_plan());
        if act == Act::AnswerPartially {
            answer.mark_partial();
        }
        Ok(answer)
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        if !self.info.capabilities.runs(&request.name) {
            return Err(AdapterError::unsupported(
                &self.info.id,
                Operation::Workflow,
            ));
        }
        self.act(cx, Operation::Workflow).await?;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push(request.clone());
        Ok(WorkflowReceipt {
            id: Some(request.idempotency_key.clone()),
            url: Some(format!(
                "https://{}.example/calls/{}",
                self.info.id, request.idempotency_key
            )),
        })
    }

    /// Believes whoever knows [`FakeAdapter::NOTIFICATION_SECRET`]; the body lists changed records,
    /// or numbers when it begins with `+`, one a line.
    async fn read_notification(
        &self,
        _: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        if notification.tail != Self::NOTIFICATION_SECRET {
            let (kind, operation) = (ErrorKind::Unauthenticated, Operation::Notification);
            return Err(AdapterError::new(
                kind,
                &self.info.id,
                operation,
                "not the secret",
            ));
        }
        let body = String::from_utf8_lossy(&notification.body).into_owned();
        let (numbers, records) = body
            .lines()
            .map(str::to_owned)
            .partition(|line| line.starts_with('+'));
        Ok(Changes {
            records,
            numbers,
            everything: false,
        })
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.act(cx, Operation::Probe).await?;
        Ok(ProbeReport::new(format!(
            "{} contacts in memory",
            self.contacts.len()
        )))
    }
}
