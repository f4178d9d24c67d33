//! What an interface of SuiteCRM does for the adapter, whichever protocol it speaks.

use std::fmt;

use async_trait::async_trait;
use whocalls_core::{AdapterError, CallContext, Operation};

use crate::{
    module::{Module, RecordRef},
    object::NewObject,
    pattern::Pattern,
    record::Record,
};

/// One instance, reached through one of its interfaces.
#[async_trait]
pub(crate) trait Interface: fmt::Debug + Send + Sync {
    /// Who answers, and as whom it knows us, for the operator.
    async fn identify(&self, cx: &CallContext) -> Result<String, AdapterError>;

    /// At most `limit` records of the module, the most recently changed first: those with a phone
    /// field that fits the pattern, or any without one.
    async fn find(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: Module,
        pattern: Option<&Pattern>,
        limit: usize,
    ) -> Result<Vec<Record>, AdapterError>;

    /// One field of one record.
    ///
    /// # Errors
    /// `NotFound` when there is no such record.
    async fn read(
        &self,
        cx: &CallContext,
        operation: Operation,
        record: RecordRef<'_>,
        field: &str,
    ) -> Result<Option<String>, AdapterError>;

    /// Creates an object under its own id, or finds that an earlier try has created it, and gives
    /// the id.
    ///
    /// # Errors
    /// `OutcomeUnknown` whenever the object may have been created.
    async fn create(&self, cx: &CallContext, object: &NewObject) -> Result<String, AdapterError>;
}
