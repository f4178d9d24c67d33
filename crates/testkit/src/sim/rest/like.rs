//! SQL's `LIKE`: `%` stands for any characters, `_` for one, everything else for itself.

/// Whether the whole text fits the pattern.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reachable[i]: the pattern read so far fits the first i characters of the text.
    let mut reachable = vec![false; text.len() + 1];
    if let Some(start) = reachable.first_mut() {
        *start = true;
    }
    for wanted in pattern.chars() {
        if wanted == '%' {
            let mut seen = false;
            for place in &mut reachable {
                seen |= *place;
                *place = seen;
            }
        } else {
            let fits = text.iter().map(|c| wanted == '_' || *c == wanted);
            let next = reachable
                .iter()
                .zip(fits)
                .map(|(before, fits)| *before && fits);
            reachable = std::iter::once(false).chain(next).collect();
        }
    }
    reachable.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_stand_for_characters() {
        for (text, pattern, expected) in [
            ("079 123", "079 123", true),
            ("079 123", "079", false),
            ("079 123", "%79%1%2%3%", true),
            ("079 123 ext. 4", "%79%1%2%3", false),
            ("079 123 ext. 4", "%79%1%2%3%", true),
            ("079", "_79", true),
            ("079", "__79", false),
            ("079", "%%0%%79%%", true),
            ("", "%", true),
            ("", "", true),
            ("", "_", false),
            ("a", "", false),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
    }
}
