//! The objects of workflows in Sugar, each created once: what earlier deliveries came to is resolved
//! first, then the object is created or brought up to date.

use serde::Serialize;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ErrorKind, Operation, Progress, WorkflowReceipt,
    WorkflowRequest,
};

use crate::{
    client::{Client, Creation},
    identity::{Identity, Names},
    site::Site,
    wire::New,
};

const OPERATION: Operation = Operation::Workflow;

/// The objects of one instance.
#[derive(Debug)]
pub(crate) struct Objects {
    adapter: AdapterId,
    site: Site,
    identity: Identity,
}

/// One delivery of a workflow.
#[derive(Clone, Copy)]
pub(crate) struct Delivery<'a> {
    /// Its context.
    pub(crate) cx: &'a CallContext,
    /// Where it goes.
    pub(crate) client: &'a Client,
    /// What is delivered.
    pub(crate) request: &'a WorkflowRequest,
}

/// What a creation came to.
pub(crate) enum Saved {
    /// The object is new.
    New(WorkflowReceipt),
    /// An earlier delivery has created it, under this id.
    Before(String),
}

impl Objects {
    /// The objects of the instance at `site`, created under ids of our own or not.
    pub(crate) fn new(adapter: AdapterId, site: Site, own_ids: bool) -> Self {
        Self {
            identity: Identity::new(adapter.clone(), own_ids),
            adapter,
            site,
        }
    }

    /// The text of a request's object.
    pub(crate) fn text_for(&self, request: &WorkflowRequest) -> String {
        self.identity.text_for(request)
    }

    /// The receipt for an object.
    pub(crate) fn receipt(&self, module: &str, id: &str) -> WorkflowReceipt {
        WorkflowReceipt {
            id: Some(format!("{module}/{id}")),
            url: Some(self.site.page(module, id)),
        }
    }

    /// The id of the object that earlier deliveries have created, if they have.
    pub(crate) async fn earlier(
        &self,
        delivery: Delivery<'_>,
        module: &str,
    ) -> Result<Option<String>, AdapterError> {
        let Delivery {
            cx,
            client,
            request,
        } = delivery;
        match &request.progress {
            Progress::New => Ok(None),
            Progress::Exists(id) => match id.split_once('/') {
                Some((of, id)) if of == module && !id.is_empty() => Ok(Some(id.to_owned())),
                _ => Err(self.foreign()),
            },
            Progress::Uncertain => {
                let names = Names::of(module, request);
                let question = names.request();
                let list = client.filter(cx, OPERATION, module, &question).await?;
                let found = names.find(&list.records);
                if let Some(id) = &found {
                    self.identity.observe(module, request, id);
                }
                Ok(found)
            }
        }
    }

    /// Creates the object of a request.
    ///
    /// # Errors
    /// `OutcomeUnknown` whenever it may have been created.
    pub(crate) async fn create(
        &self,
        delivery: Delivery<'_>,
        module: &str,
        fields: impl Serialize + Sync + Send,
    ) -> Result<Saved, AdapterError> {
        let Delivery {
            cx,
            client,
            request,
        } = delivery;
        let id = self.identity.id_for(module, request);
        let object = New { id, fields };
        match (client.create(cx, OPERATION, module, &object).await?, object.id) {
            (Creation::Made(id), _) => {
                self.identity.observe(module, request, &id);
                Ok(Saved::New(self.receipt(module, &id)))
            }
            (Creation::Existed, Some(id)) => Ok(Saved::Before(id)),
            (Creation::Existed, None) => Err(self.refusal(
                "Sugar says that the record exists, though it was given no id; look into Sugar's log",
            )),
        }
    }

    /// Brings an object up to date. One that is gone was deleted by somebody, and stays so.
    pub(crate) async fn update(
        &self,
        delivery: Delivery<'_>,
        module: &str,
        id: &str,
        fields: &(impl Serialize + Sync),
    ) -> Result<WorkflowReceipt, AdapterError> {
        let Delivery { cx, client, .. } = delivery;
        let object = (module, id);
        if !client.update(cx, OPERATION, object, fields).await? {
            tracing::info!(adapter = %self.adapter, "an object was deleted in Sugar; it stays so");
        }
        Ok(self.receipt(module, id))
    }

    /// The failure for an id of an earlier delivery that cannot be one of this workflow.
    pub(crate) fn foreign(&self) -> AdapterError {
        self.refusal("the object of an earlier delivery is none that this workflow creates")
    }

    fn refusal(&self, message: &str) -> AdapterError {
        AdapterError::new(ErrorKind::InvalidRequest, &self.adapter, OPERATION, message)
    }
}
