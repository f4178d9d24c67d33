//! What an interface of SuiteCRM does for the adapter, whichever protocol it speaks.

use std::fmt;

use async_trait::async_trait;
use whocalls_core::{AdapterError, CallContext, Operation};

use crate::{
    module::{Module, RecordRef},
    object::{Changes, NewFields, Object},
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

    /// Creates an object under its own id, or finds that an earlier try has created it. With
    /// `may_exist` such a try is known of.
    ///
    /// # Errors
    /// `OutcomeUnknown` whenever the object may have been created.
    async fn create(
        &self,
        cx: &CallContext,
        object: &Object<NewFields>,
        may_exist: bool,
    ) -> Result<Creation, AdapterError>;

    /// Changes fields of an object. False when there is no such object: none is created.
    ///
    /// # Errors
    /// Never `OutcomeUnknown`: a change whose answer is lost is repeated.
    async fn update(
        &self,
        cx: &CallContext,
        object: &Object<Changes>,
    ) -> Result<bool, AdapterError>;
}

/// What a creation came to, with the id of the object.
pub(crate) enum Creation {
    /// The object was created.
    Made(String),
    /// It was there already.
    Existed(String),
}
