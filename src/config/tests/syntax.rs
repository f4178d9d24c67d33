//! Broken TOML: each error once, and the rest of the file is checked all the same.

use super::problems;

#[test]
fn each_syntax_error_is_reported_once_with_its_place() {
    let quoted = "string values must be quoted";
    let table: [(&str, &[&str]); 14] = [
        (
            "[merge]\nmode = \n[log]\n",
            &["2:8 string values must be quoted"],
        ),
        ("[merge]\nmode = person\n", &[&format!("2:8 {quoted}")]),
        (
            "[merge]\nmode = \"person\n",
            &["2:15 invalid basic string, expected `\"`"],
        ),
        (
            "[merge\nmode = \"x\"\n[log]\n",
            &["1:7 unclosed table, expected `]`"],
        ),
        (
            "[[gateway.tokens]\nname = 1\n",
            &["1:18 unclosed array table, expected `]`"],
        ),
        (
            "[merge] mode = 1\nmode = 2\n",
            &["1:9 unexpected key or value, expected newline, `#`"],
        ),
        ("[merge]\nmode\n", &["2:5 key with no value, expected `=`"]),
        (
            "[log]\nlevel = \"info\"\nlevel = \"warn\"\n",
            &["3:1 this is defined a second time; keep one of the two"],
        ),
        (
            "[log]\n[merge]\n[log]\nlevel = \"info\"\n",
            &["3:2 this is defined a second time; keep one of the two"],
        ),
        (
            "[gateway]\ncors_origins = [\"*\"\nmax_results = 5\n[log]\n",
            &["2:16 this array is never closed; a `]` is missing"],
        ),
        (
            "[gateway]\ncors_origins = [\n  \"*\"\n  \"*\",\n]\nmax_results = 5\n",
            &["4:3 missing comma between array elements, expected `,`"],
        ),
        (
            "[gateway]\nadmin_token = { env = \"X\"\nmax_results = 5\n[log]\n",
            &["2:15 this table is never closed; a `}` is missing"],
        ),
        (
            "[gateway]\nadmin_token = { env = \"X }\nmax_results = 5\n[log]\n",
            &["2:27 invalid basic string, expected `\"`"],
        ),
        (
            "[outbox]\npath = \"\"\"x\n[log]\nlevel = \"info\"\n",
            &["2:8 this text is never closed; three quotes are missing"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(problems(text), expected, "{text}");
    }
}

#[test]
fn what_follows_a_syntax_error_is_checked() {
    let text = "\
[gateway]
listen = 127.0.0.1:8080
max_results = 500
cors_origins = [\"*\"
root_path = \"crm\"
[adapters.book
kind = \"nothing\"
[log]
levle = \"info\"
[merge]
mode = \"persn
";
    let found = problems(text);
    let places: Vec<&str> = found
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        places,
        ["2:15", "3:15", "4:16", "5:13", "6:15", "9:1", "11:14"],
        "{found:#?}"
    );
}

#[test]
fn nothing_is_called_missing_where_it_may_have_been_unreadable() {
    let text = "\
[gateway]
listen = \"0.0.0.0:80\"
[[gateway.tokens]]
name = connector
[adapters.book]
kind = phonebook
[workflows.CallFlow]
adapters = [\"bok\"]
";
    assert_eq!(
        problems(text),
        [
            "4:8 string values must be quoted",
            "6:8 string values must be quoted"
        ]
    );
}

#[test]
fn numbers_that_nobody_can_store_are_reported() {
    assert_eq!(
        problems(
            "[gateway]\nmax_results = 99999999999999999999\nsettle_ms = inf\nrequest_timeout_ms = nan"
        ),
        [
            "2:15 gateway.max_results: this number is too large or not finite",
            "3:13 gateway.settle_ms: this number is too large or not finite",
            "4:22 gateway.request_timeout_ms: this number is too large or not finite",
        ]
    );
}

#[test]
fn text_that_is_no_toml_at_all_ends_the_search() {
    let found = problems(&"no toml\n".repeat(500));
    assert_eq!(found.len(), 50);
}
