use std::io::Write;

use super::*;

const HEAD: &str = "id,subject,text\n";

fn look(contents: &str, id: &str) -> (Option<String>, End) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(contents.as_bytes()).unwrap();
    let layout = Layout::of_line(contents.lines().next().unwrap().as_bytes()).unwrap();
    let survey = survey(&mut file, &layout, Some(id)).unwrap();
    let found = survey.found.map(|(range, _)| {
        let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
        contents.get(start..end).unwrap().to_owned()
    });
    (found, survey.end)
}

#[test]
fn a_row_is_found_with_its_whole_line() {
    for (contents, id, found) in [
        ("id,a\n1,x\n2,y\n", "1", Some("1,x\n")),
        ("id,a\n1,x\n2,y\n", "2", Some("2,y\n")),
        ("id,a\r\n1,x\r\n2,y\r\n", "1", Some("1,x\r\n")),
        ("id,a\r\n1,x\r\n2,y\r\n", "2", Some("2,y\r\n")),
        ("id,a\n\n1,\"x\ny\"\n\n2,y\n", "1", Some("1,\"x\ny\"\n")),
        ("id,a\n1,x\n\n\n2,y", "2", Some("2,y")),
        ("id,a\n1,x\n1,y\n", "1", Some("1,x\n")),
        ("id,a\n1,x\n", "3", None),
        ("id,a\n1,x\n", "id", None),
        ("id,a\n", "1", None),
    ] {
        let (range, _) = look(contents, id);
        assert_eq!(range.as_deref(), found, "{contents:?}");
    }
}

#[test]
fn a_whole_end_is_told_from_a_torn_one() {
    let open = |rest: &str| End::Open(rest.as_bytes().to_vec());
    let scrap = End::Scrap(HEAD.len() as u64);
    for (tail, end) in [
        ("", End::Whole),
        ("1,a,b\n", End::Whole),
        ("1,a,b\r\n", End::Whole),
        ("1,a,\"b\nc\"\n", End::Whole),
        ("1,5\" pipe,b\n2,a,b\n", End::Whole),
        ("1,a,b", open("\n")),
        ("1,a", open(",\n")),
        ("1,", open(",\n")),
        ("1,a,\"b", open("\"\n")),
        ("1,a,\"b\n", open("\"\n")),
        ("1,\"a", open("\",\n")),
        ("1,a,\"b \"\"c", open("\"\n")),
        ("1,a,\"b \"\"c\"", open("\n")),
        ("0199c0f0", scrap),
    ] {
        assert_eq!(look(&format!("{HEAD}{tail}"), "-").1, end, "{tail:?}");
        let more = format!("{HEAD}0,x,y\n{tail}");
        let found = look(&more, "-").1;
        assert_eq!(
            std::mem::discriminant(&found),
            std::mem::discriminant(&end),
            "{tail:?}"
        );
    }
}

#[test]
fn a_first_line_without_an_end_gets_one() {
    assert_eq!(look("id;note", "-").1, End::Open(b"\n".to_vec()));
}

#[test]
fn a_long_note_of_one_cell_is_no_scrap() {
    let note = "x".repeat(70);
    assert_eq!(
        look(&format!("{HEAD}{note}"), "-").1,
        End::Open(b",,\n".to_vec())
    );
}
