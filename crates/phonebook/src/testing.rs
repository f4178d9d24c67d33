//! What the unit tests of several modules share.

use serde_json::Value;
use whocalls_core::{AdapterId, Caller, ContactRecord, MatchRules, NumberPlan, NumberQuery};

use crate::{
    book::Book,
    load::{self, ContactFile, LoadError},
};

/// The adapter that all records come from.
pub(crate) fn adapter() -> AdapterId {
    AdapterId::new("book").unwrap()
}

/// The plan that all numbers are read with.
pub(crate) fn plan() -> NumberPlan {
    NumberPlan::new("CH").unwrap()
}

/// Reads contents as those of a file named `name`, with more settings.
pub(crate) fn read_as(
    name: &str,
    mut settings: Value,
    contents: impl Into<Vec<u8>>,
) -> Result<Book, LoadError> {
    settings["file"] = name.into();
    let file = ContactFile {
        adapter: adapter(),
        path: name.into(),
        settings: serde_json::from_value(settings).unwrap(),
        plan: plan(),
    };
    load::read(contents.into(), &file)
}

/// Every contact of a book, in the order of the file.
pub(crate) fn records(book: &Book) -> Vec<ContactRecord> {
    let positions = 0..book.contacts();
    positions
        .filter_map(|position| book.record(position, &adapter()))
        .collect()
}

/// The names of the contacts that may own a number.
pub(crate) fn candidates(book: &Book, number: &str) -> Vec<String> {
    let (query, adapter) = (query(number), adapter());
    let records = book.candidates(&query, MatchRules::default(), &adapter);
    records.map(|record| record.name).collect()
}

/// A query for up to five contacts.
pub(crate) fn query(number: &str) -> NumberQuery {
    let Caller::Number(number) = plan().classify(number) else {
        panic!("not a number: {number}");
    };
    NumberQuery {
        number,
        max_records: 5.try_into().unwrap(),
        explain: false,
    }
}
