//! The suite that says whether an adapter, a decorator or a whole stack keeps the contract of
//! [`CrmAdapter`](whocalls_core::CrmAdapter).
//!
//! A test describes how to start a [`Subject`] and calls [`check`]; each case gets a fresh one.
//! Cases that need a fault, a credential or a workflow run for subjects that have them.
//!
//! ```text
//! #[tokio::test]
//! async fn keeps_the_contract() {
//!     conformance::check(|| subject()).await;
//! }
//! ```

mod answers;
mod bounds;
mod credentials;
mod faults;
mod subject;
mod workflows;

use std::time::Duration;

pub use subject::Subject;
use whocalls_core::{CallContext, RequestId};

/// Long enough for any local exchange on a busy machine.
const PATIENT: Duration = Duration::from_mins(1);

fn patient() -> CallContext {
    CallContext::within(PATIENT, RequestId::new("conformance"))
}

/// Runs every case that fits the subject.
///
/// The subject knows the contacts of [`messy_contacts`](crate::contacts::messy_contacts), with at
/// least 50 others.
///
/// # Panics
/// When a case fails; the message names it.
pub async fn check<F: Fn() -> Subject>(start: F) {
    answers::check(&start).await;
    bounds::check(&start).await;
    faults::check(&start).await;
    credentials::check(&start).await;
    workflows::check(&start).await;
}
