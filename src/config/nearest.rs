//! The known name that somebody probably meant.

/// The name nearest to `wanted`, if it is near enough to be a slip of the finger.
///
/// Distance: Damerau-Levenshtein (optimal string alignment), without regard to letter case; at most
/// a third of the letters, but always one, may differ.
pub(super) fn nearest<'n>(
    wanted: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let wanted = wanted.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// What to say about a name that does not exist: `; did you mean X?`, else what exists.
pub(super) fn hint(wanted: &str, known: &[&str], quote: fn(&str) -> String) -> String {
    match nearest(wanted, known.iter().copied()) {
        Some(name) => format!("; did you mean {}?", quote(name)),
        None => format!("; {}", choices(known, quote)),
    }
}

/// What to say of a name that is none of `known`.
pub(super) fn no_such(what: &str, name: &str, known: &[&str]) -> String {
    let hint = hint(name, known, ticked);
    format!("there is no {what} {}{hint}", ticked(name))
}

/// `allowed: a, b, c`.
pub(super) fn choices(known: &[&str], quote: fn(&str) -> String) -> String {
    if known.is_empty() {
        return "there is none to choose from".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| quote(name)).collect();
    format!("allowed: {}", names.join(", "))
}

/// A name as it stands in running text.
pub(super) fn ticked(name: &str) -> String {
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let known = ["listen", "root_path", "request_timeout_ms", "kind"];
        for (wanted, expected) in [
            ("lisen", Some("listen")),
            ("LISTEN", Some("listen")),
            ("reqest_timeout", Some("request_timeout_ms")),
            ("knid", Some("kind")),
            ("password", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, known), expected, "{wanted}");
        }
        assert_eq!(hint("knid", &known, ticked), "; did you mean `kind`?");
        assert_eq!(hint("x", &["a1", "b2"], ticked), "; allowed: `a1`, `b2`");
        assert_eq!(hint("x", &[], ticked), "; there is none to choose from");
    }
}
