//! The names of variables in a template, and what is wrong with them.

use minijinja::Value;

use crate::variables::names_in;

/// Holds what a request brings along, so nothing is known of its parts.
const EXTRA: &str = "extra";

/// Whether the name stands for inputs that no sample has.
pub(crate) fn is_extra(name: &str) -> bool {
    name.split('.').next() == Some(EXTRA)
}

/// Why a name such as `caller.name` is wrong, and what would be right; `None` when it is right.
/// `sample` has every variable.
pub(crate) fn mistake(name: &str, sample: &Value) -> Option<String> {
    if is_extra(name) {
        return None;
    }
    let mut value = sample.clone();
    let mut place = Vec::new();
    for part in name.split('.') {
        let next = value.get_attr(part).unwrap_or_default();
        if next.is_undefined() {
            return Some(told(&place.join("."), part, &names_in(&value)));
        }
        place.push(part);
        value = next;
    }
    None
}

fn told(place: &str, part: &str, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let listed = names.join(", ");
    match (place, listed.as_str()) {
        ("", _) => format!("there is no variable `{part}`; there are {listed}"),
        (_, "") => format!("`{place}` has no parts"),
        _ => format!("`{place}` has no `{part}`; it has {listed}"),
    }
}

/// The line, from 1, in which a name is used first. The template engine does not tell it, so it is
/// searched as a word; none when it is spelt in another way, such as `caller["name"]`.
pub(crate) fn first_line(name: &str, source: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_word = |line: &str| {
        line.match_indices(name).any(|(start, _)| {
            let (before, rest) = line.split_at_checked(start).unwrap_or_default();
            let after = rest.strip_prefix(name).unwrap_or_default();
            !before.ends_with(is_part) && !after.starts_with(is_part)
        })
    };
    Some(source.lines().position(is_word)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_word() {
        for (name, source, line) in [
            ("x", "text\nx_y\n{{x}}", Some(3)),
            ("a.b", "a\n{{ a.bc }}\n{{ a.b|upper }}", Some(3)),
            ("ä", "Bär\n{{ ä }}", Some(2)),
            ("a.b", "{{ a['b'] }}", None),
        ] {
            assert_eq!(first_line(name, source), line, "{name}");
        }
    }
}
