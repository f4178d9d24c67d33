//! The phonebook as an adapter.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, ContactQuery, CrmAdapter,
    ErrorKind, LookupAnswer, NumberPlan, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
    workflow::CALL_FLOW,
};

use crate::{
    book::Book,
    config::Settings,
    load::ContactFile,
    log::CallLog,
    store::{Store, Unready},
};

/// Answers lookups from a contact file, and logs calls in a file if told to.
#[derive(Debug)]
pub(crate) struct Phonebook {
    info: AdapterInfo,
    plan: NumberPlan,
    path: PathBuf,
    store: Store,
    log: Option<CallLog>,
}

impl Phonebook {
    /// The adapter with these settings, which have no problems. Does not touch the files.
    pub(crate) fn new(place: BuildContext, settings: Settings) -> Self {
        let log = settings.log_path(&place.base_dir).map(|path| {
            let plan = place.number_plan.clone();
            CallLog::new(place.id.clone(), path, settings.delimiter, plan)
        });
        let workflows = log.as_ref().map(|_| CALL_FLOW);
        let capabilities = Capabilities::number_lookup(workflows).in_memory();
        let info = place.info(crate::KIND, capabilities);
        let plan = place.number_plan;
        let path = settings.path(&place.base_dir);
        let check_interval = Duration::from_millis(settings.check_interval_ms.into());
        let file = ContactFile {
            adapter: place.id.clone(),
            path: path.clone(),
            settings,
            plan: plan.clone(),
        };
        Self {
            info,
            plan,
            path,
            store: Store::new(place.id, file, check_interval),
            log,
        }
    }

    async fn book(
        &self,
        cx: &CallContext,
        operation: Operation,
    ) -> Result<Arc<Book>, AdapterError> {
        self.store.book(cx.deadline).await.map_err(|unready| {
            let error = |kind, message| AdapterError::new(kind, &self.info.id, operation, message);
            match unready {
                Unready::Timeout => AdapterError::timeout(&self.info.id, operation),
                Unready::Failed(failure) => {
                    let message = format!(
                        "cannot use the contact file {}: {failure}",
                        self.path.display()
                    );
                    error(ErrorKind::Unavailable, message)
                }
                Unready::Lost => {
                    let message = "reading the contact file broke off; this is a bug".to_owned();
                    error(ErrorKind::Internal, message)
                }
            }
        })
    }
}

impl fmt::Display for Phonebook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.info.id, f)
    }
}

#[async_trait]
impl CrmAdapter for Phonebook {
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
        let book = self.book(cx, Operation::Lookup).await?;
        let candidates = book.candidates(query, self.plan.match_rules(), &self.info.id);
        Ok(LookupAnswer::verified(candidates, query, &self.plan))
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        match &self.log {
            Some(log) if request.name == CALL_FLOW => log.write(cx, request).await,
            _ => Err(AdapterError::unsupported(
                &self.info.id,
                Operation::Workflow,
            )),
        }
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let book = self.book(cx, Operation::Probe).await?;
        let mut report = ProbeReport::new(format!(
            "{} contacts with {} numbers from {}",
            book.contacts(),
            book.numbers(),
            self.path.display()
        ));
        report.warnings.extend_from_slice(book.warnings());
        report.warnings.extend(self.store.failure().map(|failure| {
            format!("the file has changed, but {failure}; answering from its contents of before")
        }));
        if let Some(log) = &self.log {
            log.report(&mut report).await;
        }
        Ok(report)
    }
}
