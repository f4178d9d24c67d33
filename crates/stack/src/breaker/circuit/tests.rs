//! The table of states, and what holds for every schedule of calls.

use proptest::prelude::*;

use super::*;

const OPEN_FOR: Duration = Duration::from_secs(2);
const SETTINGS: BreakerSettings = BreakerSettings {
    failures: 3,
    failure_percent: 50,
    min_calls: 6,
    window: Duration::from_secs(30),
    open_for: OPEN_FOR,
};

/// A circuit with a clock of its own.
struct Fixture {
    circuit: Circuit,
    now: Instant,
}

impl Fixture {
    fn closed() -> Self {
        Self {
            circuit: Circuit::new(SETTINGS),
            now: Instant::now(),
        }
    }

    fn open() -> Self {
        let mut fixture = Self::closed();
        for _ in 0..SETTINGS.failures {
            fixture.call(Verdict::Ill);
        }
        assert_eq!(fixture.phase(), Phase::Open);
        fixture
    }

    /// With the pass of the probe.
    fn half_open() -> (Self, Pass) {
        let mut fixture = Self::open();
        fixture.now += OPEN_FOR;
        let probe = fixture.admit().unwrap();
        assert_eq!(fixture.phase(), Phase::HalfOpen);
        (fixture, probe)
    }

    fn phase(&self) -> Phase {
        self.circuit.phase()
    }

    fn admit(&mut self) -> Result<Pass, Duration> {
        self.circuit.admit(self.now)
    }

    fn report(&mut self, pass: Pass, verdict: Verdict) {
        self.circuit.report(pass, verdict, self.now);
    }

    fn call(&mut self, verdict: Verdict) {
        let pass = self.admit().unwrap();
        self.report(pass, verdict);
    }

    fn calls(&mut self, verdicts: &[Verdict]) -> Phase {
        for verdict in verdicts {
            self.call(*verdict);
        }
        self.phase()
    }
}

#[test]
fn it_opens_after_failures_in_a_row_or_by_their_share() {
    use Verdict::{Ill, Throttled, Unknown, Well};
    let cases: [(&[Verdict], Phase); 10] = [
        (&[], Phase::Closed),
        (&[Ill, Ill], Phase::Closed),
        (&[Ill, Ill, Ill], Phase::Open),
        (&[Ill, Ill, Well, Ill, Ill], Phase::Closed),
        // Neither counts, nor ends a row.
        (&[Ill, Throttled, Ill, Unknown, Ill], Phase::Open),
        (&[Throttled; 50], Phase::Closed),
        (&[Unknown; 50], Phase::Closed),
        // Three of five: too few calls. Three of six: half. Three of seven: less.
        (&[Ill, Well, Ill, Well, Ill], Phase::Closed),
        (&[Ill, Well, Ill, Well, Well, Ill], Phase::Open),
        (&[Ill, Well, Well, Ill, Well, Well, Ill], Phase::Closed),
    ];
    for (verdicts, phase) in cases {
        assert_eq!(Fixture::closed().calls(verdicts), phase, "{verdicts:?}");
    }
}

#[test]
fn failures_of_long_ago_have_no_share() {
    use Verdict::{Ill, Well};
    for (pause, phase) in [
        (Duration::ZERO, Phase::Open),
        (SETTINGS.window, Phase::Closed),
    ] {
        let mut fixture = Fixture::closed();
        fixture.calls(&[Ill, Well, Ill, Well, Ill, Well]);
        fixture.now += pause;
        assert_eq!(fixture.calls(&[Well, Ill]), phase, "{pause:?}");
    }
}

#[test]
fn an_open_circuit_says_how_long_no_call_passes() {
    let mut fixture = Fixture::open();
    assert_eq!(fixture.admit(), Err(OPEN_FOR));
    fixture.now += OPEN_FOR / 2;
    assert_eq!(fixture.admit(), Err(OPEN_FOR / 2));
    fixture.now += OPEN_FOR / 2;
    assert!(fixture.admit().is_ok());
    assert_eq!(fixture.admit(), Err(OPEN_FOR), "one probe at a time");
}

#[test]
fn the_probe_decides() {
    for (verdict, phase) in [
        (Verdict::Well, Phase::Closed),
        (Verdict::Ill, Phase::Open),
        (Verdict::Throttled, Phase::Open),
        (Verdict::Unknown, Phase::HalfOpen),
    ] {
        let (mut fixture, probe) = Fixture::half_open();
        fixture.report(probe, verdict);
        assert_eq!(fixture.phase(), phase, "{verdict:?}");
        let refused = fixture.admit().err();
        let expected = (phase == Phase::Open).then_some(OPEN_FOR);
        assert_eq!(refused, expected, "{verdict:?}");
    }
}

#[test]
fn a_circuit_that_closed_again_has_forgotten_the_failures() {
    let (mut fixture, probe) = Fixture::half_open();
    fixture.report(probe, Verdict::Well);
    assert_eq!(fixture.calls(&[Verdict::Ill; 2]), Phase::Closed);
    assert_eq!(fixture.calls(&[Verdict::Ill]), Phase::Open);
}

#[test]
fn a_probe_without_end_gives_way_to_another() {
    let (mut fixture, silent) = Fixture::half_open();
    fixture.now += OPEN_FOR;
    let second = fixture.admit().unwrap();
    assert_eq!(fixture.admit(), Err(OPEN_FOR));
    fixture.report(silent, Verdict::Ill);
    assert_eq!(fixture.phase(), Phase::HalfOpen, "the second one decides");
    fixture.report(second, Verdict::Ill);
    assert_eq!(fixture.phase(), Phase::Open);
}

#[test]
fn a_probe_that_succeeds_late_closes_the_circuit_all_the_same() {
    let (mut fixture, slow) = Fixture::half_open();
    fixture.now += OPEN_FOR;
    let second = fixture.admit().unwrap();
    fixture.report(second, Verdict::Ill);
    assert_eq!(fixture.phase(), Phase::Open);
    fixture.report(slow, Verdict::Well);
    assert_eq!(fixture.phase(), Phase::Closed);
}

#[test]
fn calls_of_an_earlier_era_change_nothing() {
    let mut fixture = Fixture::closed();
    let before = fixture.admit().unwrap();
    fixture.calls(&[Verdict::Ill; 3]);
    fixture.report(before, Verdict::Well);
    assert_eq!(fixture.phase(), Phase::Open, "sent before it opened");
    fixture.now += OPEN_FOR;
    let slow = fixture.admit().unwrap();
    fixture.now += OPEN_FOR;
    fixture.call(Verdict::Well);
    assert_eq!(fixture.phase(), Phase::Closed);
    for _ in 0..10 {
        fixture.report(slow, Verdict::Ill);
        fixture.report(before, Verdict::Ill);
    }
    assert_eq!(fixture.phase(), Phase::Closed, "sent while it was open");
}

/// A step of a random schedule.
#[derive(Debug, Clone)]
enum Step {
    Admit,
    /// Reports one of the calls under way, chosen by a number.
    Report(usize, Verdict),
    /// Milliseconds.
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let verdict = prop_oneof![
        3 => Just(Verdict::Ill),
        2 => Just(Verdict::Well),
        1 => Just(Verdict::Throttled),
        1 => Just(Verdict::Unknown),
    ];
    let step = prop_oneof![
        3 => Just(Step::Admit),
        3 => (any::<usize>(), verdict).prop_map(|(which, verdict)| Step::Report(which, verdict)),
        1 => (0_u64..3_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn whatever_happens_one_probe_at_a_time_and_never_a_long_wait(steps in steps()) {
        let mut fixture = Fixture::closed();
        let mut under_way: Vec<Pass> = Vec::new();
        let mut probes: Vec<(Pass, Instant)> = Vec::new();
        for step in steps {
            let before = fixture.phase();
            match step {
                Step::Wait(millis) => fixture.now += Duration::from_millis(millis),
                Step::Admit => match fixture.admit() {
                    Ok(pass) => {
                        under_way.push(pass);
                        if fixture.phase() != Phase::Closed {
                            let now = fixture.now;
                            let another = probes.iter().any(|(_, since)| *since + OPEN_FOR > now);
                            prop_assert!(!another, "two probes at once");
                            probes.push((pass, now));
                        }
                    }
                    Err(wait) => {
                        prop_assert!(before != Phase::Closed);
                        prop_assert!(Duration::ZERO < wait && wait <= OPEN_FOR);
                    }
                },
                Step::Report(which, verdict) => {
                    if !under_way.is_empty() {
                        let pass = under_way.swap_remove(which % under_way.len());
                        probes.retain(|(probe, _)| *probe != pass);
                        fixture.report(pass, verdict);
                        let after = fixture.phase();
                        prop_assert!(
                            after != Phase::Open || before == after
                                || matches!(verdict, Verdict::Ill | Verdict::Throttled)
                        );
                        prop_assert!(after != Phase::Closed || before == after || verdict == Verdict::Well);
                    }
                }
            }
        }
        // A CRM that is well from now on is asked again in time, whatever is still under way.
        let wait = fixture.admit().err().unwrap_or_default();
        fixture.now += wait;
        if fixture.phase() != Phase::Closed {
            let pass = match fixture.admit() {
                Ok(pass) => pass,
                Err(wait) => {
                    prop_assert!(wait <= OPEN_FOR);
                    fixture.now += wait;
                    fixture.admit().unwrap()
                }
            };
            fixture.report(pass, Verdict::Well);
        }
        prop_assert_eq!(fixture.phase(), Phase::Closed);
    }
}
