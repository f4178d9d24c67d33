//! HTML entities in texts: several CRMs return them as they would stand in a page
//! (`O&#039;Neill`, `crm-apis.md` §7).

use std::borrow::Cow;

/// The longest entity that is looked for, from `&` to `;`. All of the table below and every code
/// point fit.
const MAX_LEN: usize = "&#x10ffff;".len();
/// Those that CRMs write, and a few that users paste.
const NAMED: [(&str, char); 6] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
];

/// The text with its entities replaced, once: `&amp;lt;` is `&lt;`. What is no entity stays.
pub fn decode_entities(text: &str) -> Cow<'_, str> {
    let Some((before, mut rest)) = text.split_once('&') else {
        return Cow::Borrowed(text);
    };
    let mut decoded = before.to_owned();
    loop {
        match entity(rest) {
            Some((c, after)) => {
                decoded.push(c);
                rest = after;
            }
            None => decoded.push('&'),
        }
        let Some((before, after)) = rest.split_once('&') else {
            decoded.push_str(rest);
            return Cow::Owned(decoded);
        };
        decoded.push_str(before);
        rest = after;
    }
}

/// The character that the entity at the start of `text` (behind its `&`) stands for, and the text
/// behind it.
fn entity(text: &str) -> Option<(char, &str)> {
    let (name, after) = text.split_once(';')?;
    if name.len() + "&;".len() > MAX_LEN {
        return None;
    }
    let c = match name.strip_prefix('#') {
        Some(number) => char::from_u32(code_point(number)?)?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, after))
}

fn code_point(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_once_and_everything_else_stays() {
        for (encoded, decoded) in [
            ("", ""),
            ("Mia Keller", "Mia Keller"),
            ("O&#039;Neill", "O'Neill"),
            ("O&#x27;Neill", "O'Neill"),
            ("Alpen &quot;Blick&quot; Hotel", "Alpen \"Blick\" Hotel"),
            ("Rossi &amp; Figli", "Rossi & Figli"),
            ("a &lt;b&gt; c", "a <b> c"),
            ("&amp;lt;", "&lt;"),
            ("&amp;#039;", "&#039;"),
            ("Rossi & Figli", "Rossi & Figli"),
            ("a & b; c", "a & b; c"),
            ("&&amp;", "&&"),
            ("&", "&"),
            ("&;", "&;"),
            ("&#;", "&#;"),
            ("&#xd800;", "&#xd800;"),
            ("&#99999999999;", "&#99999999999;"),
            ("&unknown;", "&unknown;"),
            ("Zo&#233;", "Zoé"),
            ("044&nbsp;555", "044\u{a0}555"),
            ("&apos;é&apos;", "'é'"),
        ] {
            assert_eq!(decode_entities(encoded), decoded, "{encoded}");
        }
    }

    #[test]
    fn a_text_without_entities_is_not_copied() {
        assert!(matches!(decode_entities("Zoé Favre"), Cow::Borrowed(_)));
    }
}
