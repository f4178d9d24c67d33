use whocalls_core::WorkflowRequest;

use super::*;
use crate::testing::plan;

fn row(id: &str, subject: &str) -> Row {
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        idempotency_key: id.to_owned(),
        subject: subject.to_owned(),
        ..WorkflowRequest::default()
    };
    Row::of(&request, &plan())
}

fn line(head: &str, row: &Row, before: Option<&ByteRecord>) -> String {
    let layout = Layout::of_line(head.as_bytes()).unwrap();
    String::from_utf8(layout.row(row, before)).unwrap()
}

#[test]
fn a_new_log_starts_with_all_titles() {
    let head = String::from_utf8(Layout::standard(b';').head()).unwrap();
    let titles = head.strip_prefix('\u{feff}').unwrap();
    assert_eq!(titles, TITLES.join(";") + "\n");
    let layout = Layout::of_line(head.as_bytes()).unwrap();
    assert_eq!((layout.delimiter, layout.width()), (b';', TITLES.len()));
}

#[test]
fn rows_follow_the_titles_that_the_log_has() {
    let row = row("k-1", "a;b \"c\"");
    for (head, expected) in [
        ("id,subject\n", "k-1,\"a;b \"\"c\"\"\"\n"),
        ("subject;id\r\n", "\"a;b \"\"c\"\"\";k-1\n"),
        (
            "\u{feff}\"ID\"\tNote\tsubject",
            "k-1\t\t\"a;b \"\"c\"\"\"\n",
        ),
        ("id", "k-1\n"),
    ] {
        assert_eq!(line(head, &row, None), expected, "{head:?}");
    }
}

#[test]
fn a_file_without_ids_is_no_log() {
    for head in ["Name,Phone\n", "\n", "identity,x\n", "\u{0}\u{ff}"] {
        let layout = Layout::of_line(head.as_bytes());
        assert!(matches!(layout, Err(Fault::NotALog)), "{head:?}");
    }
}

#[test]
fn what_people_added_to_a_row_stays() {
    let before = ByteRecord::from(vec!["k-1", "done", "old", "more"]);
    let line = line("id,Note,subject\n", &row("k-1", "new"), Some(&before));
    assert_eq!(line, "k-1,done,new\n");
}

#[test]
fn a_row_is_known_by_its_id_alone() {
    let layout = Layout::of_line(b"subject,id\n").unwrap();
    let cells = ByteRecord::from(vec!["k-2", " k-1 "]);
    assert!(layout.is_row_of(&cells, "k-1"));
    assert!(!layout.is_row_of(&cells, "k-2"));
    assert!(!layout.is_row_of(&ByteRecord::from(vec!["k-1"]), "k-1"));
    let marked = ByteRecord::from(vec!["", "'-k"]);
    assert!(layout.is_row_of(&marked, "-k"));
}
