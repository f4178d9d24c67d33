//! `Server-Timing` (W3C): what became of each adapter's part of a lookup.

use whocalls_engine::SourceOutcome;

/// Room for one adapter.
const USUAL_BYTES: usize = 48;

/// One entry for each adapter: `sugar;dur=43.1;desc="ok"`. A cached answer has its age in seconds
/// too: `sugar;dur=0.1;desc="cached";age=42`.
pub(super) fn timing(sources: &[SourceOutcome]) -> String {
    let mut text = String::with_capacity(USUAL_BYTES * sources.len());
    // Piece by piece and in whole numbers: Rust's formatting takes five times as long.
    let mut number = itoa::Buffer::new();
    for source in sources {
        if !text.is_empty() {
            text.push_str(", ");
        }
        let tenths = (source.elapsed.as_micros() + 50) / 100;
        text.push_str(source.adapter.as_str());
        text.push_str(";dur=");
        text.push_str(number.format(tenths / 10));
        text.push('.');
        text.push_str(number.format(tenths % 10));
        text.push_str(";desc=\"");
        text.push_str(source.label());
        text.push('"');
        if let Some(age) = source.age() {
            text.push_str(";age=");
            text.push_str(number.format(age.as_secs()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use whocalls_core::{AdapterError, AdapterId, Freshness, LookupAnswer, Operation};
    use whocalls_engine::SourceStatus;

    use super::*;

    #[test]
    fn each_adapter_has_an_entry_with_its_time_and_a_cached_answer_its_age() {
        let outcome = |id: &str, elapsed, status| SourceOutcome {
            adapter: AdapterId::new(id).unwrap(),
            elapsed,
            status,
        };
        let cached = |seconds| {
            let age = Duration::from_secs(seconds);
            LookupAnswer::empty().with_freshness(Freshness::Cached { age })
        };
        let micros = Duration::from_micros;
        let failed = AdapterError::timeout(&AdapterId::new("erp").unwrap(), Operation::Lookup);
        let sources = [
            outcome("sugar", micros(49), SourceStatus::Answered(cached(42))),
            outcome(
                "book",
                micros(43_050),
                SourceStatus::Answered(LookupAnswer::empty()),
            ),
            outcome("erp", micros(1_000_950), SourceStatus::Failed(failed)),
            outcome("hubspot", micros(0), SourceStatus::Skipped),
        ];
        assert_eq!(
            timing(&sources),
            "sugar;dur=0.0;desc=\"cached\";age=42, book;dur=43.1;desc=\"empty\", \
             erp;dur=1001.0;desc=\"timeout\", hubspot;dur=0.0;desc=\"skipped\""
        );
        assert_eq!(timing(&[]), "");
    }
}
