//! The adapter as the gateway sees it, on real files.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod call_log;
mod support;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use support::{adapter, numbers_of, query, within, write_contacts};
use tempfile::TempDir;
use whocalls_core::{
    BuildContext, CallDetails, CrmAdapter, ErrorKind, MatchClass, WorkflowRequest,
};
use whocalls_testkit::contacts::{SPELLED, TWELVE_SPELLINGS};

/// Long enough for a slow machine.
const AMPLE: Duration = Duration::from_mins(1);

fn folder_with(name: &str, contents: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), contents).unwrap();
    folder
}

/// The names found for a number, with how they match.
async fn found(book: &dyn CrmAdapter, number: &str) -> Vec<(String, MatchClass)> {
    let answer = book
        .lookup(&within(AMPLE), &query(number, 20))
        .await
        .unwrap();
    let matches = answer.into_matches().into_iter();
    matches
        .map(|found| (found.record.name, found.class))
        .collect()
}

async fn names(book: &dyn CrmAdapter, number: &str) -> Vec<String> {
    found(book, number)
        .await
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

#[tokio::test]
async fn every_spelling_is_found() {
    let rows: Vec<String> = (0..)
        .zip(TWELVE_SPELLINGS)
        .map(|(position, spelling)| format!("Person {position},{spelling}"))
        .collect();
    let table = format!("Name,Phone\nOther,031 552 20 00\n{}\n", rows.join("\n"));
    let folder = folder_with("book.csv", table);
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    let expected: Vec<_> = (0..TWELVE_SPELLINGS.len())
        .map(|position| (format!("Person {position}"), MatchClass::Exact))
        .collect();
    assert_eq!(found(&*book, SPELLED).await, expected);
}

#[tokio::test]
async fn a_number_with_an_extension_is_found_behind_one_without() {
    let table = "Name,Phone\nA,021 552 20 00 ext. 12\nB,+41215522000 x34\nC,021 552 20 00 int. 7\nD,021 552 20 00 (privat)\n";
    let folder = folder_with("book.csv", table);
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    assert_eq!(names(&*book, SPELLED).await, ["D", "A", "B", "C"]);
}

#[tokio::test]
async fn a_record_says_where_it_is_from() {
    let folder = folder_with(
        "book.csv",
        "Id,Name,Firma,Tel\n7,Mia Keller,Muster AG,079 123 45 67\n",
    );
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    let answer = book
        .lookup(&within(AMPLE), &query("41791234567", 5))
        .await
        .unwrap();
    let record = &answer.matches()[0].record;
    assert_eq!((record.source.as_str(), record.id.as_str()), ("book", "7"));
    assert_eq!(answer.rejected(), 0);
    assert!(!answer.is_truncated());
}

#[tokio::test]
async fn no_more_records_are_given_than_asked_for() {
    let rows: Vec<String> = (0..30)
        .zip(TWELVE_SPELLINGS.iter().cycle())
        .map(|(position, spelling)| format!("P{position},{spelling}"))
        .collect();
    let folder = folder_with("book.csv", format!("Name,Tel\n{}\n", rows.join("\n")));
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    let answer = book
        .lookup(&within(AMPLE), &query(SPELLED, 5))
        .await
        .unwrap();
    assert_eq!((answer.matches().len(), answer.is_truncated()), (5, true));
    assert!(names(&*book, "41791234567").await.is_empty());
}

/// The sample has to answer the first try without a word of warning.
#[tokio::test]
async fn the_sample_file_is_clean_and_has_every_spelling() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("examples/contacts.csv")).unwrap();
    for spelling in TWELVE_SPELLINGS {
        assert!(text.contains(spelling), "{spelling}");
    }
    let settings = json!({ "file": "examples/contacts.csv", "custom_fields": { "Ort": "Ort" } });
    let book = adapter(&root, settings);
    let report = book.probe(&within(AMPLE)).await.unwrap();
    assert!(
        report.summary.starts_with("30 contacts with "),
        "{}",
        report.summary
    );
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let answer = book
        .lookup(&within(AMPLE), &query(SPELLED, 20))
        .await
        .unwrap();
    let found: Vec<_> = answer
        .matches()
        .iter()
        .flat_map(|found| &found.record.phones)
        .collect();
    for (number, name) in [
        ("41795550107", "Jürg Müller"),
        ("41335550109", "Beat von Grünigen"),
        ("41795550113", "Reto Keller \"Käru\""),
        ("41615550115", "Kevin Schaub"),
        ("4232345678", "Marlies Oehri"),
        ("493023125018", "Dörte Weiß"),
        ("390655500121", "Marco Esposito"),
        ("12025550123", "Jordan Rivera"),
        ("41785550129", "Tenzin Dorjee"),
        ("41800555130", "Gratisnummer Beispiel AG"),
    ] {
        assert_eq!(names(&*book, number).await, [name], "{number}");
    }
    for spelling in TWELVE_SPELLINGS {
        assert!(
            found.iter().any(|phone| phone.contains(spelling)),
            "{spelling}"
        );
    }
}

#[tokio::test]
async fn a_changed_file_is_read_again() {
    let folder = folder_with("book.csv", "Name,Tel\nMia,079 123 45 67\n");
    let file = folder.path().join("book.csv");
    let book = adapter(
        folder.path(),
        json!({ "file": "book.csv", "check_interval_ms": 0 }),
    );
    assert_eq!(names(&*book, "41791234567").await, ["Mia"]);
    fs::write(&file, "Name,Tel\nMia Keller,079 123 45 67\n").unwrap();
    let given_up = Instant::now() + AMPLE;
    while names(&*book, "41791234567").await == ["Mia"] && Instant::now() < given_up {
        tokio::task::yield_now().await;
    }
    assert_eq!(names(&*book, "41791234567").await, ["Mia Keller"]);

    // The file may be seen empty while it is written.
    fs::write(&file, "no table any more").unwrap();
    let expected = "the file has changed, but it has no column for phone numbers; name it in \
                    `columns.phone`; columns found: no table any more; \
                    answering from its contents of before";
    let mut warnings = Vec::new();
    while warnings != [expected] && Instant::now() < given_up {
        tokio::task::yield_now().await;
        warnings = book.probe(&within(AMPLE)).await.unwrap().warnings;
    }
    assert_eq!(warnings, [expected]);
    assert_eq!(names(&*book, "41791234567").await, ["Mia Keller"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_an_error_in_words() {
    let folder = folder_with("book.csv", "Name,Ort\nMia Keller,Bern\n");
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    let large = fs::File::create(folder.path().join("large.csv")).unwrap();
    large.set_len((1 << 30) + 1).unwrap();
    for (file, reason) in [
        (
            "missing.csv",
            "it cannot be read: No such file or directory",
        ),
        ("folder.csv", "it is not a regular file"),
        ("large.csv", "it is larger than 1024 MiB"),
        ("book.csv", "it has no column for phone numbers"),
    ] {
        let book = adapter(folder.path(), json!({ "file": file }));
        let errors = [
            book.probe(&within(AMPLE)).await.unwrap_err(),
            book.lookup(&within(AMPLE), &query(SPELLED, 5))
                .await
                .unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind, ErrorKind::Unavailable, "{file}");
            assert!(
                error.message.contains(file) && error.message.contains(reason),
                "{error}"
            );
            assert!(!error.to_string().contains("Mia"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_probe_tells_what_there_is_and_what_was_skipped() {
    let folder = folder_with(
        "book.csv",
        "Name,Tel,Mobile\nMia,079 123 45 67,044 555 01 23\nUeli,,\n",
    );
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    let report = book.probe(&within(AMPLE)).await.unwrap();
    let file = folder.path().join("book.csv");
    assert_eq!(
        report.summary,
        format!("1 contacts with 2 numbers from {}", file.display())
    );
    assert_eq!(
        report.warnings,
        ["skipped entries: 1 without a number; first lines: 3"]
    );
}

#[tokio::test]
async fn no_workflow_is_offered() {
    let folder = folder_with("book.csv", "Name,Tel\n");
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    assert!(book.info().capabilities.workflows.is_empty());
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: None,
        user: None,
        call: CallDetails::default(),
        idempotency_key: "1".to_owned(),
        extra: serde_json::Map::new(),
        ..WorkflowRequest::default()
    };
    let error = book
        .run_workflow(&within(AMPLE), &request)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[test]
fn the_example_fits_the_schema_and_builds() {
    let factory = whocalls_phonebook::factory();
    let example: toml::Table = factory.example_toml.parse().unwrap();
    let table = &example["adapters"]["phonebook"];
    assert_eq!(table["kind"].as_str(), Some(factory.kind));
    let settings: Value = serde_json::to_value(&table["settings"]).unwrap();
    let schema = serde_json::to_value((factory.settings_schema)()).unwrap();
    assert!(jsonschema::is_valid(&schema, &settings));
    assert!(!jsonschema::is_valid(
        &schema,
        &json!({ "file": "x", "colums": {} })
    ));
    assert!(!jsonschema::is_valid(&schema, &json!({})));
    adapter(Path::new("."), settings);
}

#[test]
fn every_problem_of_the_settings_is_reported() {
    let place = BuildContext {
        id: whocalls_core::AdapterId::new("book").unwrap(),
        crm_name: String::new(),
        crm_logo: None,
        number_plan: support::plan(),
        base_dir: ".".into(),
    };
    let settings = json!({ "file": "", "delimiter": "x" });
    let problems = (whocalls_phonebook::factory().build)(place, settings).unwrap_err();
    let paths: Vec<_> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(paths, ["file", "delimiter"]);
}

#[tokio::test]
async fn a_hundred_thousand_contacts_are_all_found() {
    const CONTACTS: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    write_contacts(&folder.path().join("book.csv"), CONTACTS);
    let book = adapter(folder.path(), json!({ "file": "book.csv" }));
    let report = book.probe(&within(AMPLE)).await.unwrap();
    assert!(
        report
            .summary
            .starts_with("100000 contacts with 200000 numbers")
    );
    for position in (0..CONTACTS).step_by(997) {
        for number in numbers_of(position) {
            let expected = format!("Vorname{position} Nachname{}", position % 977);
            assert_eq!(names(&*book, &number).await, [expected], "{number}");
        }
    }
}
