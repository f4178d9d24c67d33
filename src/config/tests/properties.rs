//! What holds for every text.

use proptest::prelude::*;

use super::{super::repair::repair, *};

/// Pieces of TOML and of this configuration, so that random texts get deep into loading.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[gateway]\n"),
        Just("[[gateway.tokens]]\n"),
        Just("[adapters.a]\n"),
        Just("[adapters.a.settings]\n"),
        Just("[users]\n"),
        Just("kind = \"rest\"\n"),
        Just("kind = \"sugar\"\n"),
        Just("lookup = [{ path = \"/\" }, "),
        Just("password = { value = \"hunter2\" }\n"),
        Just("token"),
        Just("timeout_ms = "),
        Just("5\n"),
        Just("\"é"),
        Just("\""),
        Just("'''"),
        Just("\"\"\""),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just("="),
        Just(","),
        Just("."),
        Just("\n"),
        Just("\r\n"),
        Just("#"),
        Just("\u{0}"),
        Just("1979-05-27T07:32:00Z\n"),
        Just("nan\n"),
        Just("enabled = false\n"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_loading_or_rendering_panic(text in prop_oneof![pieces(), any::<String>()]) {
        match load_with(&text, &[("WHOCALLS__GATEWAY__MAX_RESULTS", &text.replace('\0', ""))]) {
            Ok(loaded) => drop(loaded.warnings.render(true)),
            Err(report) => {
                prop_assert!(report.count(Severity::Error) > 0);
                prop_assert!(!report.render(false).contains("hunter2"));
                prop_assert!(report.to_json().is_array());
            }
        }
    }

    #[test]
    fn repairing_keeps_every_byte_in_its_place_and_ends_without_errors(text in pieces()) {
        let repaired = repair(&text);
        prop_assert_eq!(repaired.text.len(), text.len());
        prop_assert!(toml::de::DeTable::parse(&repaired.text).is_ok());
        for (before, after) in text.bytes().zip(repaired.text.bytes()) {
            prop_assert!(before == after || after == b' ');
        }
    }
}
