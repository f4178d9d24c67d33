//! Whatever the schedule of answers, failures and cancellations, a failure is never reported as
//! "nobody", and nobody waits past the deadline.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};
use whocalls_core::ErrorKind;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN},
    fake::Act,
};

use crate::{Fixture, SECOND, fixture};

/// A number, and whether the CRM knows somebody who has it.
const NUMBERS: [(&str, bool); 3] = [(MIA_NUMBER, true), (SPELLED, true), (UNKNOWN, false)];

#[derive(Debug, Clone)]
enum Step {
    /// From now on, the CRM does this.
    Crm(Act),
    /// The CRM keeps what it is asked, or goes on.
    Hold(bool),
    /// A caller asks, and leaves after this time.
    Ask(usize, Duration),
    /// Time passes.
    Wait(Duration),
    /// The CRM tells that a contact has changed.
    Notify,
}

fn act() -> impl Strategy<Value = Act> {
    let kinds = prop::sample::select(vec![
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::RateLimited,
        ErrorKind::Protocol,
        ErrorKind::NotFound,
        ErrorKind::CircuitOpen,
        ErrorKind::Unauthenticated,
    ]);
    prop_oneof![
        3 => Just(Act::Answer),
        2 => (0..15_000_u64).prop_map(|ms| Act::AnswerAfter(Duration::from_millis(ms))),
        1 => Just(Act::AnswerPartially),
        1 => Just(Act::Hang),
        1 => Just(Act::HangForEver),
        1 => Just(Act::Panic),
        4 => kinds.prop_map(Act::Fail),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let moment = (0..2_000_u64).prop_map(Duration::from_millis);
    let lifetime = (0..1_000_u64).prop_map(Duration::from_secs);
    prop_oneof![
        3 => act().prop_map(Step::Crm),
        1 => any::<bool>().prop_map(Step::Hold),
        8 => (0..NUMBERS.len(), moment.clone()).prop_map(|(who, leave)| Step::Ask(who, leave)),
        2 => moment.prop_map(Step::Wait),
        2 => lifetime.prop_map(Step::Wait),
        1 => Just(Step::Notify),
    ]
}

/// One caller. What it is told is the truth or a failure, in time.
async fn caller(f: Arc<Fixture>, who: usize, leave: Duration) {
    let (number, is_known) = NUMBERS[who];
    let started = Instant::now();
    if let Ok(told) = timeout(leave, f.ask(number)).await {
        assert!(started.elapsed() <= SECOND, "past the deadline");
        if let Ok(answer) = told {
            assert_eq!(!answer.is_empty(), is_known, "{number}: {answer:?}");
        }
    }
}

async fn play(steps: Vec<Step>) {
    let f = Arc::new(fixture());
    let mut callers = Vec::new();
    for step in steps {
        match step {
            Step::Crm(act) => f.fake.set(act),
            Step::Hold(true) => f.fake.hold(),
            Step::Hold(false) => f.fake.release(),
            Step::Ask(who, leave) => {
                callers.push(tokio::spawn(caller(Arc::clone(&f), who, leave)));
                tokio::task::yield_now().await;
            }
            Step::Wait(time) => sleep(time).await,
            Step::Notify => f.notify_of("13").await,
        }
    }
    for caller in callers {
        caller.await.unwrap();
    }
    // Whatever happened: the CRM is well again, and soon everybody is told the truth.
    f.fake.release();
    f.fake.set(Act::Answer);
    sleep(16 * SECOND).await;
    for (number, is_known) in NUMBERS {
        assert_eq!(!f.ask(number).await.unwrap().is_empty(), is_known);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_failure_is_never_reported_as_nobody(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps));
    }
}
