//! Tables in tests, written as tables; above all those of what a CRM's refusals become.

use whocalls_core::{AdapterError, ErrorKind};

/// What a failure means to the gateway, as three cells: the kind, whether a call is retried after
/// it, whether the circuit breaker counts it. The latter two are `yes` or `no`.
pub type Meaning = [&'static str; 3];

/// Checks what a failure means, and that its sentence contains `sentence`.
pub fn assert_failure(error: &AdapterError, meaning: Meaning, sentence: &str, row: &str) {
    let [kind, retried, counted] = meaning;
    assert_eq!(error.kind.as_str(), kind, "{row}: {error}");
    let is_retried = error.kind.is_transient();
    assert_eq!(is_retried, is_yes(retried), "{row}: {kind}, retried");
    let is_counted = error.kind.counts_against_breaker();
    assert_eq!(is_counted, is_yes(counted), "{row}: {kind}, breaker");
    assert!(error.message.contains(sentence), "{row}: {error}");
}

/// [`assert_failure`] for a write. Its sentence is that of a read, unless its outcome is unknown
/// and a read's is not: then it says what is unknown.
pub fn assert_failed_write(error: &AdapterError, meaning: Meaning, sentence: &str, row: &str) {
    let is_unknown = error.kind == ErrorKind::OutcomeUnknown;
    assert_failure(error, meaning, if is_unknown { "" } else { sentence }, row);
}

/// The cells of a table: a line a row, `|` between cells, `-` for an empty one. The first two lines
/// are the head and the rule below it; blank lines before them do not count.
pub fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.trim_start().lines().skip(2).map(|line| {
        let cells = line.split('|').map(str::trim);
        let cells: Vec<&str> = cells
            .map(|cell| if cell == "-" { "" } else { cell })
            .collect();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("a row with other than {N} cells: {line}"))
    })
}

/// The cell `yes` or `no`.
fn is_yes(cell: &str) -> bool {
    match cell {
        "yes" => true,
        "no" => false,
        other => panic!("neither yes nor no: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_trimmed_and_a_dash_is_an_empty_one() {
        let table = "\
status | label | retried
-------+-------+--------
503    | -     | yes
401    | x | y";
        let cells: Vec<[&str; 3]> = rows(table).collect();
        assert_eq!(cells, [["503", "", "yes"], ["401", "x", "y"]]);
        assert!(is_yes("yes") && !is_yes("no"));
    }

    #[test]
    #[should_panic(expected = "other than 3 cells")]
    fn a_row_that_lacks_a_cell_is_noticed() {
        assert_eq!(rows::<3>("a|b|c\n-\n1|2").count(), 1);
    }
}
