//! The workflows of the adapter, from a request to its receipt.

use std::num::NonZeroUsize;

use jiff::Timestamp;
use whocalls_core::{
    AdapterError, CallContext, CallDetails, ErrorKind, LookupAnswer, MatchClass, NumberQuery,
    Operation, PhoneNumber, Progress, WorkflowReceipt, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CONTACT, CREATE_TICKET},
};

use super::HubSpotAdapter;
use crate::{
    api::ObjectType,
    leads,
    wire::Object,
    workflow::{self, Draft, Related},
};

const CALL: ObjectType = ObjectType::Calls;
const TICKET: ObjectType = ObjectType::Tickets;

/// The workflows by name.
pub(super) const NAMES: [&str; 3] = [CALL_FLOW, CREATE_TICKET, CREATE_CONTACT];

impl HubSpotAdapter {
    pub(super) async fn run(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        match request.name.as_str() {
            CALL_FLOW => self.log_call(cx, request).await,
            CREATE_TICKET => self.open_ticket(cx, request).await,
            CREATE_CONTACT => self.enter_caller(cx, request).await,
            _ => {
                let operation = Operation::Workflow;
                Err(AdapterError::unsupported(&self.info.id, operation))
            }
        }
    }

    async fn log_call(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let related = self.related(request)?;
        let owner = self.owner(cx, request).await?;
        let (is_marked, now) = (self.deliveries.are_marked(CALL), Timestamp::now());
        let draft = workflow::call(request, is_marked, owner, &related, &self.plan, now);
        self.deliver(cx, request, &draft, &related).await
    }

    async fn open_ticket(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let related = self.related(request)?;
        let owner = self.owner(cx, request).await?;
        let is_marked = self.deliveries.are_marked(TICKET);
        let draft = workflow::ticket(request, is_marked, owner, &related, &self.ticket);
        self.deliver(cx, request, &draft, &related).await
    }

    /// Enters the party outside the company as a contact. What people made of an existing one
    /// stays as it is.
    async fn enter_caller(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = match &request.progress {
            Progress::Exists(id) => Object::with_id(id),
            progress => {
                let may_exist = *progress == Progress::Uncertain;
                self.contact_of(cx, &request.call, may_exist).await?
            }
        };
        let nobody = Related::default();
        let receipt = self.receipt(cx, ObjectType::Contacts, contact, &nobody);
        Ok(receipt.await)
    }

    async fn deliver(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
        draft: &Draft,
        related: &Related,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let delivered = self.deliveries.deliver(cx, &self.client, request, draft);
        let receipt = self.receipt(cx, draft.kind, delivered.await?, related);
        Ok(receipt.await)
    }

    async fn receipt(
        &self,
        cx: &CallContext,
        kind: ObjectType,
        object: Object,
        related: &Related,
    ) -> WorkflowReceipt {
        let (details, client) = (&self.details, &self.client);
        WorkflowReceipt {
            url: details.page(cx, client, kind, &object, related).await,
            id: Some(object.id),
        }
    }

    async fn owner(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<Option<String>, AdapterError> {
        match &request.user {
            Some(user) => self.owners.id_of(cx, &self.client, user).await,
            None => Ok(None),
        }
    }

    /// Whom the workflow is about: the contact it names, or that of the lead it names, with the
    /// company that a lookup found.
    fn related(&self, request: &WorkflowRequest) -> Result<Related, AdapterError> {
        let Some(record) = &request.contact else {
            return Ok(Related::default());
        };
        let lead = leads::id_of_record(record);
        let contact_of = |lead| self.leads.as_ref()?.contact_of(lead);
        let contact = lead.and_then(contact_of);
        if lead.is_some() && contact.is_none() {
            tracing::warn!("no lookup has found the lead lately: its contact is not known");
            return Ok(Related::default());
        }
        let mut related =
            Related::of_record(contact.as_deref().unwrap_or(record)).ok_or_else(|| {
                self.refused(
                    "the contact's id was not given by this adapter: HubSpot's are numbers",
                )
            })?;
        if let Some(contact) = &related.contact {
            related.company = self.details.employer(contact);
        }
        Ok(related)
    }

    /// The contact of the party outside the company; a new one, unless it `may_exist` and does.
    async fn contact_of(
        &self,
        cx: &CallContext,
        call: &CallDetails,
        may_exist: bool,
    ) -> Result<Object, AdapterError> {
        let (number, contact) = workflow::contact(call, &self.plan).ok_or_else(|| {
            self.refused("the caller has no number by which a contact could be found again")
        })?;
        if may_exist && let Some(existing) = self.contact_with(cx, number).await? {
            return Ok(existing);
        }
        self.client.create_contact(cx, &contact).await
    }

    /// A contact with this very number.
    async fn contact_with(
        &self,
        cx: &CallContext,
        number: PhoneNumber,
    ) -> Result<Option<Object>, AdapterError> {
        let query = NumberQuery {
            number,
            max_records: NonZeroUsize::MIN,
            explain: false,
        };
        let operation = Operation::Workflow;
        let hits = self.search(cx, operation, &self.contacts, &query).await?;
        let mapper = self.mapper(&query);
        let records = hits.into_iter().map(|hit| mapper.read(hit).record);
        let found = LookupAnswer::verified(records, &query, &self.plan).into_matches();
        let exact = found
            .into_iter()
            .find(|found| found.class == MatchClass::Exact);
        Ok(exact.map(|found| Object::with_id(found.record.id)))
    }

    fn refused(&self, message: &str) -> AdapterError {
        let kind = ErrorKind::InvalidRequest;
        AdapterError::new(kind, &self.info.id, Operation::Workflow, message)
    }
}
