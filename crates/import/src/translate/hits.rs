//! Where the records of a reply are. Templates do not say it: their paths lead from the root to
//! each value, through lists and objects alike.

use crate::{
    note::Notes,
    path::{Path, Segment, comparison, literal},
    template::{Rule, Scenario, Test, Variable},
};

/// The records in the replies to a scenario's request.
#[derive(Debug, Clone)]
pub(super) struct Container {
    pub(super) path: Path,
    pub(super) is_list: bool,
    /// Conditions that a record has to meet, in JSONPath.
    conditions: Vec<String>,
}

/// Names of members that hold records, beside those in the plural.
const COLLECTIONS: [&str; 12] = [
    "data",
    "list",
    "result",
    "rows",
    "response",
    "entry",
    "value",
    "people",
    "persons",
    "hit",
    "searchrecords",
    "content",
];

impl Container {
    /// The container of the value at `id`, or of most values.
    pub(super) fn of(scenario: &Scenario, id: Option<&Variable>, notes: &mut Notes) -> Self {
        let place = scenario.place;
        let parent = match id {
            Some(variable) => variable.path.parent(),
            None => common_parent(&scenario.variables),
        };
        let each = parent
            .0
            .iter()
            .rposition(|segment| matches!(segment, Segment::Each));
        let (path, is_list) = match each {
            Some(position) => {
                let before = parent.0.get(..position).unwrap_or_default();
                (Path(before.to_vec()), true)
            }
            None if matches!(parent.0.last(), Some(Segment::Index(_))) => (parent, false),
            None => {
                let is_list = looks_like_list(scenario, &parent);
                let what = if is_list {
                    "a list of records"
                } else {
                    "one record"
                };
                let other = if is_list {
                    parent.json_path()
                } else {
                    format!("{}[*]", parent.json_path())
                };
                let why = format!(
                    "the template does not say whether {} is {what}",
                    parent.json_path()
                );
                notes.guess(
                    place,
                    why,
                    format!("if it is not, write `hits = \"{other}\"`"),
                );
                (parent, is_list)
            }
        };
        let mut container = Self {
            path,
            is_list,
            conditions: Vec::new(),
        };
        for rule in &scenario.rules {
            container.add(rule, notes);
        }
        container
    }

    /// The setting `hits`.
    pub(super) fn hits(&self) -> String {
        let path = self.path.json_path();
        if self.conditions.is_empty() {
            return if self.is_list {
                format!("{path}[*]")
            } else {
                path
            };
        }
        format!("{path}[?{}]", self.conditions.join(" && "))
    }

    /// The path of a value in a record.
    pub(super) fn relative(&self, path: &Path) -> Option<Path> {
        let below = path.below(&self.path)?;
        match below.0.split_first() {
            Some((Segment::Each, rest)) if self.is_list => Some(Path(rest.to_vec())),
            _ => Some(below),
        }
    }

    /// The path of a value of every record, from the root of the reply.
    pub(super) fn absolute(&self, path: &Path) -> Path {
        let mut absolute = self.path.clone();
        match self.relative(path) {
            Some(relative) => {
                if self.is_list {
                    absolute.0.push(Segment::Each);
                }
                absolute.0.extend(relative.0);
                absolute
            }
            None => path.clone(),
        }
    }

    fn add(&mut self, rule: &Rule, notes: &mut Notes) {
        let advice = "whocalls compares the numbers of every hit anyway; write the condition into \
                      `hits`, as in $.items[?@.active == true], if that is not enough";
        let Some(condition) = self.condition(rule) else {
            if !matches!(rule.test, Test::Any | Test::Number) {
                let why = format!("the rule `{}` has no counterpart", shown(&rule.test));
                notes.lost(rule.place, why, advice);
            }
            return;
        };
        if self.is_list {
            self.conditions.push(condition);
        } else {
            notes.lost(
                rule.place,
                "a rule about a reply that is one record",
                advice,
            );
        }
    }

    /// The condition that a rule puts on a record, if it puts one that JSONPath can write.
    fn condition(&self, rule: &Rule) -> Option<String> {
        let member = self.relative(&rule.path).filter(|path| !path.is_empty())?;
        let member = member.json_path().replacen('$', "@", 1);
        let matched = |pattern: String| Some(format!("match({member}, {})", literal(&pattern)));
        match &rule.test {
            Test::Equals(value) => Some(format!("({})", comparison(&member, "==", value))),
            Test::Differs(value) => Some(format!("({})", comparison(&member, "!=", value))),
            Test::Contains(value) => matched(format!(".*{}.*", escaped(value))),
            Test::StartsWith(value) => matched(format!("{}.*", escaped(value))),
            Test::EndsWith(value) => matched(format!(".*{}", escaped(value))),
            Test::Any | Test::Number | Test::Unknown(_) => None,
        }
    }
}

/// A rule's test as it stands in the template.
fn shown(test: &Test) -> &str {
    match test {
        Test::Any => "Any",
        Test::Number => "Number",
        Test::Equals(_) => "Equals",
        Test::Differs(_) => "NotEquals",
        Test::Contains(_) => "Contains",
        Test::StartsWith(_) => "StartsWith",
        Test::EndsWith(_) => "EndsWith",
        Test::Unknown(name) => name,
    }
}

/// A text as a regular expression (RFC 9485).
fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if r"\.[]{}()*+?|^$".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// The path of a variable, with the element of a list that its filter chooses.
pub(super) fn filtered(variable: &Variable, notes: &mut Notes) -> Path {
    let mut path = variable.path.clone();
    for rule in &variable.filter {
        let (test, value) = match &rule.test {
            // The first element that has the value: what is read anyway.
            Test::Any => continue,
            Test::Equals(value) => ("==", value),
            Test::Differs(value) => ("!=", value),
            other => {
                let why = format!("the filter `{}` has no counterpart", shown(other));
                notes.lost(
                    rule.place,
                    why,
                    "choose the element by hand: $.phones[?@.type == 'work']",
                );
                continue;
            }
        };
        let common = path.common(&rule.path);
        let member = rule.path.below(&common).and_then(|rest| rest.members());
        let rest = variable.path.below(&common);
        let (Some(member), Some(rest), false) = (member, rest, common.is_empty()) else {
            notes.lost(
                rule.place,
                "the filter is about another list than the value",
                "choose the element by hand: $.phones[?@.type == 'work']",
            );
            continue;
        };
        let mut chosen = common.0;
        chosen.push(Segment::Where {
            member,
            test: test.to_owned(),
            value: value.clone(),
            is_first: true,
        });
        chosen.extend(rest.0);
        path = Path(chosen);
    }
    path
}

fn common_parent(variables: &[Variable]) -> Path {
    let mut parents = variables.iter().map(|variable| variable.path.parent());
    let first = parents.next().unwrap_or_default();
    parents.fold(first, |common, parent| common.common(&parent))
}

/// Whether what a path leads to is probably a list.
fn looks_like_list(scenario: &Scenario, path: &Path) -> bool {
    let Some(name) = path.last_member() else {
        // A reply that has the values themselves: a list if the address is that of a search.
        let url = scenario.request.url.variables();
        let address = super::address::split(&scenario.request.url).0.path;
        let last = match &address {
            crate::expression::Expression::Text(text) => text.as_str(),
            _ => "",
        };
        let last = last
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        return !url.is_empty() && (is_plural(last) || last.contains("search"));
    };
    is_plural(name)
}

fn is_plural(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    COLLECTIONS.contains(&name.as_str())
        || (name.len() > 3
            && name.ends_with('s')
            && !["ss", "us", "is"].iter().any(|end| name.ends_with(end)))
}
