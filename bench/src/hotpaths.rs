//! The hot paths of a lookup, each in a loop: `scripts/check-instructions` counts the instructions
//! of so many turns and of twice as many, so that what happens once does not count.

use std::{fmt, hint::black_box, num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;
use clap::ValueEnum;
use metrics::NoopRecorder;
use whocalls::{
    config::schema::{CustomDataKey, ReplyCase},
    reply::{self, ReplyStyle},
};
use whocalls_core::{
    AdapterError, AdapterId, AdapterInfo, CallContext, Caller, Capabilities, ContactQuery,
    ContactRecord, CrmAdapter, LookupAnswer, NumberPlan, NumberQuery, Operation, ProbeReport,
    RecordKind, RequestId, WorkflowReceipt, WorkflowRequest,
};
use whocalls_engine::{Engine, EngineSettings, LookupReport, LookupRequest, Source};
use whocalls_stack::{CacheSettings, Protection, StackSettings, build};

/// What is counted.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum HotPath {
    /// Three cached answers through all layers, merged and ranked.
    CacheHit,
    /// Three answers of one record: matched, merged and ranked, without layers.
    FanOutAndMerge,
    /// One number in each of the usual spellings.
    Number,
    /// A merged contact as JSON.
    Reply,
}

/// One number as telephone systems send it.
const SPELLINGS: [&str; 6] = [
    "41442000001",
    "+41442000001",
    "0442000001",
    "0041442000001",
    "+41 (0)44 200 00 01",
    "044 200 00 01",
];
/// The same number as the CRMs have it.
const STORED: [(&str, &str); 3] = [
    ("sugar", "044 200 00 01"),
    ("hubspot", "+41 44 200 00 01"),
    ("erp", "+41442000001"),
];
/// Longer than callgrind takes.
const PATIENCE: Duration = Duration::from_hours(24);

/// Goes through a path so many times.
///
/// # Errors
/// When the path cannot be set up.
pub(crate) fn run(path: HotPath, times: u32) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let plan = NumberPlan::new("CH")?;
    runtime.block_on(async {
        match path {
            HotPath::Number => {
                for _ in 0..times {
                    for spelling in SPELLINGS {
                        black_box(plan.classify(black_box(spelling)));
                    }
                }
            }
            HotPath::CacheHit => look_up(&engine(&plan, true)?, &plan, times).await?,
            HotPath::FanOutAndMerge => look_up(&engine(&plan, false)?, &plan, times).await?,
            HotPath::Reply => {
                let engine = engine(&plan, false)?;
                let report = ask(&engine, &query(&plan)?).await;
                let style = ReplyStyle {
                    case: ReplyCase::Camel,
                    custom_data_key: CustomDataKey::CustomData,
                };
                for _ in 0..times {
                    let contacts = reply::contacts(&engine, style, black_box(&report.contacts));
                    black_box(serde_json::to_vec(&contacts)?);
                }
            }
        }
        Ok(())
    })
}

async fn look_up(engine: &Engine, plan: &NumberPlan, times: u32) -> anyhow::Result<()> {
    let query = query(plan)?;
    let first = ask(engine, &query).await;
    anyhow::ensure!(first.is_complete() && first.total == 1, "{first:?}");
    for _ in 0..times {
        black_box(ask(engine, black_box(&query)).await);
    }
    Ok(())
}

async fn ask(engine: &Engine, query: &ContactQuery) -> LookupReport {
    let cx = CallContext::within(PATIENCE, RequestId::new("bench"));
    let request = LookupRequest {
        cx: &cx,
        query,
        allowed: None,
        max_results: NonZeroUsize::MIN,
    };
    engine.lookup(request).await
}

fn query(plan: &NumberPlan) -> anyhow::Result<ContactQuery> {
    let [spelling, ..] = SPELLINGS;
    let Caller::Number(number) = plan.classify(spelling) else {
        anyhow::bail!("{spelling} is not searchable");
    };
    Ok(ContactQuery::from(NumberQuery {
        number,
        max_records: 20.try_into()?,
        explain: false,
    }))
}

fn engine(plan: &NumberPlan, has_layers: bool) -> anyhow::Result<Engine> {
    let settings = StackSettings {
        runtime: None,
        timeout: PATIENCE,
        late_answer: Duration::ZERO,
        max_concurrent: 16.try_into()?,
        cache: CacheSettings {
            ttl: PATIENCE,
            empty_ttl: PATIENCE,
            stale: PATIENCE,
            max_bytes: 1 << 25,
            max_background: 256.try_into()?,
        },
        protection: Protection::default(),
    };
    let source = |((id, phone), priority)| -> anyhow::Result<Source> {
        let adapter: Arc<dyn CrmAdapter> = Arc::new(Memory::new(id, phone, plan)?);
        let adapter = if has_layers {
            build(adapter, &settings, Arc::new(NoopRecorder)).adapter
        } else {
            adapter
        };
        Ok(Source {
            adapter,
            priority,
            actions: vec!["CallFlow".to_owned()],
        })
    };
    let sources = STORED.into_iter().zip((10..).step_by(10)).map(source);
    let sources = sources.collect::<anyhow::Result<_>>()?;
    Ok(Engine::new(sources, EngineSettings::default()))
}

/// A CRM with one contact, without network.
#[derive(Debug)]
struct Memory {
    info: AdapterInfo,
    plan: NumberPlan,
    contact: ContactRecord,
}

impl Memory {
    fn new(id: &str, phone: &str, plan: &NumberPlan) -> anyhow::Result<Self> {
        let source = AdapterId::new(id)?;
        let name = "Mia Keller".to_owned();
        let mut contact = ContactRecord::new(source.clone(), "51", RecordKind::Contact, name);
        contact.company = Some("Keller AG".to_owned());
        contact.contact_uri = Some(format!("https://{id}.example/contacts/51"));
        contact.company_uri = Some(format!("https://{id}.example/companies/2"));
        contact.phones = vec![phone.to_owned()];
        contact.emails = vec!["mia.keller@keller.example".to_owned()];
        Ok(Self {
            info: AdapterInfo {
                id: source,
                kind: "memory",
                crm_name: format!("{id} CRM"),
                crm_logo: Some(format!("https://cdn.example.com/{id}.svg")),
                capabilities: Capabilities::number_lookup(["CallFlow"]),
            },
            plan: plan.clone(),
            contact,
        })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.kind)
    }
}

#[async_trait]
impl CrmAdapter for Memory {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        _: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let ContactQuery::Number(query) = query else {
            return Err(AdapterError::unsupported(&self.info.id, Operation::Lookup));
        };
        let contacts = [self.contact.clone()];
        Ok(LookupAnswer::verified(contacts, query, &self.plan))
    }

    async fn run_workflow(
        &self,
        _: &CallContext,
        _: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        Err(AdapterError::unsupported(
            &self.info.id,
            Operation::Workflow,
        ))
    }

    async fn probe(&self, _: &CallContext) -> Result<ProbeReport, AdapterError> {
        Ok(ProbeReport::new("in memory"))
    }
}
