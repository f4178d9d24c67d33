//! Logged calls and opened cases: who and what they belong to, then the one creation.

use jiff::Timestamp;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ErrorKind, NumberPlan, Operation, WorkflowReceipt,
    WorkflowRequest,
};

use crate::{
    client::Client,
    module::{Module, RecordRef},
    site::Site,
    users::Users,
    workflow::{self, CALLS, CASES},
};

const OPERATION: Operation = Operation::Workflow;

/// Writes to one instance.
#[derive(Debug)]
pub(crate) struct Journal {
    adapter: AdapterId,
    plan: NumberPlan,
    site: Site,
    users: Users,
}

impl Journal {
    /// A journal for the instance at `site`.
    pub(crate) fn new(adapter: AdapterId, plan: NumberPlan, site: Site) -> Self {
        Self {
            users: Users::new(adapter.clone()),
            adapter,
            plan,
            site,
        }
    }

    /// Creates a call.
    pub(crate) async fn log_call(
        &self,
        cx: &CallContext,
        client: &Client,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = self.contact_of(request)?;
        let assignee = self.assignee_of(cx, client, request).await?;
        let call = workflow::call(request, contact, assignee, &self.plan, Timestamp::now());
        let id = client.create(cx, OPERATION, CALLS, &call).await?;
        Ok(self.receipt(CALLS, &id))
    }

    /// Creates a case.
    pub(crate) async fn open_case(
        &self,
        cx: &CallContext,
        client: &Client,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = self.contact_of(request)?;
        let assignee = self.assignee_of(cx, client, request).await?;
        let account_id = account_of(cx, client, contact).await?;
        let case = workflow::case(request, contact, assignee, account_id, &self.plan);
        let id = client.create(cx, OPERATION, CASES, &case).await?;
        Ok(self.receipt(CASES, &id))
    }

    fn contact_of<'a>(
        &self,
        request: &'a WorkflowRequest,
    ) -> Result<Option<RecordRef<'a>>, AdapterError> {
        let Some(text) = request.contact.as_deref() else {
            return Ok(None);
        };
        RecordRef::parse(text).map(Some).ok_or_else(|| {
            AdapterError::new(
                ErrorKind::InvalidRequest,
                &self.adapter,
                OPERATION,
                "the contact is no record of this adapter; send the id from a lookup unchanged",
            )
        })
    }

    /// The id of the user that the object is assigned to.
    async fn assignee_of(
        &self,
        cx: &CallContext,
        client: &Client,
        request: &WorkflowRequest,
    ) -> Result<Option<String>, AdapterError> {
        match request.user.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(user) => self.users.id_of(cx, client, user).await,
        }
    }

    fn receipt(&self, module: &str, id: &str) -> WorkflowReceipt {
        WorkflowReceipt {
            id: Some(format!("{module}/{id}")),
            url: Some(self.site.page(module, id)),
        }
    }
}

/// The account that a case for `contact` belongs to.
async fn account_of(
    cx: &CallContext,
    client: &Client,
    contact: Option<RecordRef<'_>>,
) -> Result<Option<String>, AdapterError> {
    const ACCOUNT_ID: &str = "account_id";
    match contact {
        Some(account) if account.module == Module::Accounts => Ok(Some(account.id.to_owned())),
        Some(person) => {
            let record = client
                .read_record(cx, OPERATION, person, ACCOUNT_ID)
                .await?;
            Ok(record.text(ACCOUNT_ID).map(str::to_owned))
        }
        None => Ok(None),
    }
}
