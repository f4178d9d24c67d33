//! What the tests and the measuring example share: a place to build in, and contact files of any
//! size.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "belongs to tests and to a tool that may stop"
)]

use std::{fmt::Write, fs, path::Path, sync::Arc, time::Duration};

use serde_json::Value;
use whocalls_core::{
    AdapterId, BuildContext, CallContext, Caller, ContactQuery, CrmAdapter, NumberPlan,
    NumberQuery, RequestId,
};

/// The numbering plan of all tests.
pub(crate) fn plan() -> NumberPlan {
    NumberPlan::new("CH").unwrap()
}

/// An adapter with these settings; relative paths start at `base_dir`.
pub(crate) fn adapter(base_dir: &Path, settings: Value) -> Arc<dyn CrmAdapter> {
    let place = BuildContext {
        id: AdapterId::new("book").unwrap(),
        crm_name: "Phone book".to_owned(),
        crm_logo: None,
        number_plan: plan(),
        base_dir: base_dir.to_owned(),
    };
    (whocalls_phonebook::factory().build)(place, settings).unwrap()
}

/// A call with so much time.
pub(crate) fn within(budget: Duration) -> CallContext {
    CallContext::within(budget, RequestId::new("test"))
}

/// A query for up to `max` contacts.
pub(crate) fn query(number: &str, max: usize) -> ContactQuery {
    let Caller::Number(number) = plan().classify(number) else {
        panic!("not a number: {number}");
    };
    let max_records = max.try_into().unwrap();
    NumberQuery {
        number,
        max_records,
        explain: false,
    }
    .into()
}

/// The two numbers of the contact at a position, in the form that is asked for.
pub(crate) fn numbers_of(position: usize) -> [String; 2] {
    // Scattered, and each but once: both factors are coprime to the range.
    let scattered = |factor: usize| 2_000_000 + position * factor % 7_999_999;
    [
        format!("4144{}", scattered(6007)),
        format!("4179{}", scattered(7919)),
    ]
}

/// Writes a table of contacts with two numbers each, in all the usual spellings.
pub(crate) fn write_contacts(path: &Path, count: usize) {
    let mut table = String::from("Vorname;Nachname;Firma;Telefon;Mobile;E-Mail;Ort\n");
    for position in 0..count {
        let [direct, mobile] = numbers_of(position);
        let (direct, mobile) = (spelled(&direct, position), spelled(&mobile, position / 7));
        writeln!(
            table,
            "Vorname{position};Nachname{};Firma {} AG;{direct};{mobile};person{position}@example.ch;Musterort",
            position % 977,
            position / 20,
        )
        .unwrap();
    }
    fs::write(path, table).unwrap();
}

/// A Swiss number in one of the spellings that CRMs hold.
fn spelled(number: &str, spelling: usize) -> String {
    let part = |from: usize, to: usize| number.get(from..to).unwrap();
    let (area, a, b, c) = (part(2, 4), part(4, 7), part(7, 9), part(9, 11));
    match spelling % 8 {
        0 => format!("+41 {area} {a} {b} {c}"),
        1 => format!("0{area} {a} {b} {c}"),
        2 => format!("0041{area}{a}{b}{c}"),
        3 => format!("+41 (0){area} {a} {b} {c}"),
        4 => format!("0{area}/{a}.{b}.{c}"),
        5 => format!("+41{area}{a}{b}{c}"),
        6 => format!("0{area} {a} {b} {c} ext. 12"),
        _ => format!("0{area}{a}{b}{c}"),
    }
}
