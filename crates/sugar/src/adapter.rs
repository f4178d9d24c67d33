//! The adapter: the trait on top of [`Finder`], [`Mapper`] and [`Client`].

use std::fmt;

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
    client::Client,
    config::Settings,
    lookup::Finder,
    module::{Module, RecordRef},
    probe,
    record::Mapper,
    session::Session,
    site::Site,
    workflow::{self, CALLS, CASES},
};

/// One configured Sugar instance.
#[derive(Debug)]
pub(crate) struct Sugar {
    info: AdapterInfo,
    plan: NumberPlan,
    site: Site,
    /// Where requests go and as whom, for the operator.
    account: String,
    client: Client,
    finder: Finder,
    mapper: Mapper,
}

impl Sugar {
    /// The adapter that the settings describe.
    ///
    /// # Errors
    /// Everything that is wrong with the settings.
    pub(crate) fn new(
        context: &BuildContext,
        settings: Settings,
    ) -> Result<Self, Vec<SettingProblem>> {
        let site = settings.check()?;
        let http = HttpClient::new(context, &settings.http, site.rest());
        let session = Session::new(context.id.clone(), http, &site, &settings);
        let capabilities = Capabilities::number_lookup([CALL_FLOW, CREATE_CASE]);
        Ok(Self {
            info: context.info(KIND, capabilities),
            plan: context.number_plan.clone(),
            account: format!(
                "{} as {} on platform {}",
                site.rest().as_str(),
                settings.username,
                settings.platform
            ),
            client: Client::new(site.clone(), session),
            finder: Finder::new(&settings, context.number_plan.clone()),
            mapper: Mapper {
                source: context.id.clone(),
                site: site.clone(),
                custom_fields: settings.custom_fields,
            },
            site,
        })
    }

    async fn log_call(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = self.contact_of(request)?;
        let call = workflow::call(request, contact, &self.plan, Timestamp::now());
        let operation = Operation::Workflow;
        let id = self.client.create(cx, operation, CALLS, &call).await?;
        Ok(self.receipt(CALLS, &id))
    }

    async fn open_case(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let contact = self.contact_of(request)?;
        let account_id = self.account_of(cx, contact).await?;
        let case = workflow::case(request, contact, account_id, &self.plan);
        let operation = Operation::Workflow;
        let id = self.client.create(cx, operation, CASES, &case).await?;
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
        const ACCOUNT_ID: &str = "account_id";
        match contact {
            Some(account) if account.module == Module::Accounts => Ok(Some(account.id.to_owned())),
            Some(person) => {
                let operation = Operation::Workflow;
                let record = self
                    .client
                    .read_record(cx, operation, person, ACCOUNT_ID)
                    .await?;
                Ok(record.text(ACCOUNT_ID).map(str::to_owned))
            }
            None => Ok(None),
        }
    }

    fn receipt(&self, module: &str, id: &str) -> WorkflowReceipt {
        WorkflowReceipt {
            id: Some(format!("{module}/{id}")),
            url: Some(self.site.page(module, id)),
        }
    }
}

#[async_trait]
impl CrmAdapter for Sugar {
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
        let found = self.finder.find(&self.client, cx, query).await?;
        let contacts = found
            .records
            .iter()
            .filter_map(|record| self.mapper.contact(record));
        let mut answer = LookupAnswer::verified(contacts, query, &self.plan);
        match found.doubt {
            // The owner may be where Sugar could not look: that is not an empty answer.
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
        match request.name.as_str() {
            CALL_FLOW => self.log_call(cx, request).await,
            CREATE_CASE => self.open_case(cx, request).await,
            _ => Err(AdapterError::unsupported(
                &self.info.id,
                Operation::Workflow,
            )),
        }
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let mut report = probe::run(&self.client, &self.finder, cx).await?;
        report.summary = format!("{}: {}", self.account, report.summary);
        Ok(report)
    }
}

impl fmt::Display for Sugar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.id.as_str())
    }
}
