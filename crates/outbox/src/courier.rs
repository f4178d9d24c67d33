//! What the outbox needs of the rest of the gateway.

use std::fmt;

use async_trait::async_trait;
use whocalls_core::{AdapterError, CallContext, WorkflowReceipt};

use crate::Delivery;

/// Takes deliveries to the adapters, as they are configured at the time.
#[async_trait]
pub trait Courier: fmt::Debug + Send + Sync + 'static {
    /// The record of an unknown caller in the CRM of `delivery`, which is looked up, and entered
    /// if [so configured](crate::UnknownCaller). `None` when nobody is found.
    ///
    /// # Errors
    /// Those of a lookup, or of the workflow that creates a contact.
    async fn find_caller(
        &self,
        cx: &CallContext,
        delivery: &Delivery,
    ) -> Result<Option<String>, AdapterError>;

    /// Takes `delivery` to its adapter.
    ///
    /// # Errors
    /// Those of [`CrmAdapter::run_workflow`](whocalls_core::CrmAdapter::run_workflow);
    /// `Unsupported` when the adapter is not (any longer) there or does not run the workflow.
    async fn deliver(
        &self,
        cx: &CallContext,
        delivery: &Delivery,
    ) -> Result<WorkflowReceipt, AdapterError>;
}
