//! The adapter: the trait on top of an [`Interface`] and a [`Mapper`].

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;
use jiff::Timestamp;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, ContactQuery, CrmAdapter,
    ErrorKind, LookupAnswer, NumberPlan, Operation, ProbeReport, SettingProblem, WorkflowReceipt,
    WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE},
};
use whocalls_http::HttpClient;

use crate::{
    KIND,
    config::{Access, Checked, Settings},
    interface::Interface,
    lookup,
    module::{Module, RecordRef},
    object::NewObject,
    probe,
    record::Mapper,
    v4_1::V41,
    v8::V8,
    workflow,
};

/// One configured SuiteCRM instance.
#[derive(Debug)]
pub(crate) struct SuiteCrm {
    info: AdapterInfo,
    plan: NumberPlan,
    interface: Box<dyn Interface>,
    modules: BTreeSet<Module>,
    case_status: String,
    mapper: Mapper,
}

impl SuiteCrm {
    /// The adapter that the settings describe.
    ///
    /// # Errors
    /// Everything that is wrong with the settings.
    pub(crate) fn new(
        context: &BuildContext,
        settings: Settings,
    ) -> Result<Self, Vec<SettingProblem>> {
        let Checked { site, access } = settings.check()?;
        let http = HttpClient::new(context, &settings.http, site.api());
        let source = context.id.clone();
        let interface: Box<dyn Interface> = match access {
            Access::V8 { client, user } => {
                Box::new(V8::new(source, http, site.clone(), client, user, &settings))
            }
            Access::V41 { user, is_plain } => {
                Box::new(V41::new(source, http, &site, user, is_plain, &settings))
            }
        };
        let capabilities = Capabilities::number_lookup([CALL_FLOW, CREATE_CASE]);
        Ok(Self {
            info: context.info(KIND, capabilities),
            plan: context.number_plan.clone(),
            interface,
            modules: settings.modules,
            case_status: settings.case_status,
            mapper: Mapper {
                source: context.id.clone(),
                site,
                custom_fields: settings.custom_fields,
            },
        })
    }

    /// The object that a request creates.
    async fn object_of(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<NewObject, AdapterError> {
        match request.name.as_str() {
            CALL_FLOW => {
                let contact = self.contact_of(request)?;
                Ok(workflow::call(
                    request,
                    contact,
                    &self.plan,
                    Timestamp::now(),
                ))
            }
            CREATE_CASE => {
                let contact = self.contact_of(request)?;
                let account = self.account_of(cx, contact).await?;
                let status = &self.case_status;
                Ok(workflow::case(
                    request, contact, account, status, &self.plan,
                ))
            }
            _ => Err(AdapterError::unsupported(
                &self.info.id,
                Operation::Workflow,
            )),
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
            AdapterError::new(
                ErrorKind::InvalidRequest,
                &self.info.id,
                Operation::Workflow,
                "the contact is no record of this adapter; send the id from a lookup unchanged",
            )
        })
    }

    /// The account that a case for `contact` belongs to.
    async fn account_of(
        &self,
        cx: &CallContext,
        contact: Option<RecordRef<'_>>,
    ) -> Result<Option<String>, AdapterError> {
        let operation = Operation::Workflow;
        match contact {
            Some(account) if account.module == Module::Accounts => Ok(Some(account.id.to_owned())),
            Some(person) => {
                self.interface
                    .read(cx, operation, person, "account_id")
                    .await
            }
            None => Ok(None),
        }
    }
}

#[async_trait]
impl CrmAdapter for SuiteCrm {
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
        let found = lookup::find(&*self.interface, &self.modules, cx, query).await?;
        let records = found.records.iter();
        let contacts = records.map(|record| self.mapper.contact(record));
        let mut answer = LookupAnswer::verified(contacts, query, &self.plan);
        match found.doubt {
            // The owner may be in the module that did not answer: that is not an empty answer.
            Some(failure) if answer.is_empty() => return Err(failure),
            Some(_) => answer.mark_partial(),
            None => {}
        }
        Ok(answer)
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let object = self.object_of(cx, request).await?;
        let id = self.interface.create(cx, &object).await?;
        Ok(WorkflowReceipt {
            url: Some(self.mapper.site.page(object.module, &id)),
            id: Some(format!("{}/{id}", object.module)),
        })
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        probe::run(&*self.interface, &self.modules, cx).await
    }
}

impl fmt::Display for SuiteCrm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.id.as_str())
    }
}
