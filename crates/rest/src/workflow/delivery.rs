//! Carrying out a workflow once.

use serde_json::Value;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, NumberPlan, Operation, Progress, WorkflowReceipt,
    WorkflowRequest,
};
use whocalls_http::{Reply, StatusCode};

use super::{Identity, Workflow, mentions, variables};
use crate::{
    client::Client,
    error,
    request::{Rendered, Request},
    search::Answer,
    select::Hit,
    template::NoText,
};

/// One delivery of a workflow request.
pub(crate) struct Delivery<'a> {
    pub(crate) workflow: &'a Workflow,
    pub(crate) request: &'a WorkflowRequest,
    pub(crate) client: &'a Client,
    pub(crate) plan: &'a NumberPlan,
    pub(crate) adapter: &'a AdapterId,
    pub(crate) cx: &'a CallContext,
}

/// An object that an earlier delivery created.
struct Found {
    id: String,
    object: Value,
}

impl Delivery<'_> {
    /// Creates the object, finds it, or brings it up to date, as its progress says.
    ///
    /// # Errors
    /// `OutcomeUnknown` when the object may exist and nobody knows; all other kinds when this
    /// delivery created nothing.
    pub(crate) async fn run(&self) -> Result<WorkflowReceipt, AdapterError> {
        match &self.request.progress {
            Progress::New => self.create().await,
            Progress::Exists(id) => self.update(id, &Value::Null).await,
            Progress::Uncertain => match self.find().await? {
                Some(Found { id, object }) => self.update(&id, &object).await,
                None => self.create().await,
            },
        }
    }

    async fn create(&self) -> Result<WorkflowReceipt, AdapterError> {
        let own_id = self.own_id()?;
        let rendered = self.render(&self.workflow.create, own_id.as_deref())?;
        let reply = self
            .client
            .send_write(self.cx, Operation::Workflow, rendered)
            .await?;
        let Some(id) = own_id else {
            let reply = reply.success()?;
            let object: Value = reply.json()?;
            let id = self.id_in(&object);
            let id = id.ok_or_else(|| error::no_object_id(&reply, &self.at("id")))?;
            return Ok(self.receipt(&id, &object));
        };
        // Only an earlier delivery can have taken an id that is made of the key.
        let is_repeated = self.request.progress == Progress::Uncertain;
        if is_repeated && reply.status == StatusCode::CONFLICT {
            return Ok(self.receipt(&id, &Value::Null));
        }
        let reply = reply.success()?;
        Ok(self.receipt(&id, &document(&reply)))
    }

    /// Brings the object up to date, if the description says how. `known` is what the CRM said of
    /// it before.
    async fn update(&self, id: &str, known: &Value) -> Result<WorkflowReceipt, AdapterError> {
        let Some(update) = &self.workflow.update else {
            return Ok(self.receipt(id, known));
        };
        let rendered = self.render(update, Some(id))?;
        // A lost answer does no harm, because an update is simply repeated.
        let reply = self
            .client
            .send(self.cx, Operation::Workflow, rendered)
            .await?;
        if matches!(reply.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            tracing::warn!(
                adapter = %self.adapter,
                workflow = self.workflow.name(),
                "the CRM does not know the object any more: it was deleted and stays deleted, or \
                 the path of the update is wrong"
            );
            return Ok(self.receipt(id, known));
        }
        let reply = reply.success()?;
        Ok(self.receipt(id, &document(&reply)))
    }

    /// The object that an earlier delivery created. None when there is none, and when the CRM
    /// itself makes no second one of a repetition.
    async fn find(&self) -> Result<Option<Found>, AdapterError> {
        let Some(find) = &self.workflow.find else {
            return if self.workflow.is_repeat_safe {
                Ok(None)
            } else {
                Err(error::unresolved(self.adapter, &self.at("find")))
            };
        };
        let rendered = self.render(find.search.request(), self.own_id()?.as_deref())?;
        let reply = self
            .client
            .send(self.cx, Operation::Workflow, rendered)
            .await?;
        let Answer::Document(document) = find.search.answer(&reply)? else {
            return Ok(None);
        };
        let objects = find.search.hits(&document, &reply)?;
        let keys = variables::keys(self.request);
        let Some(object) = objects.iter().find(|object| mentions(object, &keys)) else {
            return if objects.is_empty() {
                Ok(None)
            } else {
                Err(error::strangers(&reply, objects.len(), &self.at("find")))
            };
        };
        let id = find.id.first(&self.as_reply(object), None);
        let id = id.ok_or_else(|| error::no_object_id(&reply, &self.at("find.id")))?;
        Ok(Some(Found {
            id,
            object: (*object).clone(),
        }))
    }

    /// The id that the gateway gives the object, if the description says so.
    fn own_id(&self) -> Result<Option<String>, AdapterError> {
        let Identity::Ours(template) = &self.workflow.id else {
            return Ok(None);
        };
        let variables = variables::of(self.request, None, self.plan);
        let id = template.render(&variables);
        id.map(Some).map_err(|reason| self.not_rendered(reason))
    }

    /// The id that the CRM gave the object.
    fn id_in(&self, object: &Value) -> Option<String> {
        match &self.workflow.id {
            Identity::Theirs(id) => id.first(&self.as_reply(object), None),
            Identity::Ours(_) => None,
        }
    }

    fn receipt(&self, id: &str, object: &Value) -> WorkflowReceipt {
        let url = self.workflow.url.as_ref();
        WorkflowReceipt {
            url: url.and_then(|url| url.first(&self.as_reply(object), Some(id))),
            id: Some(id.to_owned()),
        }
    }

    fn as_reply<'v>(&'v self, object: &'v Value) -> Hit<'v> {
        Hit::reply(object, self.client.base().as_str())
    }

    fn render(&self, request: &Request, object: Option<&str>) -> Result<Rendered, AdapterError> {
        let variables = variables::of(self.request, object, self.plan);
        request
            .render(self.client.base(), &variables)
            .map_err(|reason| self.not_rendered(reason))
    }

    fn not_rendered(&self, reason: NoText) -> AdapterError {
        error::not_rendered(self.adapter, Operation::Workflow, reason)
    }

    /// The path of one of the workflow's settings.
    fn at(&self, key: &str) -> String {
        format!("workflows.{}.{key}", self.workflow.name())
    }
}

/// The reply as JSON; `null` when it is something else, because nothing is needed of it.
fn document(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}
