//! What every part of whocalls agrees on: the [`CrmAdapter`] trait, the domain types that pass
//! through it, the error taxonomy, and phone numbers.
//!
//! This crate knows no web framework, no HTTP client and no cache. An adapter for a new CRM needs
//! nothing but this crate (and, in most cases, the HTTP client of `whocalls-http`).
//!
//! | module | holds |
//! |---|---|
//! | [`adapter`] | the trait and its contract |
//! | [`factory`] | how an adapter kind is registered and built from its settings |
//! | [`query`], [`answer`], [`record`] | what a lookup asks and what it yields |
//! | [`workflow`] | a business workflow and its receipt |
//! | [`person`] | the person whom a workflow enters |
//! | [`notification`] | what a CRM sends by itself when its records change |
//! | [`number`] | phone numbers: reading, spelling, comparing, masking |
//! | [`error`] | the kinds of failure and what follows from each |
//! | [`rate_budget`] | how often a CRM may be asked |
//! | [`trace`] | what was said between an adapter and its CRM |

pub mod adapter;
pub mod answer;
pub mod context;
pub mod error;
pub mod factory;
pub mod info;
pub mod notification;
pub mod number;
pub mod person;
pub mod probe;
pub mod query;
pub mod rate_budget;
pub mod record;
pub mod secret;
pub mod trace;
pub mod workflow;

pub use adapter::CrmAdapter;
pub use answer::{Freshness, LookupAnswer, Match};
pub use context::{CallContext, RequestId, Urgency};
pub use error::{AdapterError, ErrorKind, Operation};
pub use factory::{AdapterFactory, BuildContext, Preset, SettingProblem};
pub use info::{AdapterId, AdapterInfo, Capabilities, QueryKind};
pub use notification::{Changes, Notification};
pub use number::{Caller, MatchClass, MatchRules, Mismatch, NumberPlan, PhoneNumber, StoredNumber};
pub use person::NewPerson;
pub use probe::ProbeReport;
pub use query::{ContactQuery, NumberQuery};
pub use rate_budget::RateBudget;
pub use record::{ContactRecord, CustomField, CustomFields, RecordKind};
pub use secret::Secret;
pub use trace::{Trace, TraceBody, TraceEvent, TraceKind};
pub use workflow::{CallDetails, Direction, Progress, WorkflowReceipt, WorkflowRequest};
