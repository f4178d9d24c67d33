//! Takes workflows out of the outbox to the adapters, as they are configured at the time.

use std::{num::NonZeroUsize, sync::Arc};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use whocalls_core::{
    AdapterError, CallContext, Caller, ContactQuery, CrmAdapter, ErrorKind, NumberQuery, Operation,
    PhoneNumber, Progress, WorkflowReceipt, WorkflowRequest, workflow::CREATE_CONTACT,
};
use whocalls_outbox::{Courier, Delivery, UnknownCaller};

use crate::service::Service;

/// Records that are asked for to find out who called: enough to see whether it is only one.
const RECORDS_OF_CALLER: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4);

/// Delivers to the adapters of the configuration in use.
#[derive(Debug, Clone)]
pub struct GatewayCourier {
    service: Arc<ArcSwap<Service>>,
}

impl GatewayCourier {
    /// Delivers to the adapters of `service`.
    pub fn new(service: Arc<ArcSwap<Service>>) -> Self {
        Self { service }
    }
}

#[async_trait]
impl Courier for GatewayCourier {
    /// The only record with the caller's number. Of several persons nobody can say which one it
    /// was, so there the answer is none.
    async fn find_caller(
        &self,
        cx: &CallContext,
        delivery: &Delivery,
    ) -> Result<Option<String>, AdapterError> {
        let service = self.service.load_full();
        let adapter = adapter_of(&service, delivery)?;
        let remote = delivery.details.call.remote_number().unwrap_or_default();
        let Caller::Number(number) = service.number_plan.classify(remote) else {
            return Ok(None);
        };
        let records = records_with(adapter, cx, number).await?;
        match records.as_slice() {
            [only] => Ok(Some(only.clone())),
            [] if delivery.target.caller == UnknownCaller::FindOrCreate => {
                create_caller(&service, adapter, cx, delivery).await
            }
            _ => Ok(None),
        }
    }

    async fn deliver(
        &self,
        cx: &CallContext,
        delivery: &Delivery,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let service = self.service.load_full();
        let adapter = adapter_of(&service, delivery)?;
        let request = request(&service, adapter, delivery);
        adapter.run_workflow(cx, &request).await
    }
}

fn adapter_of<'a>(
    service: &'a Service,
    delivery: &Delivery,
) -> Result<&'a dyn CrmAdapter, AdapterError> {
    let id = &delivery.target.adapter;
    let source = service.engine.source(id);
    source.map(|source| &*source.adapter).ok_or_else(|| {
        let message = "there is no adapter of this name any more; add it again, or drop the \
                       workflow with `whocalls outbox drop`";
        AdapterError::new(ErrorKind::Unsupported, id, Operation::Workflow, message)
    })
}

/// The persons, or else the other records, that have this number.
async fn records_with(
    adapter: &dyn CrmAdapter,
    cx: &CallContext,
    number: PhoneNumber,
) -> Result<Vec<String>, AdapterError> {
    let query = ContactQuery::Number(NumberQuery {
        number,
        max_records: RECORDS_OF_CALLER,
        explain: false,
    });
    let answer = adapter.lookup(cx, &query).await?;
    // A part of the number is too little to enter anything at somebody.
    let owners = || {
        answer
            .matches()
            .iter()
            .filter(|found| !found.class.is_weak())
    };
    let best = owners().map(|found| found.record.kind).min();
    let best = owners().filter(|found| Some(found.record.kind) == best);
    Ok(best.map(|found| found.record.id.clone()).collect())
}

async fn create_caller(
    service: &Service,
    adapter: &dyn CrmAdapter,
    cx: &CallContext,
    delivery: &Delivery,
) -> Result<Option<String>, AdapterError> {
    if !adapter.info().capabilities.runs(CREATE_CONTACT) {
        return Ok(None);
    }
    let request = WorkflowRequest {
        name: CREATE_CONTACT.to_owned(),
        // Another object than the one that the workflow itself makes.
        idempotency_key: format!("contact{}", delivery.id),
        // An earlier attempt may have entered the caller, whatever it says of the workflow.
        progress: Progress::Uncertain,
        ..request(service, adapter, delivery)
    };
    let receipt = adapter.run_workflow(cx, &request).await?;
    Ok(receipt.id)
}

fn request(service: &Service, adapter: &dyn CrmAdapter, delivery: &Delivery) -> WorkflowRequest {
    let details = &delivery.details;
    let words = service
        .wording
        .words(&details.workflow, &details.call, &details.extra);
    let user = details.user.as_deref();
    WorkflowRequest {
        name: details.workflow.clone(),
        contact: delivery.target.record.clone(),
        user: user.and_then(|user| service.user_in(&adapter.info().id, user)),
        call: details.call.clone(),
        idempotency_key: delivery.id.to_string(),
        progress: delivery.progress.clone(),
        subject: words.subject,
        text: words.text,
        extra: details.extra.clone(),
    }
}
