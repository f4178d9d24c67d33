//! What each workflow writes: whom and what it belongs to, and what of it may be changed later.

use jiff::Timestamp;
use whocalls_core::{
    AdapterError, AdapterId, ErrorKind, NewPerson, NumberPlan, Operation, Progress,
    WorkflowReceipt, WorkflowRequest,
};

use crate::{
    config::Settings,
    module::{Module, RecordRef},
    objects::{Delivery, Objects, Saved},
    site::Site,
    users::Users,
    wire::Description,
    workflow::{self, CALLS, CASES, Given},
};

const OPERATION: Operation = Operation::Workflow;

/// Writes to one instance.
#[derive(Debug)]
pub(crate) struct Journal {
    adapter: AdapterId,
    plan: NumberPlan,
    objects: Objects,
    users: Users,
    /// Where unknown callers are entered, if anywhere.
    people: Option<Module>,
}

impl Journal {
    /// A journal for the instance at `site`.
    pub(crate) fn new(
        adapter: AdapterId,
        plan: NumberPlan,
        site: Site,
        settings: &Settings,
    ) -> Self {
        Self {
            objects: Objects::new(adapter.clone(), site, settings.own_ids),
            users: Users::new(adapter.clone()),
            people: settings.people_module(),
            adapter,
            plan,
        }
    }

    /// Whether unknown callers can be entered.
    pub(crate) fn enters_people(&self) -> bool {
        self.people.is_some()
    }

    /// Logs a call, or brings a logged one up to date.
    pub(crate) async fn log_call(
        &self,
        delivery: Delivery<'_>,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = self.contact_of(delivery.request)?;
        let assignee = self.assignee_of(delivery).await?;
        let fields = |now| {
            let given = self.given(delivery, contact, assignee.clone());
            workflow::call(delivery.request, given, now)
        };
        let saved = if let Some(id) = self.objects.earlier(delivery, CALLS).await? {
            Saved::Before(id)
        } else {
            let call = fields(Some(Timestamp::now()));
            self.objects.create(delivery, CALLS, call).await?
        };
        match saved {
            Saved::New(receipt) => Ok(receipt),
            Saved::Before(id) => {
                let call = fields(None);
                self.objects.update(delivery, CALLS, &id, &call).await
            }
        }
    }

    /// Opens a case, or brings the text of an opened one up to date: everything else may have been
    /// changed by people.
    pub(crate) async fn open_case(
        &self,
        delivery: Delivery<'_>,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = self.contact_of(delivery.request)?;
        let saved = if let Some(id) = self.objects.earlier(delivery, CASES).await? {
            Saved::Before(id)
        } else {
            let assignee = self.assignee_of(delivery).await?;
            let account_id = account_of(delivery, contact).await?;
            let given = self.given(delivery, contact, assignee);
            let case = workflow::case(delivery.request, given, account_id);
            self.objects.create(delivery, CASES, case).await?
        };
        match saved {
            Saved::New(receipt) => Ok(receipt),
            Saved::Before(id) => {
                let description = self.objects.text_for(delivery.request);
                let text = Description { description };
                self.objects.update(delivery, CASES, &id, &text).await
            }
        }
    }

    /// Enters the caller as a lead or contact. From then on the record belongs to people, and
    /// nothing of it is changed.
    pub(crate) async fn enter_person(
        &self,
        delivery: Delivery<'_>,
    ) -> Result<WorkflowReceipt, AdapterError> {
        if let Progress::Exists(id) = &delivery.request.progress {
            let record = RecordRef::parse(id).ok_or_else(|| self.objects.foreign())?;
            return Ok(self.objects.receipt(record.module.name(), record.id));
        }
        let (Some(module), Some(person)) = (
            self.people,
            NewPerson::of(&delivery.request.call, &self.plan),
        ) else {
            return Err(self.refusal(
                "nobody is entered without a number that would tell who calls the next time",
            ));
        };
        let module = module.name();
        if let Some(id) = self.objects.earlier(delivery, module).await? {
            return Ok(self.objects.receipt(module, &id));
        }
        let assignee = self.assignee_of(delivery).await?;
        let fields = workflow::person(person, self.given(delivery, None, assignee));
        match self.objects.create(delivery, module, fields).await? {
            Saved::New(receipt) => Ok(receipt),
            Saved::Before(id) => Ok(self.objects.receipt(module, &id)),
        }
    }

    fn given<'a>(
        &self,
        delivery: Delivery<'a>,
        contact: Option<RecordRef<'a>>,
        assignee: Option<String>,
    ) -> Given<'a> {
        Given {
            contact,
            assignee,
            description: self.objects.text_for(delivery.request),
        }
    }

    fn contact_of<'a>(
        &self,
        request: &'a WorkflowRequest,
    ) -> Result<Option<RecordRef<'a>>, AdapterError> {
        let Some(text) = request.contact.as_deref() else {
            return Ok(None);
        };
        RecordRef::parse(text).map(Some).ok_or_else(|| {
            self.refusal(
                "the contact is no record of this adapter; send the id from a lookup unchanged",
            )
        })
    }

    /// The id of the user that the object is assigned to.
    async fn assignee_of(&self, delivery: Delivery<'_>) -> Result<Option<String>, AdapterError> {
        let Delivery {
            cx,
            client,
            request,
        } = delivery;
        match request.user.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(user) => self.users.id_of(cx, client, user).await,
        }
    }

    fn refusal(&self, message: &str) -> AdapterError {
        AdapterError::new(ErrorKind::InvalidRequest, &self.adapter, OPERATION, message)
    }
}

/// The account that a case for `contact` belongs to.
async fn account_of(
    delivery: Delivery<'_>,
    contact: Option<RecordRef<'_>>,
) -> Result<Option<String>, AdapterError> {
    const ACCOUNT_ID: &str = "account_id";
    match contact {
        Some(account) if account.module == Module::Accounts => Ok(Some(account.id.to_owned())),
        Some(person) => {
            let Delivery { cx, client, .. } = delivery;
            let record = client
                .read_record(cx, OPERATION, person, ACCOUNT_ID)
                .await?;
            Ok(record.text(ACCOUNT_ID).map(str::to_owned))
        }
        None => Ok(None),
    }
}
