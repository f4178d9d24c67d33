//! Time formats of .NET as strftime directives.

/// The directives for a format such as `yyyy-MM-ddTHH:mm:ssZ`.
///
/// # Errors
/// A sentence about a part that has no counterpart.
pub(super) fn strftime(format: &str) -> Result<String, String> {
    if let Some(directives) = standard(format) {
        return Ok(directives.to_owned());
    }
    let mut directives = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest
            .strip_prefix(".000")
            .or_else(|| rest.strip_prefix(".fff"))
        {
            // Times of calls are whole seconds.
            directives.push_str(".000");
            rest = after;
            continue;
        }
        let count = rest.chars().take_while(|other| *other == c).count();
        let mut after = rest.get(count * c.len_utf8()..).unwrap_or_default();
        match c {
            '\'' | '"' => {
                let inner = rest.get(1..).unwrap_or_default();
                let (text, behind) = inner.split_once(c).unwrap_or((inner, ""));
                directives.push_str(&literal(text));
                after = behind;
            }
            '\\' => {
                let mut chars = rest.chars();
                chars.next();
                directives.extend(chars.next().map(|c| literal(&c.to_string())));
                after = chars.as_str();
            }
            c if c.is_ascii_alphabetic() => directives.push_str(directive(c, count)?),
            c => directives.push_str(&literal(&c.to_string().repeat(count))),
        }
        rest = after;
    }
    Ok(directives)
}

fn literal(text: &str) -> String {
    text.replace('%', "%%")
}

/// The formats of one letter that do not depend on a language.
fn standard(format: &str) -> Option<&'static str> {
    Some(match format {
        "s" => "%Y-%m-%dT%H:%M:%S",
        "u" => "%Y-%m-%d %H:%M:%SZ",
        "o" | "O" => "%Y-%m-%dT%H:%M:%S%:z",
        _ => return None,
    })
}

fn directive(letter: char, count: usize) -> Result<&'static str, String> {
    Ok(match (letter, count) {
        ('y', 1 | 2) => "%y",
        ('y', _) => "%Y",
        ('M', 1) => "%-m",
        ('M', 2) => "%m",
        ('M', 3) => "%b",
        ('M', _) => "%B",
        ('d', 1) => "%-d",
        ('d', 2) => "%d",
        ('d', 3) => "%a",
        ('d', _) => "%A",
        ('H', 1) => "%-H",
        ('H', _) => "%H",
        ('h', 1) => "%-I",
        ('h', _) => "%I",
        ('m', 1) => "%-M",
        ('m', _) => "%M",
        ('s', 1) => "%-S",
        ('s', _) => "%S",
        ('t', _) => "%p",
        ('T', 1) => "T",
        ('Z', 1) => "Z",
        // Yeastar writes `Zz` for the letter of UTC.
        ('z', 1) => "",
        ('z', 2) => "%z",
        ('z', _) | ('K', 1) => "%:z",
        ('f' | 'F', count) => match count {
            1 => "0",
            2 => "00",
            3 => "000",
            _ => "000000",
        },
        _ => {
            return Err(format!(
                "the time format letter `{letter}` has no counterpart"
            ));
        }
    })
}
