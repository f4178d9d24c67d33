//! The inputs of a workflow, from the command line or a file.

use std::{fs, io, path::Path};

use serde_json::{Map, Value};

use crate::extract::inputs_of;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// Reads `key=value`. The value may be empty, and may hold more signs of equality.
pub(super) fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("it has to be KEY=VALUE"),
    }
}

/// Reads the inputs in a file.
///
/// # Errors
/// A sentence that names the file, but quotes nothing of it.
pub(super) fn read(path: &Path) -> Result<Map<String, Value>, String> {
    let text = if path.as_os_str() == STANDARD_INPUT {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(path)
    };
    let text = text.map_err(|error| error.to_string());
    let inputs = text.and_then(|text| parse(&text));
    inputs.map_err(|reason| format!("{}: {reason}", path.display()))
}

/// Reads the body of a request, or only its inputs.
fn parse(text: &str) -> Result<Map<String, Value>, String> {
    let body: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("it is not JSON: line {line} column {column}")
    })?;
    match body {
        Value::Object(fields) if !fields.keys().any(|key| key.eq_ignore_ascii_case("inputs")) => {
            Ok(fields)
        }
        body @ Value::Object(_) => {
            inputs_of(body).map_err(|_| "its key \"inputs\" has to be an object".to_owned())
        }
        _ => Err("it has to be a JSON object".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_input_is_split_at_its_first_sign_of_equality() {
        let read = |text| pair(text).ok();
        let is = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
        assert_eq!(read("note=a=b"), is("note", "a=b"));
        assert_eq!(read("endedTime="), is("endedTime", ""));
        for wrong in ["note", "=a", " =a", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_file_holds_the_body_or_only_the_inputs() {
        let inputs = json!({ "contactCrmId": "hubspot:51" });
        let body = json!({ "Inputs": inputs });
        for text in [inputs.to_string(), body.to_string()] {
            assert_eq!(parse(&text).map(Value::from), Ok(inputs.clone()));
        }
        assert_eq!(parse(r#"{"inputs": null}"#), Ok(Map::new()));
        assert_eq!(parse("{}"), Ok(Map::new()));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_without_quoting_it() {
        let errors = ["", "{\"Mia\": Keller}", "[]", "{\"inputs\": [\"Mia\"]}"].map(|text| {
            let error = parse(text).unwrap_err();
            assert!(
                !error.contains("Mia") && !error.contains("Keller"),
                "{error}"
            );
            error
        });
        insta::assert_snapshot!(errors.join("\n"), @r#"
        it is not JSON: line 1 column 0
        it is not JSON: line 1 column 9
        it has to be a JSON object
        its key "inputs" has to be an object
        "#);
    }
}
