//! What each workflow writes, once: the object is created under an id of our own, or brought up to
//! date when an earlier delivery has created it.

use jiff::Timestamp;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ErrorKind, NewPerson, NumberPlan, Operation, Progress,
    WorkflowReceipt, WorkflowRequest,
};

use crate::{
    config::Settings,
    interface::{Creation, Interface},
    module::{Module, RecordRef},
    object::{CALLS, CASES, Changes, NewFields, Object, id_of},
    site::Site,
    workflow,
};

const OPERATION: Operation = Operation::Workflow;

/// Writes to one instance.
#[derive(Debug)]
pub(crate) struct Journal {
    adapter: AdapterId,
    plan: NumberPlan,
    site: Site,
    case_status: String,
    /// Where unknown callers are entered, if anywhere.
    people: Option<Module>,
}

/// One delivery of a workflow.
#[derive(Clone, Copy)]
pub(crate) struct Delivery<'a> {
    /// Its context.
    pub(crate) cx: &'a CallContext,
    /// Where it goes.
    pub(crate) interface: &'a dyn Interface,
    /// What is delivered.
    pub(crate) request: &'a WorkflowRequest,
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
            adapter,
            plan,
            site,
            case_status: settings.case_status.clone(),
            people: settings.people_module(),
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
        let request = delivery.request;
        let contact = self.contact_of(request)?;
        let id = if let Progress::Exists(id) = &request.progress {
            self.object_id(CALLS, id)?
        } else {
            let call = workflow::call(request, contact, Some(Timestamp::now()));
            match create(delivery, CALLS, NewFields::Call(call)).await? {
                Creation::Made(id) => return Ok(self.receipt(CALLS, &id)),
                Creation::Existed(id) => id,
            }
        };
        let changes = Changes::Call(Box::new(workflow::call(request, contact, None)));
        self.update(delivery, CALLS, id, changes).await
    }

    /// Opens a case, or brings the text of an opened one up to date.
    pub(crate) async fn open_case(
        &self,
        delivery: Delivery<'_>,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let request = delivery.request;
        let contact = self.contact_of(request)?;
        let id = if let Progress::Exists(id) = &request.progress {
            self.object_id(CASES, id)?
        } else {
            let account = account_of(delivery, contact).await?;
            let case = workflow::case(request, contact, account, &self.case_status);
            match create(delivery, CASES, NewFields::Case(case)).await? {
                Creation::Made(id) => return Ok(self.receipt(CASES, &id)),
                Creation::Existed(id) => id,
            }
        };
        let description = request.text.clone();
        let changes = Changes::Case { description };
        self.update(delivery, CASES, id, changes).await
    }

    /// Enters the caller as a lead or contact. From then on the record belongs to people, and
    /// nothing of it is changed.
    pub(crate) async fn enter_person(
        &self,
        delivery: Delivery<'_>,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let request = delivery.request;
        if let Progress::Exists(id) = &request.progress {
            let record = RecordRef::parse(id).ok_or_else(|| self.foreign_object())?;
            return Ok(self.receipt(record.module.name(), record.id));
        }
        let person = NewPerson::of(&request.call, &self.plan);
        let (Some(module), Some(person)) = (self.people, person) else {
            return Err(self.refusal(
                "nobody is entered without a number that would tell who calls the next time",
            ));
        };
        let fields = NewFields::Person(workflow::person(request, person));
        let (Creation::Made(id) | Creation::Existed(id)) =
            create(delivery, module.name(), fields).await?;
        Ok(self.receipt(module.name(), &id))
    }

    /// Brings an object up to date. One that is gone was deleted by somebody, and stays so.
    async fn update(
        &self,
        delivery: Delivery<'_>,
        module: &'static str,
        id: String,
        fields: Changes,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let Delivery { cx, interface, .. } = delivery;
        let object = Object { module, id, fields };
        if !interface.update(cx, &object).await? {
            let adapter = &self.adapter;
            tracing::info!(%adapter, "an object was deleted in SuiteCRM; it stays so");
        }
        Ok(self.receipt(module, &object.id))
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

    /// SuiteCRM's id of an object of before.
    fn object_id(&self, module: &str, receipt_id: &str) -> Result<String, AdapterError> {
        match receipt_id.split_once('/') {
            Some((of, id)) if of == module && !id.is_empty() => Ok(id.to_owned()),
            _ => Err(self.foreign_object()),
        }
    }

    fn receipt(&self, module: &str, id: &str) -> WorkflowReceipt {
        WorkflowReceipt {
            url: Some(self.site.page(module, id)),
            id: Some(format!("{module}/{id}")),
        }
    }

    fn foreign_object(&self) -> AdapterError {
        self.refusal("the object of an earlier delivery is none that this workflow creates")
    }

    fn refusal(&self, message: &str) -> AdapterError {
        AdapterError::new(ErrorKind::InvalidRequest, &self.adapter, OPERATION, message)
    }
}

async fn create(
    delivery: Delivery<'_>,
    module: &'static str,
    fields: NewFields,
) -> Result<Creation, AdapterError> {
    let Delivery {
        cx,
        interface,
        request,
    } = delivery;
    let object = Object {
        module,
        id: id_of(module, &request.idempotency_key),
        fields,
    };
    let may_exist = request.progress == Progress::Uncertain;
    interface.create(cx, &object, may_exist).await
}

/// The account that a case for `contact` belongs to.
async fn account_of(
    delivery: Delivery<'_>,
    contact: Option<RecordRef<'_>>,
) -> Result<Option<String>, AdapterError> {
    match contact {
        Some(account) if account.module == Module::Accounts => Ok(Some(account.id.to_owned())),
        Some(person) => {
            let Delivery { cx, interface, .. } = delivery;
            interface.read(cx, OPERATION, person, "account_id").await
        }
        None => Ok(None),
    }
}
