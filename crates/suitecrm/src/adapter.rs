//! The adapter: the trait on top of an [`Interface`], a [`Mapper`] and a [`Journal`].

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, ContactQuery, CrmAdapter,
    LookupAnswer, NumberPlan, Operation, ProbeReport, SettingProblem, WorkflowReceipt,
    WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE, CREATE_CONTACT},
};
use whocalls_http::HttpClient;

use crate::{
    KIND,
    config::{Access, Checked, Settings},
    interface::Interface,
    journal::{Delivery, Journal},
    lookup,
    module::Module,
    probe,
    record::Mapper,
    v4_1::V41,
    v8::V8,
};

/// One configured SuiteCRM instance.
#[derive(Debug)]
pub(crate) struct SuiteCrm {
    info: AdapterInfo,
    plan: NumberPlan,
    interface: Box<dyn Interface>,
    modules: BTreeSet<Module>,
    journal: Journal,
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
        let journal = Journal::new(
            context.id.clone(),
            context.number_plan.clone(),
            site.clone(),
            &settings,
        );
        let enters_people = journal.enters_people().then_some(CREATE_CONTACT);
        let workflows = [CALL_FLOW, CREATE_CASE].into_iter().chain(enters_people);
        let capabilities = Capabilities::number_lookup(workflows).cooperative();
        Ok(Self {
            info: context.info(KIND, capabilities),
            plan: context.number_plan.clone(),
            interface,
            modules: settings.modules,
            journal,
            mapper: Mapper {
                source: context.id.clone(),
                site,
                custom_fields: settings.custom_fields,
            },
        })
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
        let found = lookup::find(
            &*self.interface,
            &self.modules,
            self.plan.match_rules(),
            cx,
            query,
        )
        .await?;
        let contacts = self.mapper.contacts(found.records).await;
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
        let delivery = Delivery {
            cx,
            interface: &*self.interface,
            request,
        };
        match request.name.as_str() {
            CALL_FLOW => self.journal.log_call(delivery).await,
            CREATE_CASE => self.journal.open_case(delivery).await,
            CREATE_CONTACT if self.journal.enters_people() => {
                self.journal.enter_person(delivery).await
            }
            _ => Err(AdapterError::unsupported(
                &self.info.id,
                Operation::Workflow,
            )),
        }
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
