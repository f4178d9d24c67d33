//! HubSpot as a [`CrmAdapter`]: lookup, workflows and probe made of the other modules.

mod workflows;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::Value;
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterInfo, BuildContext, CallContext, Capabilities, Changes, ContactQuery,
    ContactRecord, CrmAdapter, CustomFields, ErrorKind, LookupAnswer, Notification, NumberPlan,
    NumberQuery, Operation, ProbeReport, RecordKind, SettingProblem, WorkflowReceipt,
    WorkflowRequest, factory::read_settings,
};
use whocalls_http::HttpClient;

use crate::{
    api::ApiVersion,
    client::{Client, LookupUrls, Searched},
    config::{Checked, KIND, Settings, TicketSettings},
    delivery::Deliveries,
    details::Details,
    leads::Leads,
    limits::Limits,
    notification::{News, Receiver},
    owners::Owners,
    record::{self, Found, Hit, Mapper},
    search::NumberSearch,
};

/// One HubSpot account as an adapter.
#[derive(Debug)]
pub(crate) struct HubSpotAdapter {
    info: AdapterInfo,
    plan: NumberPlan,
    custom_fields: CustomFields,
    ticket: TicketSettings,
    client: Client,
    contacts: NumberSearch,
    companies: NumberSearch,
    /// Whether lookups search companies too.
    finds_companies: bool,
    /// Finds the leads of contacts; none are searched without it.
    leads: Option<Leads>,
    details: Details,
    deliveries: Deliveries,
    owners: Owners,
    /// Believes notifications; none are expected without it.
    receiver: Option<Receiver>,
}

impl HubSpotAdapter {
    /// Builds an adapter from settings that fit the schema.
    pub(crate) fn build(
        context: BuildContext,
        settings: Value,
    ) -> Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>> {
        let settings: Settings = read_settings(settings)?;
        let Checked {
            base,
            auth,
            receiver,
        } = settings.check()?;
        let http = HttpClient::new(&context, &settings.http, &base);
        Ok(Arc::new(Self {
            info: context.info(
                KIND,
                Capabilities::number_lookup(workflows::NAMES).cooperative(),
            ),
            client: Client {
                adapter: context.id,
                http,
                lookups: LookupUrls::new(&base, &settings.api_version),
                base,
                version: settings.api_version,
                auth,
                limits: Limits::new(settings.searches_per_second),
            },
            plan: context.number_plan,
            contacts: NumberSearch::contacts(&settings.custom_fields),
            companies: NumberSearch::companies(&settings.custom_fields),
            finds_companies: settings.companies,
            leads: settings
                .leads
                .then(|| Leads::new(settings.leads_object, &settings.custom_fields)),
            details: Details::new(
                Duration::from_millis(settings.details_timeout_ms),
                Duration::from_secs(settings.company_cache_secs),
            ),
            deliveries: Deliveries {
                unique: settings.unique_property,
            },
            owners: Owners::default(),
            receiver,
            custom_fields: settings.custom_fields,
            ticket: settings.ticket,
        }))
    }

    async fn lookup_number(
        &self,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let (contacts, companies) = tokio::join!(
            self.search(cx, Operation::Lookup, &self.contacts, query),
            self.search_companies(cx, query),
        );
        let mut hits = contacts?;
        let companies = companies.map(|found| hits.extend(found));
        let mapper = self.mapper(query);
        let mut employers = Vec::new();
        let mut records = Vec::with_capacity(hits.len());
        for Found { record, company_id } in mapper.read_all(hits).await {
            if let Some(company_id) = company_id {
                employers.push((record.id.clone(), company_id));
            }
            records.push(record);
        }
        let leads = self.add_leads(cx, query, &mut records).await;
        let mut answer = LookupAnswer::verified(records, query, &self.plan);
        if let Err(error) = companies {
            // Nobody found is no answer while half of the search is missing.
            if answer.is_empty() {
                return Err(error);
            }
            tracing::warn!(%error, "companies were not searched; contacts were found");
            answer.mark_partial();
        }
        if let Err(error) = leads {
            tracing::warn!(%error, "leads were not searched; their contacts were found");
            answer.mark_partial();
        }
        if !answer.is_empty() {
            let details = &self.details;
            let completed = details.complete(cx, &self.client, &mut answer, &employers);
            completed.await;
        }
        Ok(answer)
    }

    /// Searches one type of object; again with fewer filters while the account lacks properties.
    async fn search(
        &self,
        cx: &CallContext,
        operation: Operation,
        search: &NumberSearch,
        query: &NumberQuery,
    ) -> Result<Vec<Hit>, AdapterError> {
        let kind = search.kind;
        loop {
            let request = search.request(query);
            let searched = self.client.search(cx, operation, kind, &request);
            match searched.await? {
                Searched::Found(objects) => {
                    let hit = |object| Hit { kind, object };
                    return Ok(objects.into_iter().map(hit).collect());
                }
                Searched::UnknownProperties(names) => {
                    tracing::warn!(?names, "HubSpot lacks properties; searching without them");
                    search.remember_missing(&names);
                }
            }
        }
    }

    /// Searches companies, if that is wanted, in three quarters of the time left: their failure
    /// must leave time to answer with the contacts.
    async fn search_companies(
        &self,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<Vec<Hit>, AdapterError> {
        if !self.finds_companies {
            return Ok(Vec::new());
        }
        let cx = cx.with_deadline(Instant::now() + cx.useful_time() / 4 * 3);
        let operation = Operation::Lookup;
        self.search(&cx, operation, &self.companies, query).await
    }

    /// Adds the leads of the contacts that own the number, if that is wanted. They take the places
    /// that are left and never that of a contact: where there is none, no search is sent.
    ///
    /// # Errors
    /// When leads cannot be searched; that is no reason to keep the contacts back.
    async fn add_leads(
        &self,
        cx: &CallContext,
        query: &NumberQuery,
        records: &mut Vec<ContactRecord>,
    ) -> Result<(), AdapterError> {
        let Some(leads) = &self.leads else {
            return Ok(());
        };
        let owners = LookupAnswer::verified(records.iter().cloned(), query, &self.plan);
        let places = query
            .max_records
            .get()
            .saturating_sub(owners.matches().len());
        let owners = owners.into_matches().into_iter().map(|found| found.record);
        let contacts: Vec<_> = owners
            .filter(|record| record.kind == RecordKind::Contact)
            .collect();
        if places == 0 || contacts.is_empty() {
            return Ok(());
        }
        let cx = self.details.bounded(cx);
        let found = leads.of(&cx, &self.client, &contacts, places).await?;
        let mapper = self.mapper(query);
        for (hit, contact) in found {
            let mut record = mapper.read(hit).record;
            record.phones.clone_from(&contact.phones);
            records.push(record);
        }
        Ok(())
    }

    fn mapper<'a>(&'a self, query: &'a NumberQuery) -> Mapper<'a> {
        Mapper {
            source: &self.info.id,
            custom_fields: &self.custom_fields,
            plan: &self.plan,
            asked: &query.number,
        }
    }

    /// Forgets what has changed, and tells others what to forget: a contact is shown with its
    /// company's name, so a company's news are news of the contacts that were shown with it.
    fn forget(&self, news: News) -> Changes {
        let mut records = Vec::new();
        for company in news.companies {
            records.extend(self.details.forget_company(&company));
            records.push(format!("{}{company}", record::COMPANY_PREFIX));
        }
        for contact in news.contacts {
            self.details.forget_contact(&contact);
            records.push(contact);
        }
        records.sort_unstable();
        records.dedup();
        Changes {
            records,
            numbers: news.numbers,
            everything: news.is_unclear,
        }
    }

    /// Tries whether objects of this type may be searched.
    async fn try_search(
        &self,
        cx: &CallContext,
        search: &NumberSearch,
    ) -> Result<(), AdapterError> {
        let (client, trial) = (&self.client, search.trial());
        let searched = client.search(cx, Operation::Probe, search.kind, &trial);
        searched.await.map(drop)
    }
}

#[async_trait]
impl CrmAdapter for HubSpotAdapter {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        match query {
            ContactQuery::Number(query) => self.lookup_number(cx, query).await,
            _ => Err(AdapterError::unsupported(&self.info.id, Operation::Lookup)),
        }
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        self.run(cx, request).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let account = self.client.account(cx, Operation::Probe).await?;
        self.try_search(cx, &self.contacts).await?;
        let mut report = ProbeReport::new(format!(
            "HubSpot account {} ({}), interface {}",
            account.portal_id,
            account.account_type.as_deref().unwrap_or("unknown type"),
            self.client.version,
        ));
        match self.try_search(cx, &self.companies).await {
            Err(error) if error.kind == ErrorKind::PermissionDenied && !self.finds_companies => {
                let warning = format!("company names are not read: {}", error.message);
                report.warnings.push(warning);
            }
            tried => tried?,
        }
        if let Some(leads) = &self.leads
            && let Err(error) = leads.try_search(cx, &self.client).await
        {
            let warning = format!("leads are not found: {}", error.message);
            report.warnings.push(warning);
        }
        let warnings = self.deliveries.warnings(cx, &self.client);
        report.warnings.extend(warnings.await);
        if self.client.version == ApiVersion::V3 {
            report.warnings.push(format!(
                "HubSpot ends its support of v3 in September 2027; set api_version = \"{}\"",
                ApiVersion::DEFAULT
            ));
        }
        Ok(report)
    }

    async fn read_notification(
        &self,
        _cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        let (id, operation) = (&self.info.id, Operation::Notification);
        let Some(receiver) = &self.receiver else {
            return Err(AdapterError::unsupported(id, operation));
        };
        let read = receiver.read(notification);
        let news = read.map_err(|refusal| {
            AdapterError::new(refusal.kind(), id, operation, refusal.to_string())
        })?;
        Ok(self.forget(news))
    }
}

impl fmt::Display for HubSpotAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.id.as_str())
    }
}
