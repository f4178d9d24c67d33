//! Carrying out a workflow once.

use minijinja::value::Serde;
use serde_json::Value;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ErrorKind, NumberPlan, Operation, Progress,
    WorkflowReceipt, WorkflowRequest,
};
use whocalls_http::{Reply, StatusCode};

use super::{Follow, Identity, Workflow, mentions, variables};
use crate::{
    client::{Client, Effect, Exchange},
    credential::Access,
    error,
    outcome::{Outcome, Outcomes},
    request::Request,
    scope::Variables,
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

/// The object of the workflow, and what the CRM said of it last.
struct Object {
    receipt: WorkflowReceipt,
    id: String,
    reply: Value,
}

/// An object that an earlier delivery created.
struct Found {
    id: String,
    object: Value,
}

impl Delivery<'_> {
    /// Creates the object, finds it, or brings it up to date, as its progress says; then sends the
    /// requests that follow.
    ///
    /// # Errors
    /// `OutcomeUnknown` when the object may exist and nobody knows. An error of the requests that
    /// follow carries what was created; all other errors mean that this delivery created nothing.
    pub(crate) async fn run(&self) -> Result<WorkflowReceipt, AdapterError> {
        let object = match &self.request.progress {
            Progress::New => self.create().await?,
            Progress::Exists(id) => self.update(id, &Value::Null).await?,
            Progress::Uncertain => match self.find().await? {
                Some(Found { id, object }) => {
                    let updated = self.update(&id, &object).await;
                    updated.map_err(|error| error.with_created(known(&id)))?
                }
                None => self.create().await?,
            },
        };
        for follow in &self.workflow.then {
            self.follow(follow, &object)
                .await
                .map_err(|error| error.with_created(object.receipt.clone()))?;
        }
        Ok(object.receipt)
    }

    async fn create(&self) -> Result<Object, AdapterError> {
        let own_id = self.own_id().await?;
        let variables = self.variables(own_id.as_deref());
        let Exchange { reply, access } = self
            .exchange(&self.workflow.create, Effect::Creates, variables)
            .await?;
        let Some(id) = own_id else {
            succeeded(&self.workflow.outcomes, &reply)?;
            let object = document(&reply);
            let id = self.id_in(&access, &reply, &object);
            let id = id.ok_or_else(|| self.no_id(&reply))?;
            return Ok(self.object(&access, id, object, Some(&reply)));
        };
        // Only an earlier delivery can have taken an id that is made of the key.
        let is_repeated = self.request.progress == Progress::Uncertain;
        if is_repeated && reply.status == StatusCode::CONFLICT {
            return Ok(self.object(&access, id, Value::Null, None));
        }
        succeeded(&self.workflow.outcomes, &reply)?;
        Ok(self.object(&access, id, document(&reply), Some(&reply)))
    }

    /// Brings the object up to date, if the description says how. `known` is what the CRM said of
    /// it before.
    async fn update(&self, id: &str, known: &Value) -> Result<Object, AdapterError> {
        let Some(update) = &self.workflow.update else {
            let access = self.client.access(self.cx).await?;
            return Ok(self.object(&access, id.to_owned(), known.clone(), None));
        };
        // A lost answer does no harm, because an update is simply repeated.
        let Exchange { reply, access } = self
            .exchange(update, Effect::Repeatable, self.variables(Some(id)))
            .await?;
        let is_gone = match self.workflow.outcomes.of(&reply) {
            Outcome::Success => false,
            Outcome::Nobody => true,
            Outcome::Failure(error) => {
                if error.kind != ErrorKind::NotFound && reply.status != StatusCode::GONE {
                    return Err(error);
                }
                true
            }
        };
        if is_gone {
            tracing::warn!(
                adapter = %self.adapter,
                workflow = self.workflow.name(),
                "the CRM does not know the object any more: it was deleted and stays deleted, or \
                 the path of the update is wrong"
            );
            return Ok(self.object(&access, id.to_owned(), known.clone(), None));
        }
        Ok(self.object(&access, id.to_owned(), document(&reply), Some(&reply)))
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
        let own_id = self.own_id().await?;
        let variables = self.variables(own_id.as_deref());
        let Exchange { reply, access } = self
            .exchange(find.search.request(), Effect::Repeatable, variables)
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
        let hit = Hit::reply(object, &access).with_headers(&reply.headers);
        let id = find.id.first(&hit, None);
        let id = id.ok_or_else(|| error::no_object_id(&reply, &self.at("find.id")))?;
        Ok(Some(Found {
            id,
            object: (*object).clone(),
        }))
    }

    /// Sends a request that follows, if it is wanted.
    async fn follow(&self, follow: &Follow, object: &Object) -> Result<(), AdapterError> {
        let created = match &object.reply {
            Value::Null => minijinja::Value::UNDEFINED,
            reply => minijinja::Value::from(Serde(reply)),
        };
        let variables = self.variables(Some(&object.id)).with("created", created);
        let access = self.client.access(self.cx).await?;
        let is_wanted = follow.is_wanted(&access.complete(variables.clone()));
        if !is_wanted.map_err(|reason| self.not_rendered(reason))? {
            return Ok(());
        }
        let Exchange { reply, .. } = self
            .exchange(&follow.request, Effect::Repeatable, variables)
            .await?;
        succeeded(&follow.outcomes, &reply)
    }

    /// The id that the gateway gives the object, if the description says so.
    async fn own_id(&self) -> Result<Option<String>, AdapterError> {
        let Identity::Ours(template) = &self.workflow.id else {
            return Ok(None);
        };
        let access = self.client.access(self.cx).await?;
        let id = template.render(&access.complete(self.variables(None)));
        id.map(Some).map_err(|reason| self.not_rendered(reason))
    }

    /// The id that the CRM gave the object.
    fn id_in(&self, access: &Access, reply: &Reply, object: &Value) -> Option<String> {
        let hit = Hit::reply(object, access).with_headers(&reply.headers);
        match &self.workflow.id {
            Identity::Theirs(id) => id.first(&hit, None),
            Identity::Ours(_) => None,
        }
    }

    /// The failure of a reply without id: it may not be JSON at all.
    fn no_id(&self, reply: &Reply) -> AdapterError {
        match reply.json::<Value>() {
            Err(error) if !reply.body.is_empty() => error,
            _ => error::no_object_id(reply, &self.at("id")),
        }
    }

    /// The object of this id; `said` is what the CRM replied.
    fn object(&self, access: &Access, id: String, said: Value, reply: Option<&Reply>) -> Object {
        let mut hit = Hit::reply(&said, access);
        if let Some(reply) = reply {
            hit = hit.with_headers(&reply.headers);
        }
        let url = self.workflow.url.as_ref();
        let url = url.and_then(|url| url.first(&hit, Some(&id)));
        Object {
            receipt: WorkflowReceipt {
                id: Some(id.clone()),
                url,
            },
            id,
            reply: said,
        }
    }

    fn variables(&self, object: Option<&str>) -> Variables {
        variables::of(self.request, object, self.plan)
    }

    async fn exchange(
        &self,
        request: &Request,
        effect: Effect,
        variables: Variables,
    ) -> Result<Exchange, AdapterError> {
        let render = |access: &Access| request.render(access, variables.clone());
        let is_refused = |reply: &_| self.workflow.outcomes.is_unauthenticated(reply);
        let how = (Operation::Workflow, effect);
        self.client.exchange(self.cx, how, render, is_refused).await
    }

    fn not_rendered(&self, reason: NoText) -> AdapterError {
        error::not_rendered(self.adapter, Operation::Workflow, reason)
    }

    /// The path of one of the workflow's settings.
    fn at(&self, key: &str) -> String {
        format!("workflows.{}.{key}", self.workflow.name())
    }
}

/// # Errors
/// The failure that the reply to a write means.
fn succeeded(outcomes: &Outcomes, reply: &Reply) -> Result<(), AdapterError> {
    match outcomes.of(reply) {
        Outcome::Success => Ok(()),
        Outcome::Nobody => Err(reply.error(
            ErrorKind::NotFound,
            "by a rule of the description, the CRM found nothing to write to",
        )),
        Outcome::Failure(error) => Err(error),
    }
}

/// The receipt of an object of which only the id is known.
fn known(id: &str) -> WorkflowReceipt {
    WorkflowReceipt {
        id: Some(id.to_owned()),
        url: None,
    }
}

/// The reply as JSON; `null` when it is something else, because nothing may be needed of it.
fn document(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}
