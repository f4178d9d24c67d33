use whocalls_core::WorkflowRequest;

use super::*;
use crate::testing::plan;

fn row(id: &str, text: &str) -> Row {
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        idempotency_key: id.to_owned(),
        subject: "A \"quoted\" subject".to_owned(),
        text: text.to_owned(),
        ..WorkflowRequest::default()
    };
    Row::of(&request, &plan())
}

fn append(path: &Path, row: &Row) {
    let mut log = LogFile::open(path).unwrap();
    log.append(row, b',', false).unwrap();
}

/// Id and text of every row, each as wide as the first.
fn rows(path: &Path) -> Vec<(String, String)> {
    let mut reader = csv::ReaderBuilder::new().from_path(path).unwrap();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cell = |at: usize| row.get(at).unwrap().to_owned();
        (cell(0), cell(row.len() - 1))
    });
    rows.collect()
}

fn pair(id: &str, text: &str) -> (String, String) {
    (id.to_owned(), text.to_owned())
}

/// Killed after any number of bytes: the next row stands by itself, and the interrupted delivery
/// finds its own row or none, and makes it whole.
#[test]
fn a_write_that_was_cut_anywhere_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    append(&path, &row("first", "one"));
    let before = fs::read(&path).unwrap();
    let torn = row("torn-row", "two, \"three\"\nfour");
    append(&path, &torn);
    let after = fs::read(&path).unwrap();
    for length in before.len()..=after.len() {
        fs::write(&path, &after[..length]).unwrap();
        append(&path, &row("next", "five"));
        let found = rows(&path);
        assert_eq!(found[0], pair("first", "one"), "{length}");
        assert_eq!(found.last(), Some(&pair("next", "five")), "{length}");

        let mut log = LogFile::open(&path).unwrap();
        if !log.replace("torn-row", &torn).unwrap() {
            log.append(&torn, b',', false).unwrap();
        }
        drop(log);
        let mut found = rows(&path);
        found.sort();
        let whole = pair("torn-row", "two, \"three\"\nfour");
        assert_eq!(
            found,
            [pair("first", "one"), pair("next", "five"), whole],
            "{length}"
        );
    }
}

#[test]
fn a_first_line_that_was_cut_anywhere_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    let head = Layout::standard(b',').head();
    for length in 0..head.len() {
        fs::write(&path, &head[..length]).unwrap();
        append(&path, &row("first", "one"));
        assert!(fs::read(&path).unwrap().starts_with(&head), "{length}");
        assert_eq!(rows(&path), [pair("first", "one")], "{length}");
    }
}

#[test]
fn a_rewritten_row_leaves_all_others_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    // As a spreadsheet saves it: another separator, other ends of line, another encoding.
    let others = (
        &b"id;text;Notiz\r\n0;x;\"f\xfcr  M\"\r\n"[..],
        &b"2;\"y\";\r\n"[..],
    );
    fs::write(&path, [others.0, b"1;old;wichtig\r\n", others.1].concat()).unwrap();
    let mut log = LogFile::open(&path).unwrap();
    assert!(log.replace("1", &row("1", "new")).unwrap());
    let expected = [others.0, b"1;new;wichtig\n", others.1].concat();
    assert_eq!(fs::read(&path).unwrap(), expected);
    assert!(!log.replace("9", &row("9", "x")).unwrap());
    // The log is the new file from now on.
    log.append(&row("3", "z"), b',', false).unwrap();
    assert_eq!(
        fs::read(&path).unwrap(),
        [&expected[..], b"3;z;\n"].concat()
    );
}

#[test]
fn only_one_writer_has_the_log_and_what_it_left_behind_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    append(&path, &row("1", "one"));
    let first = LogFile::open(&path).unwrap();
    assert!(matches!(LogFile::open(&path), Err(Fault::Locked)));
    assert!(matches!(LogFile::check(&path), Err(Fault::Locked)));
    drop(first);
    fs::write(folder.path().join("calls.csv.tmp"), "half a log").unwrap();
    let mut log = LogFile::open(&path).unwrap();
    assert!(log.replace("1", &row("1", "two")).unwrap());
    assert_eq!(rows(&path), [pair("1", "two")]);
    assert!(!folder.path().join("calls.csv.tmp").exists());
}

#[cfg(unix)]
#[test]
fn a_new_log_is_private_and_a_rewritten_one_keeps_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    append(&path, &row("1", "one"));
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.csv");
    symlink(&path, &link).unwrap();
    let mut log = LogFile::open(&link).unwrap();
    assert!(log.replace("1", &row("1", "two")).unwrap());
    assert_eq!(mode(&path), 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(rows(&path), [pair("1", "two")]);
}

#[test]
fn what_is_no_log_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let contacts = folder.path().join("contacts.csv");
    fs::write(&contacts, "Name,Phone\nMia,079 123 45 67\n").unwrap();
    let mut log = LogFile::open(&contacts).unwrap();
    assert!(matches!(
        log.append(&row("1", "x"), b',', false),
        Err(Fault::NotALog)
    ));
    assert!(matches!(
        log.replace("1", &row("1", "x")),
        Err(Fault::NotALog)
    ));
    drop(log);
    assert!(matches!(LogFile::check(&contacts), Err(Fault::NotALog)));
    assert!(fs::read_to_string(&contacts).unwrap().ends_with("67\n"));
    assert!(matches!(LogFile::open(folder.path()), Err(Fault::NotAFile)));
    let nowhere = folder.path().join("no/such/calls.csv");
    assert!(matches!(LogFile::open(&nowhere), Err(Fault::Refused(_))));
}
