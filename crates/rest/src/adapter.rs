//! The adapter: carries out a description.

use std::fmt;

use async_trait::async_trait;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, ContactQuery, CrmAdapter,
    LookupAnswer, NumberPlan, NumberQuery, Operation, PhoneNumber, ProbeReport, WorkflowReceipt,
    WorkflowRequest,
};
use whocalls_http::{HttpSettings, Reply};

use crate::{
    KIND,
    client::Client,
    compile::Description,
    error,
    lookup::{Found, Lookup},
    notice::Notice,
    number::NumberForms,
    probe,
    request::Request,
    workflow::{Delivery, Workflow},
};

/// From this many hits on that do not own the asked number, the CRM probably ignores the filter.
const SUSPICIOUS_HITS: usize = 20;

/// A CRM asked as its description says.
pub(crate) struct RestAdapter {
    info: AdapterInfo,
    plan: NumberPlan,
    client: Client,
    lookup: Lookup,
    probe: Option<Request>,
    workflows: Vec<Workflow>,
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
            base,
            credential,
            lookup,
            probe,
            workflows,
            nobody,
        } = description;
        let capabilities = Capabilities::number_lookup(workflows.iter().map(Workflow::name));
        Self {
            info: context.info(KIND, capabilities),
            plan: context.number_plan.clone(),
            client: Client::new(context, http, base, credential),
            lookup,
            probe,
            workflows,
            nobody,
            ignored_filter: Notice::default(),
            incomplete_hits: Notice::default(),
        }
    }

    async fn find(
        &self,
        cx: &CallContext,
        operation: Operation,
        number: &PhoneNumber,
    ) -> Result<Found, AdapterError> {
        let request = self.lookup.request();
        let reply = self.exchange(cx, operation, request, number).await?;
        let base_url = self.client.base().as_str();
        self.lookup.read(&reply, base_url, &self.info.id)
    }

    async fn exchange(
        &self,
        cx: &CallContext,
        operation: Operation,
        request: &Request,
        number: &PhoneNumber,
    ) -> Result<Reply, AdapterError> {
        let rendered = request
            .render(self.client.base(), &NumberForms::variables(number))
            .map_err(|reason| error::not_rendered(&self.info.id, operation, reason))?;
        self.client.send(cx, operation, rendered).await
    }

    async fn find_verified(
        &self,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let found = self.find(cx, Operation::Lookup, &query.number).await?;
        let (without_id, without_phones) = (found.without_id, found.without_phones());
        if without_id + without_phones > 0 && self.incomplete_hits.is_due() {
            tracing::warn!(
                adapter = %self.info.id,
                without_id,
                without_phones,
                "some hits have no id or no phone number; check lookup.fields"
            );
        }
        let answer = LookupAnswer::verified(found.records, query, &self.plan);
        let rejected = answer.rejected();
        let is_suspicious = rejected > SUSPICIOUS_HITS && rejected > answer.matches().len();
        if is_suspicious && self.ignored_filter.is_due() {
            tracing::warn!(
                adapter = %self.info.id,
                rejected,
                "the CRM seems to ignore the filter: most of its hits do not own the number; \
                 check the parameters of the lookup"
            );
        }
        Ok(answer)
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
        let mut crm = self.client.base().origin();
        if self.client.has_credential() {
            crm.push_str(" accepts the credential and");
        }
        let Some(request) = &self.probe else {
            let found = self.find(cx, Operation::Probe, &self.nobody).await?;
            return Ok(probe::of_lookup(&crm, &found));
        };
        let reply = self
            .exchange(cx, Operation::Probe, request, &self.nobody)
            .await?;
        reply.success()?;
        Ok(probe::of_request(&crm))
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
