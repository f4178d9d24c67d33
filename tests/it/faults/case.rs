//! One fault in some CRMs, from the first call that meets it to the first that no longer does.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    upstream::Fault,
};

use super::scene::{Ill, Scene, found_in, number};
use crate::harness::{PATIENT, Reply, eventually};

/// Half of what the telephone system would wait: nobody waits for those that are ill, and a busy
/// machine has time enough.
const IN_TIME: Duration = Duration::from_secs(15);
/// Enough time for CRMs that are well; a breaker that opens and closes soon.
const SETTINGS: &str = "
[gateway]
request_timeout_ms = 30000
[defaults]
timeout_ms = 30000
late_answer_ms = 3000
breaker = { open_ms = 500 }
";
/// Of those that keep silent: how long they are waited for.
const IMPATIENT: &str = "timeout_ms = 3000\n";
const CALLS: &str = "whocalls_adapter_calls_total";
const BREAKER: &str = "whocalls_breaker_state";
const CLOSED: f64 = 0.0;
/// More failures than open the breaker.
const BURST: u32 = 8;

/// What `Server-Timing` says of an adapter that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Error,
    Timeout,
}

impl Seen {
    fn label(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }
}

/// A fault and what is to come of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effect {
    pub(super) fault: Fault,
    /// The kind of the adapter's error.
    pub(super) kind: &'static str,
    /// What the client sees of it.
    pub(super) seen: Seen,
    /// Whether the breaker counts it.
    pub(super) counts: bool,
}

/// Runs the fault in the CRMs that `ill` names.
pub(super) async fn run(effect: Effect, ill: Ill) {
    let of_the_ill = match effect.seen {
        Seen::Timeout => IMPATIENT,
        Seen::Error => "",
    };
    let scene = Scene::start_with(SETTINGS, of_the_ill, ill).await;
    scene.set_fault(effect.fault);
    let case = Case { effect, scene };
    case.a_lookup_is_answered_in_time_without_the_ill().await;
    case.the_breaker_knows().await;
    case.scene.set_fault(Fault::None);
    case.all_is_well_again().await;
    case.scene.stop().await;
}

struct Case {
    effect: Effect,
    scene: Scene,
}

impl Case {
    fn name(&self) -> String {
        format!("{:?} in {:?}", self.effect.fault, self.scene.ill)
    }

    async fn a_lookup_is_answered_in_time_without_the_ill(&self) {
        let (ill, seen) = (self.scene.ill, self.effect.seen);
        let started = Instant::now();
        let (known, unknown) = futures::join!(
            self.scene.gateway.lookup(MIA_NUMBER),
            self.scene.gateway.lookup(UNKNOWN)
        );
        let elapsed = started.elapsed();
        let name = self.name();
        assert!(elapsed < IN_TIME, "{name}: {elapsed:?}");
        for (reply, otherwise) in [(&known, "ok"), (&unknown, "empty")] {
            let outcome = |id: &str| if ill.has(id) { seen.label() } else { otherwise };
            let expected: Vec<&str> = ill.asked().into_iter().map(outcome).collect();
            assert_eq!(reply.outcomes(), expected, "{name}");
            assert_eq!(reply.header("x-lookup-complete"), "false", "{name}");
            match (ill, seen) {
                (Ill::One(_), _) => assert_eq!(reply.status, 200, "{name}"),
                (Ill::All, Seen::Error) => {
                    assert_eq!((reply.status, reply.code()), (502, "crms_failed"));
                }
                (Ill::All, Seen::Timeout) => {
                    assert_eq!((reply.status, reply.code()), (504, "crms_timed_out"));
                }
            }
        }
        if let Ill::One(_) = ill {
            assert_eq!(unknown.body, json!([]), "{name}");
            let well = ill.asked().into_iter().filter(|id| !ill.has(id)).collect();
            assert_eq!(found_in(&known), well, "{name}");
        }
        for id in ill.ids() {
            let outcome = format!("operation=\"lookup\",outcome=\"{}\"", self.effect.kind);
            // The reply may leave while the calls are being given up.
            eventually(|| self.scene.metric(CALLS, id, &outcome) >= Some(2.0)).await;
            let counted = self.scene.metric(CALLS, id, &outcome);
            assert_eq!(counted, Some(2.0), "{name}: {id}");
        }
    }

    /// A burst of calls opens the breaker of those that are ill, and of nobody else.
    async fn the_breaker_knows(&self) {
        let numbers: Vec<String> = (0..BURST).map(number).collect();
        let calls = numbers
            .iter()
            .map(|number| self.scene.gateway.lookup(number));
        for reply in join_all(calls).await {
            self.is_honest(&reply);
        }
        let name = self.name();
        for id in self
            .scene
            .ill
            .asked()
            .into_iter()
            .filter(|id| *id != "book")
        {
            let is_ill = self.scene.ill.has(id) && self.effect.counts;
            let state = || self.scene.metric(BREAKER, id, "").unwrap();
            if is_ill {
                eventually(|| state() > CLOSED).await;
            } else {
                assert!(state() <= CLOSED, "{name}: {id} is left alone");
            }
        }
    }

    /// The first lookups after the fault may still be without those that were ill, and say so. Then
    /// one is complete, and so is that of a number that nobody owns.
    async fn all_is_well_again(&self) {
        let asked = self.scene.ill.asked();
        let whole = async {
            loop {
                let reply = self.scene.gateway.lookup(MIA_NUMBER).await;
                self.is_honest(&reply);
                if self.scene.is_whole(&reply) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let whole = tokio::time::timeout(PATIENT, whole).await;
        assert!(whole.is_ok(), "{}: it does not recover", self.name());
        let unknown = self.scene.gateway.lookup(UNKNOWN).await;
        assert_eq!(unknown.header("x-lookup-complete"), "true");
        assert_eq!(unknown.body, json!([]));
        assert_eq!(unknown.outcomes().len(), asked.len());
        for id in asked.into_iter().filter(|id| *id != "book") {
            assert_eq!(self.scene.metric(BREAKER, id, ""), Some(CLOSED), "{id}");
        }
    }

    /// Whoever is asked for owns the number in every CRM: a complete reply names all of them, and
    /// nobody at all is found only when all failed.
    fn is_honest(&self, reply: &Reply) {
        let is_complete = reply.header("x-lookup-complete") == "true";
        let name = self.name();
        if reply.status == 200 {
            assert_eq!(is_complete, self.scene.is_whole(reply), "{name}: {reply:?}");
            assert!(!reply.contacts().is_empty(), "{name}: {reply:?}");
        } else {
            assert!(!is_complete, "{name}: {reply:?}");
            assert!([502, 504].contains(&reply.status), "{name}: {reply:?}");
        }
    }
}
