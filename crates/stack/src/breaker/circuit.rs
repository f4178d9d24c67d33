//! The circuit as a pure state machine: no lock, no clock, no I/O.
//!
//! | state | event | next state |
//! |---|---|---|
//! | closed | too many failures | open |
//! | open | a call after [`open_for`](BreakerSettings::open_for) | half-open, that call is the probe |
//! | half-open | the probe succeeds | closed |
//! | half-open | the probe fails, or the CRM refuses it with 429 | open |
//! | half-open | the probe was cancelled or never sent | half-open, the next call is the probe |
//! | half-open | the probe has taken `open_for` | half-open, the next call is the probe |
//!
//! So a CRM that is well again is asked again after twice `open_for` at most. A probe that was
//! superseded still closes the circuit when it succeeds: a CRM may be slow and well.

use std::time::Duration;

use tokio::time::Instant;

use super::window::Window;

/// When the circuit opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BreakerSettings {
    /// So many failures in a row open it.
    pub failures: u32,
    /// So many failures in a hundred calls open it too.
    pub failure_percent: u32,
    /// So many calls are needed to speak of a share.
    pub min_calls: u32,
    /// The time within which they are counted.
    pub window: Duration,
    /// How long no call is let through, and how long a probe keeps others from being one.
    pub open_for: Duration,
}

impl Default for BreakerSettings {
    /// Opens when a CRM is down, not for a bad minute; and asks it again after four seconds at most
    /// once it is well, since a probe takes up to `open_for` as well.
    fn default() -> Self {
        Self {
            failures: 5,
            failure_percent: 50,
            min_calls: 10,
            window: Duration::from_secs(30),
            open_for: Duration::from_secs(2),
        }
    }
}

/// The state of a circuit by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// All calls pass.
    Closed,
    /// One call passes, to see whether the CRM is well.
    HalfOpen,
    /// No call passes.
    Open,
}

impl Phase {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// What a call says of the CRM's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It answered, if only to refuse.
    Well,
    /// It failed or was silent.
    Ill,
    /// It answers 429: no failure, and no recovery.
    Throttled,
    /// It was not asked, or the call was given up before its time.
    Unknown,
}

/// The right to make a call, to be given back with a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass {
    era: u64,
    /// The number of the probe, if it is one.
    probe: Option<u64>,
}

/// A circuit.
#[derive(Debug)]
pub(super) struct Circuit {
    settings: BreakerSettings,
    state: State,
    /// Counts openings and closings. What a call of an earlier era says is out of date.
    era: u64,
    /// The number of the latest probe.
    probes: u64,
}

#[derive(Debug)]
enum State {
    Closed { in_a_row: u32, window: Window },
    Open { until: Instant },
    HalfOpen { probe: Option<Probe> },
}

#[derive(Debug)]
struct Probe {
    number: u64,
    /// When another call may take its place.
    lapses: Instant,
}

impl Circuit {
    /// A closed circuit.
    pub(super) fn new(settings: BreakerSettings) -> Self {
        Self {
            state: State::closed(&settings),
            settings,
            era: 0,
            probes: 0,
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.state {
            State::Closed { .. } => Phase::Closed,
            State::HalfOpen { .. } => Phase::HalfOpen,
            State::Open { .. } => Phase::Open,
        }
    }

    /// Lets a call pass, or says how long none will.
    pub(super) fn admit(&mut self, now: Instant) -> Result<Pass, Duration> {
        let closed_until = match &self.state {
            State::Closed { .. } => {
                let (era, probe) = (self.era, None);
                return Ok(Pass { era, probe });
            }
            State::Open { until } => Some(*until),
            State::HalfOpen { probe } => probe.as_ref().map(|probe| probe.lapses),
        };
        if let Some(until) = closed_until.filter(|until| *until > now) {
            return Err(until - now);
        }
        self.probes += 1;
        let number = self.probes;
        let lapses = now + self.settings.open_for;
        let probe = Some(Probe { number, lapses });
        self.state = State::HalfOpen { probe };
        Ok(Pass {
            era: self.era,
            probe: Some(number),
        })
    }

    /// Takes a pass back.
    pub(super) fn report(&mut self, pass: Pass, verdict: Verdict, now: Instant) {
        if pass.era != self.era {
            return;
        }
        match &mut self.state {
            State::Closed { in_a_row, window } => {
                let is_failure = match verdict {
                    Verdict::Well => false,
                    Verdict::Ill => true,
                    Verdict::Throttled | Verdict::Unknown => return,
                };
                window.record(is_failure, now);
                *in_a_row = if is_failure { *in_a_row + 1 } else { 0 };
                if is_failure && self.settings.are_too_many(*in_a_row, window.counts()) {
                    self.era += 1;
                    self.open(now);
                }
            }
            // In the same era, so the pass is that of a probe.
            State::Open { .. } | State::HalfOpen { .. } if verdict == Verdict::Well => {
                self.era += 1;
                self.state = State::closed(&self.settings);
            }
            State::HalfOpen { probe } => {
                let current = probe.as_ref().map(|probe| probe.number);
                if current == pass.probe {
                    match verdict {
                        Verdict::Unknown => *probe = None,
                        _ => self.open(now),
                    }
                }
            }
            State::Open { .. } => {}
        }
    }

    fn open(&mut self, now: Instant) {
        let until = now + self.settings.open_for;
        self.state = State::Open { until };
    }
}

impl State {
    fn closed(settings: &BreakerSettings) -> Self {
        Self::Closed {
            in_a_row: 0,
            window: Window::of(settings.window),
        }
    }
}

impl BreakerSettings {
    fn are_too_many(&self, in_a_row: u32, (calls, failures): (u32, u32)) -> bool {
        let share = u64::from(self.failure_percent) * u64::from(calls);
        in_a_row >= self.failures || (calls >= self.min_calls && 100 * u64::from(failures) >= share)
    }
}

#[cfg(test)]
mod tests;
