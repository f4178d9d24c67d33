//! The adapter against a simulated HubSpot on real sockets, one module a topic.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

mod delivery;
mod errors;
mod factory;
mod leads;
mod limits;
mod lookup;
mod new_contact;
mod notification;
mod probe;
mod sign_in;
#[path = "../support/mod.rs"]
mod support;
mod workflow;

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use whocalls_core::{
    AdapterError, CallContext, ContactRecord, CrmAdapter, LookupAnswer, RequestId,
};
use whocalls_testkit::{
    contacts::SeedContact,
    query,
    sim::hubspot::HubSpot,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

/// Long enough for any local exchange on a busy machine.
fn patient() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("test"))
}

async fn lookup(adapter: &dyn CrmAdapter, number: &str) -> Result<LookupAnswer, AdapterError> {
    adapter.lookup(&patient(), &query(number)).await
}

/// The only record found.
async fn find(adapter: &dyn CrmAdapter, number: &str) -> ContactRecord {
    let answer = lookup(adapter, number).await.expect("an answer");
    let [found] = answer.matches() else {
        panic!("one record is expected: {answer:?}");
    };
    found.record.clone()
}

/// The paths that were asked for, in order.
fn paths(upstream: &Upstream) -> Vec<String> {
    let requests = upstream.control().requests();
    requests.into_iter().map(|request| request.path).collect()
}

/// How many requests went to paths that end in `end`.
fn count(upstream: &Upstream, end: &str) -> usize {
    let paths = paths(upstream);
    paths.iter().filter(|path| path.ends_with(end)).count()
}

/// A contact with a mobile number and, unless it is 0, a company.
fn contact(id: u32, mobile: &str, company_id: u32) -> SeedContact {
    let company = match company_id {
        0 => String::new(),
        id => format!("Company {id} AG"),
    };
    SeedContact {
        id,
        first_name: format!("First{id}"),
        last_name: format!("Last{id}"),
        company,
        company_id,
        email: format!("contact{id}@example.ch"),
        mobile: mobile.to_owned(),
        work: String::new(),
        job_title: "Head of Sales".to_owned(),
    }
}

/// Fails on paths with this end.
struct Failing {
    crm: HubSpot,
    end: &'static str,
    status: u16,
}

impl SimulatedCrm for Failing {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with(self.end) {
            return Response::status(self.status);
        }
        self.crm.respond(request)
    }
}

/// Does not answer on paths with this end until the other end of the channel is dropped.
struct Stuck {
    crm: HubSpot,
    end: &'static str,
    released: Mutex<mpsc::Receiver<()>>,
}

impl Stuck {
    fn at(end: &'static str, crm: HubSpot, released: mpsc::Receiver<()>) -> Self {
        let released = Mutex::new(released);
        Self { crm, end, released }
    }
}

impl SimulatedCrm for Stuck {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with(self.end) {
            self.released.lock().unwrap().recv().unwrap_err();
        }
        self.crm.respond(request)
    }
}
