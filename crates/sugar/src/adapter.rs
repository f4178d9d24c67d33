//! The adapter: the trait on top of [`Finder`], [`Mapper`], [`Journal`] and [`Client`].

use std::fmt;

use async_trait::async_trait;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, Changes, ContactQuery,
    CrmAdapter, ErrorKind, LookupAnswer, Notification, NumberPlan, Operation, ProbeReport, Secret,
    SettingProblem, WorkflowReceipt, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE, CREATE_CONTACT},
};
use whocalls_http::{HttpClient, is_same_secret};

use crate::{
    KIND, client::Client, config::Settings, hook, journal::Journal, lookup::Finder,
    objects::Delivery, probe, record::Mapper, session::Session,
};

/// One configured Sugar instance.
#[derive(Debug)]
pub(crate) struct Sugar {
    info: AdapterInfo,
    plan: NumberPlan,
    /// Where requests go and as whom, for the operator.
    account: String,
    client: Client,
    finder: Finder,
    mapper: Mapper,
    journal: Journal,
    /// What the URL of a web logic hook ends with; none when no hooks are expected.
    hook_secret: Option<Secret>,
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
                site,
                custom_fields: settings.custom_fields,
            },
            journal,
            hook_secret: settings.notifications.map(|settings| settings.secret),
        })
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
        let contacts = self.mapper.contacts(found.records).await;
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
        let delivery = Delivery {
            cx,
            client: &self.client,
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
        let mut report = probe::run(&self.client, &self.finder, cx).await?;
        report.summary = format!("{}: {}", self.account, report.summary);
        Ok(report)
    }

    async fn read_notification(
        &self,
        _cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        let id = &self.info.id;
        let refuse = |kind, message| AdapterError::new(kind, id, Operation::Notification, message);
        let Some(secret) = &self.hook_secret else {
            return Err(AdapterError::unsupported(id, Operation::Notification));
        };
        if !is_same_secret(secret, notification.tail.as_bytes()) {
            return Err(refuse(
                ErrorKind::Unauthenticated,
                "the URL does not end with the secret in notifications.secret; check the URL of \
                 the web logic hook in Sugar",
            ));
        }
        let changes = hook::changes(&notification.body);
        changes.ok_or_else(|| {
            refuse(
                ErrorKind::InvalidRequest,
                "the body is not that of a web logic hook about a record; check that its trigger \
                 event is after_save or after_delete, and its request method POST",
            )
        })
    }
}

impl fmt::Display for Sugar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.id.as_str())
    }
}
