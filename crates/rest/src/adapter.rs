//! The adapter: carries out a description.

use std::{fmt, num::NonZeroUsize, sync::Arc};

use async_trait::async_trait;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, Changes, ContactQuery,
    CrmAdapter, LookupAnswer, Notification, NumberPlan, NumberQuery, Operation, PhoneNumber,
    ProbeReport, WorkflowReceipt, WorkflowRequest,
};
use whocalls_http::HttpSettings;

use crate::{
    KIND,
    asked::Asked,
    client::{Client, Effect},
    compile::Description,
    credential::Access,
    lookup::{Found, Lookup, Run},
    notice::Notice,
    notification::Receiver,
    number::NumberForms,
    outcome::{Outcome, Outcomes},
    probe::{self, Probe},
    workflow::{Delivery, Workflow},
};

/// From this many hits on that do not own the asked number, the CRM probably ignores the filter.
const SUSPICIOUS_HITS: usize = 20;

/// A CRM asked as its description says.
pub(crate) struct RestAdapter {
    info: AdapterInfo,
    plan: NumberPlan,
    client: Client,
    lookup: Arc<Lookup>,
    outcomes: Outcomes,
    probe: Option<Probe>,
    workflows: Vec<Workflow>,
    receiver: Option<Receiver>,
    /// The number that the probe asks for.
    nobody: PhoneNumber,
    ignored_filter: Notice,
    incomplete_hits: Notice,
}

impl RestAdapter {
    pub(crate) fn new(
        context: &BuildContext,
        http: &HttpSettings,
        description: Description,
    ) -> Self {
        let Description {
            credential,
            lookup,
            outcomes,
            probe,
            workflows,
            receiver,
            nobody,
        } = description;
        let capabilities =
            Capabilities::number_lookup(workflows.iter().map(Workflow::name)).cooperative();
        Self {
            info: context.info(KIND, capabilities),
            plan: context.number_plan.clone(),
            client: Client::new(context, http, credential),
            lookup,
            outcomes,
            probe,
            workflows,
            receiver,
            nobody,
            ignored_filter: Notice::default(),
            incomplete_hits: Notice::default(),
        }
    }

    async fn find(
        &self,
        cx: &CallContext,
        operation: Operation,
        query: &NumberQuery,
    ) -> Result<Found, AdapterError> {
        let run = Run {
            lookup: &self.lookup,
            client: &self.client,
            cx,
            operation,
            asked: Asked {
                query: query.clone(),
                plan: self.plan.clone(),
                adapter: self.info.id.clone(),
            },
        };
        run.find().await
    }

    /// Sends the request in `probe`. `crm` says who answers.
    async fn probe_by_request(
        &self,
        cx: &CallContext,
        probe: &Probe,
        crm: &str,
    ) -> Result<ProbeReport, AdapterError> {
        let render = |access: &Access| {
            let variables = NumberForms::variables(&self.nobody);
            probe.request().render(access, variables)
        };
        let how = (Operation::Probe, Effect::Repeatable);
        let is_refused = |reply: &_| self.outcomes.is_unauthenticated(reply);
        let exchange = self.client.exchange(cx, how, render, is_refused).await?;
        match self.outcomes.of(&exchange.reply) {
            Outcome::Success | Outcome::Nobody => Ok(probe.report(crm, &exchange)),
            Outcome::Failure(error) => Err(error),
        }
    }

    /// Asks for a number that nobody owns. `crm` says who answers.
    async fn probe_by_lookup(
        &self,
        cx: &CallContext,
        crm: &str,
    ) -> Result<ProbeReport, AdapterError> {
        let query = NumberQuery {
            number: self.nobody.clone(),
            max_records: NonZeroUsize::MIN,
            explain: false,
        };
        let mut found = self.find(cx, Operation::Probe, &query).await?;
        // An operator wants to know of every step that does not work.
        match found.doubt.take().or(found.gap.take()) {
            Some(failure) => Err(failure),
            None => Ok(probe::of_lookup(crm, &found)),
        }
    }

    async fn find_verified(
        &self,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let found = self.find(cx, Operation::Lookup, query).await?;
        self.warn_of_incomplete_hits(cx, &found);
        let mut answer = found.answer;
        self.explain_rejections(cx, &answer);
        match found.doubt {
            // The owner may be where the CRM could not be asked: that is not an empty answer.
            Some(failure) if answer.is_empty() => return Err(failure),
            Some(failure) => {
                tracing::warn!(error = %failure, "an answer may lack contacts");
                answer.mark_partial();
            }
            None => {}
        }
        if let Some(failure) = found.gap.filter(|_| !answer.is_empty()) {
            tracing::warn!(error = %failure, "the contacts of an answer may lack details");
            answer.mark_partial();
        }
        if found.is_cut {
            answer.mark_truncated();
        }
        Ok(answer)
    }

    fn warn_of_incomplete_hits(&self, cx: &CallContext, found: &Found) {
        let (without_id, without_phones) = (found.without_id, found.without_phones);
        if without_id + without_phones == 0 {
            return;
        }
        cx.note(&self.info.id, || {
            format!("{without_id} hits have no id, {without_phones} no phone number")
        });
        if self.incomplete_hits.is_due() {
            tracing::warn!(
                adapter = %self.info.id,
                without_id,
                without_phones,
                "some hits have no id or no phone number; check lookup.fields"
            );
        }
    }

    /// Says how many hits do not own the number, and warns when they are so many that the CRM seems
    /// to ignore the filter.
    fn explain_rejections(&self, cx: &CallContext, answer: &LookupAnswer) {
        let (rejected, matches) = (answer.rejected(), answer.matches().len());
        cx.note(&self.info.id, || {
            format!("hits that own the number: {matches}; dropped: {rejected}")
        });
        let is_suspicious = rejected > SUSPICIOUS_HITS && rejected > matches;
        if is_suspicious && self.ignored_filter.is_due() {
            tracing::warn!(
                adapter = %self.info.id,
                rejected,
                "the CRM seems to ignore the filter: most of its hits do not own the number; \
                 check the parameters of the lookup"
            );
        }
    }
}

#[async_trait]
impl CrmAdapter for RestAdapter {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        match query {
            ContactQuery::Number(query) => self.find_verified(cx, query).await,
            _ => Err(AdapterError::unsupported(&self.info.id, Operation::Lookup)),
        }
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let mut workflows = self.workflows.iter();
        let Some(workflow) = workflows.find(|workflow| workflow.name() == request.name) else {
            return Err(AdapterError::unsupported(
                &self.info.id,
                Operation::Workflow,
            ));
        };
        let delivery = Delivery {
            workflow,
            request,
            client: &self.client,
            plan: &self.plan,
            adapter: &self.info.id,
            cx,
        };
        delivery.run().await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let mut crm = self.client.access(cx).await?.base().origin();
        if self.client.has_credential() {
            crm.push_str(" accepts the credential and");
        }
        let mut report = match &self.probe {
            Some(probe) => self.probe_by_request(cx, probe, &crm).await?,
            None => self.probe_by_lookup(cx, &crm).await?,
        };
        if self
            .receiver
            .as_ref()
            .is_some_and(Receiver::believes_anyone)
        {
            report.warnings.push(probe::believes_anyone());
        }
        Ok(report)
    }

    async fn read_notification(
        &self,
        _cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        let id = &self.info.id;
        let Some(receiver) = &self.receiver else {
            return Err(AdapterError::unsupported(id, Operation::Notification));
        };
        let changes = receiver.read(notification);
        changes.map_err(|refusal| refusal.into_error(id))
    }
}

impl fmt::Debug for RestAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestAdapter")
            .field("info", &self.info)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for RestAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.info.id, f)
    }
}
