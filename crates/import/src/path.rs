//! Where a reply has a value: the dotted paths of templates, and JSONPath (RFC 9535).

use std::fmt::Write as _;

/// A path from the root of a reply.
///
/// Templates do not say which members are lists: `contacts.id` may mean the id of one contact or
/// of each of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path(pub(crate) Vec<Segment>);

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member.
    Member(String),
    /// One element of a list, from 0.
    Index(usize),
    /// Each element of a list.
    Each,
    /// The elements with such a member, or only the first of them.
    Where {
        member: Vec<String>,
        test: String,
        value: String,
        is_first: bool,
    },
}

impl Path {
    /// Reads a dotted path of 3CX. Paths in the spelling of `XPath` and JSONPath mean the same.
    pub(crate) fn dotted(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let mut segments = Vec::new();
        for part in text.split(['.', '/']) {
            let (name, indices) = part.split_once('[').unwrap_or((part, ""));
            let name = name.trim();
            if !name.is_empty() {
                segments.push(name.parse().map_or_else(
                    |_| Segment::Member(name.to_owned()),
                    |index: usize| Segment::Index(index),
                ));
            }
            for index in indices.split('[').filter(|index| !index.is_empty()) {
                let index = index.trim_end_matches(']').trim();
                let quoted = index.trim_matches(['\'', '"']);
                segments.push(match index.parse() {
                    Ok(index) => Segment::Index(index),
                    Err(_) if index == "*" || index.is_empty() => Segment::Each,
                    Err(_) => Segment::Member(quoted.to_owned()),
                });
            }
        }
        Self(segments)
    }

    /// Reads a path in GJSON syntax, as Yeastar's templates have them.
    ///
    /// # Errors
    /// The part that has no counterpart in JSONPath.
    pub(crate) fn gjson(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        for part in parts(text) {
            segments.push(gjson_segment(&part, &segments)?);
        }
        let is_index_after_where = |pair: &[Segment]| {
            matches!(
                pair,
                [
                    Segment::Where {
                        is_first: false,
                        ..
                    },
                    Segment::Index(_)
                ]
            )
        };
        // JSONPath can take an element of a list, but not of what a filter selects.
        if segments.windows(2).any(is_index_after_where) {
            let at = segments
                .iter()
                .position(|part| matches!(part, Segment::Index(_)));
            segments = segments
                .into_iter()
                .enumerate()
                .filter_map(|(position, part)| (Some(position) != at).then_some(part))
                .collect();
        }
        Ok(Self(segments))
    }

    /// Whether it leads nowhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The path without its last segment.
    pub(crate) fn parent(&self) -> Self {
        let mut segments = self.0.clone();
        segments.pop();
        Self(segments)
    }

    /// The name of the last member.
    pub(crate) fn last_member(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|segment| match segment {
            Segment::Member(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What both begin with.
    pub(crate) fn common(&self, other: &Self) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        let common = pairs.take_while(|(one, two)| one == two);
        Self(common.map(|(segment, _)| segment.clone()).collect())
    }

    /// The path behind this one, if it begins with it.
    pub(crate) fn below(&self, container: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(container.0.as_slice())?;
        Some(Self(rest.to_vec()))
    }

    /// The names of the members, if there is nothing else.
    pub(crate) fn members(&self) -> Option<Vec<String>> {
        let members = self.0.iter().map(|segment| match segment {
            Segment::Member(name) => Some(name.clone()),
            _ => None,
        });
        members.collect()
    }

    /// As JSONPath.
    pub(crate) fn json_path(&self) -> String {
        let mut text = "$".to_owned();
        for segment in &self.0 {
            segment.write(&mut text);
        }
        text
    }

    /// As JSONPath, once for each way in which its members can be meant: as they are, and with a
    /// list wherever one leads to another.
    pub(crate) fn json_paths(&self) -> Vec<String> {
        let plain = self.json_path();
        let is_plain = self.0.iter().all(|part| matches!(part, Segment::Member(_)));
        if self.0.len() < 2 || !is_plain {
            return vec![plain];
        }
        let mut lists = "$".to_owned();
        for (position, segment) in self.0.iter().enumerate() {
            if position > 0 {
                lists.push_str("[*]");
            }
            segment.write(&mut lists);
        }
        vec![plain, lists]
    }

    /// As what a Jinja expression finds behind `root`: `hit.phones[0].value`.
    pub(crate) fn jinja(&self, root: &str) -> String {
        let mut text = root.to_owned();
        for segment in &self.0 {
            match segment {
                Segment::Member(name) if is_plain_name(name) => {
                    let _infallible = write!(text, ".{name}");
                }
                Segment::Member(name) => {
                    let _infallible = write!(text, "[{}]", crate::expression::quoted(name));
                }
                Segment::Index(index) => {
                    let _infallible = write!(text, "[{index}]");
                }
                Segment::Each | Segment::Where { .. } => text.push_str("[0]"),
            }
        }
        text
    }
}

impl Segment {
    fn write(&self, text: &mut String) {
        let _infallible = match self {
            Self::Member(name) if is_plain_name(name) => write!(text, ".{name}"),
            Self::Member(name) => write!(text, "[{}]", literal(name)),
            Self::Index(index) => write!(text, "[{index}]"),
            Self::Each => write!(text, "[*]"),
            Self::Where {
                member,
                test,
                value,
                ..
            } => {
                let member: Vec<Self> = member.iter().cloned().map(Self::Member).collect();
                let member = Path(member).json_path().replacen('$', "@", 1);
                write!(text, "[?{}]", comparison(&member, test, value))
            }
        };
    }
}

/// The condition of a filter: `@.type == 'work'`. Numbers, `true` and `false` are compared as what
/// they are and as texts: templates do not tell them apart.
pub(crate) fn comparison(member: &str, test: &str, value: &str) -> String {
    let as_text = format!("{member} {test} {}", literal(value));
    let lower = value.to_ascii_lowercase();
    let is_number = value
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == value);
    let bare = match lower.as_str() {
        "true" | "false" => lower,
        _ if is_number => value.to_owned(),
        _ => return as_text,
    };
    let joint = if test == "!=" { "&&" } else { "||" };
    format!("{as_text} {joint} {member} {test} {bare}")
}

/// A text as a literal of JSONPath.
pub(crate) fn literal(text: &str) -> String {
    let mut literal = "'".to_owned();
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                literal.push('\\');
                literal.push(c);
            }
            c if c.is_control() => {
                let _infallible = write!(literal, "\\u{:04x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

/// Whether a member needs no quotes in JSONPath and Jinja.
fn is_plain_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The parts of a GJSON path: dots and bars part it, except in a condition or behind a backslash.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    let mut is_escaped = false;
    for c in text.trim().chars() {
        let is_end = matches!(c, '.' | '|') && depth == 0 && !is_escaped;
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
        if is_end {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut()
            && !is_escaped
        {
            part.push(c);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn gjson_segment(part: &str, before: &[Segment]) -> Result<Segment, String> {
    if part == "#" {
        return Ok(Segment::Each);
    }
    if let Some(condition) = part.strip_prefix("#(") {
        let is_first = !condition.ends_with('#');
        let condition = condition.trim_end_matches('#').trim_end_matches(')');
        return condition_of(condition, is_first).ok_or_else(|| part.to_owned());
    }
    if part.starts_with(['@', '!', '{', '[']) || part.contains(['*', '?']) {
        return Err(part.to_owned());
    }
    if let Ok(index) = part.parse()
        && !before.is_empty()
    {
        return Ok(Segment::Index(index));
    }
    Ok(Segment::Member(part.to_owned()))
}

fn condition_of(condition: &str, is_first: bool) -> Option<Segment> {
    let (test, sign) = [("==", "=="), ("!=", "!="), ("=", "==")]
        .into_iter()
        .find_map(|(sign, test)| condition.contains(sign).then_some((test, sign)))?;
    let (member, value) = condition.split_once(sign)?;
    let is_odd = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if member.trim().is_empty() || member.trim().contains(is_odd) {
        return None;
    }
    Some(Segment::Where {
        member: member.trim().split('.').map(str::to_owned).collect(),
        test: test.to_owned(),
        value: value.trim().trim_matches('"').to_owned(),
        is_first,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_paths_become_json_paths() {
        for (text, path) in [
            ("id", "$.id"),
            ("contact.first-name", "$.contact['first-name']"),
            ("data.items[*].id", "$.data.items[*].id"),
            ("data.items[0].id", "$.data.items[0].id"),
            ("users.0.name", "$.users[0].name"),
            ("/contacts/contact/id", "$.contacts.contact.id"),
            ("$.a['b']", "$.a.b"),
            ("O'Neill", r"$['O\'Neill']"),
            ("", "$"),
        ] {
            assert_eq!(Path::dotted(text).json_path(), path, "{text}");
        }
    }

    #[test]
    fn gjson_paths_become_json_paths() {
        for (text, path) in [
            ("data.#.id", "$.data[*].id"),
            ("data.0.id", "$.data[0].id"),
            (r"a\.b.c", "$['a.b'].c"),
            (
                r#"phones.#(type=="work").value"#,
                "$.phones[?@.type == 'work'].value",
            ),
            (
                r#"phones.#(type=="work")#|1.value"#,
                "$.phones[?@.type == 'work'].value",
            ),
            ("a.#(n==1)#.v", "$.a[?@.n == '1' || @.n == 1].v"),
            ("#.id", "$[*].id"),
        ] {
            assert_eq!(Path::gjson(text).unwrap().json_path(), path, "{text}");
        }
        for text in ["a.@reverse", "a.*", "#(x>1).y", "{a,b}"] {
            assert!(Path::gjson(text).is_err(), "{text}");
        }
    }

    #[test]
    fn members_may_be_lists_or_not() {
        assert_eq!(Path::dotted("id").json_paths(), ["$.id"]);
        assert_eq!(
            Path::dotted("phones.number").json_paths(),
            ["$.phones.number", "$.phones[*].number"]
        );
    }

    #[test]
    fn paths_in_expressions() {
        assert_eq!(Path::dotted("a.b-c[1]").jinja("hit"), r#"hit.a["b-c"][1]"#);
    }
}
