//! How a call went, as far as its times tell.

use jiff::Timestamp;
use whocalls_core::{CallDetails, Direction};

/// How a call went. A closed set, known to templates by [`as_str`](Self::as_str).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Somebody answered, and it is over.
    Answered,
    /// Incoming, over, nobody answered.
    Missed,
    /// Aborted before anybody answered: an incoming call was declined, any other one broken off.
    Declined,
    /// Outgoing or of unknown direction, over, nobody answered.
    Unanswered,
    /// Not answered yet.
    Ringing,
    /// Answered, not over yet.
    Active,
    /// No time was sent.
    Unknown,
}

impl Outcome {
    pub(crate) fn of(call: &CallDetails) -> Self {
        let is_incoming = call.direction == Some(Direction::Incoming);
        let (started, ended) = (call.started_at, call.ended_at);
        match (call.answered_at, call.declined_at, ended, started) {
            (Some(_), _, Some(_), _) => Self::Answered,
            (Some(_), _, None, _) => Self::Active,
            (None, Some(_), ..) => Self::Declined,
            (None, None, Some(_), _) if is_incoming => Self::Missed,
            (None, None, Some(_), _) => Self::Unanswered,
            (None, None, None, Some(_)) => Self::Ringing,
            (None, None, None, None) => Self::Unknown,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Declined => "declined",
            Self::Unanswered => "unanswered",
            Self::Ringing => "ringing",
            Self::Active => "active",
            Self::Unknown => "unknown",
        }
    }
}

/// Seconds that the parties talked: zero when nobody answered, `None` while the call lasts and when
/// the clocks disagree.
pub(crate) fn talk_seconds(call: &CallDetails) -> Option<u64> {
    match Outcome::of(call) {
        Outcome::Answered => seconds(call.answered_at, call.ended_at),
        Outcome::Missed | Outcome::Declined | Outcome::Unanswered => Some(0),
        Outcome::Ringing | Outcome::Active | Outcome::Unknown => None,
    }
}

/// Seconds from the start until somebody answered, declined or gave up; `None` when that is not
/// known, and when the clocks disagree.
pub(crate) fn ring_seconds(call: &CallDetails) -> Option<u64> {
    let until = call.answered_at.or(call.declined_at).or(call.ended_at);
    seconds(call.started_at, until)
}

fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<u64> {
    to?.duration_since(from?).as_secs().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    #[test]
    fn the_times_tell_the_outcome() {
        let incoming = Some(Direction::Incoming);
        let outgoing = Some(Direction::Outgoing);
        for (direction, [started, answered, declined, ended], outcome) in [
            (incoming, [at(1), at(2), None, at(3)], "answered"),
            (incoming, [None, at(2), None, at(3)], "answered"),
            (incoming, [at(1), at(2), at(3), at(3)], "answered"),
            (incoming, [at(1), at(2), None, None], "active"),
            (incoming, [at(1), None, at(3), at(3)], "declined"),
            (outgoing, [at(1), None, at(3), None], "declined"),
            (incoming, [at(1), None, None, at(3)], "missed"),
            (outgoing, [at(1), None, None, at(3)], "unanswered"),
            (None, [at(1), None, None, at(3)], "unanswered"),
            (None, [at(1), None, None, None], "ringing"),
            (None, [None; 4], "unknown"),
        ] {
            let call = CallDetails {
                direction,
                started_at: started,
                answered_at: answered,
                declined_at: declined,
                ended_at: ended,
                ..CallDetails::default()
            };
            assert_eq!(Outcome::of(&call).as_str(), outcome, "{call:?}");
        }
    }

    #[test]
    fn seconds_are_told_only_where_they_are_known() {
        for ([started, answered, declined, ended], ring, talk) in [
            ([at(0), at(8), None, at(98)], Some(8), Some(90)),
            ([at(0), at(8), None, None], Some(8), None),
            ([None, at(8), None, at(8)], None, Some(0)),
            ([at(0), None, None, at(25)], Some(25), Some(0)),
            ([at(0), None, at(5), at(25)], Some(5), Some(0)),
            ([at(9), at(8), None, at(7)], None, None),
            ([at(0), None, None, None], None, None),
        ] {
            let call = CallDetails {
                started_at: started,
                answered_at: answered,
                declined_at: declined,
                ended_at: ended,
                ..CallDetails::default()
            };
            let told = (ring_seconds(&call), talk_seconds(&call));
            assert_eq!(told, (ring, talk), "{call:?}");
        }
    }
}
