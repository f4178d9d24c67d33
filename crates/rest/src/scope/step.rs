//! What the requests of a step of a lookup can use beside [`Scope::lookup`](super::Scope::lookup).

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::Variable;

/// `captured`: what steps before took from their replies, by name; whether it is a list. A request
/// for which something is missing is not sent.
pub(crate) fn captured(names: &[(String, bool)]) -> Variable {
    let sample = names.iter().map(|(name, is_list)| {
        let text = Value::from("4711");
        let sample = if *is_list { vec![text].into() } else { text };
        (name.clone(), sample)
    });
    Variable::new("captured")
        .with_members(names.iter().map(|(name, _)| name.clone()))
        .with_samples(vec![sample.collect::<BTreeMap<_, _>>().into()])
}

/// The same for what decides whether a request is sent: nothing may have been captured.
pub(crate) fn captured_or_not(names: &[(String, bool)]) -> Variable {
    let texts = names.iter().filter(|(_, is_list)| !is_list);
    let texts = texts.map(|(name, _)| name.clone());
    let lists = names.iter().filter(|(_, is_list)| *is_list);
    let bare = lists.map(|(name, _)| (name.clone(), Vec::<Value>::new()));
    let bare = bare.collect::<BTreeMap<_, _>>();
    captured(names).or_without(texts.collect(), bare.into())
}

/// `item`: that of the list in `for_each` that the request is for.
pub(crate) fn item() -> Variable {
    Variable::new("item").with_samples(vec!["4711".into()])
}

/// `items`: those of the list in `for_each` that the request is for, with `batch`.
pub(crate) fn items() -> Variable {
    Variable::new("items").with_samples(vec![vec![Value::from("4711")].into()])
}

/// `found`: how many matches there are so far.
pub(crate) fn found() -> Variable {
    Variable::new("found").with_samples(vec![0.into()])
}

/// `page`: which page the request is for. There is no cursor of the first.
pub(crate) fn page() -> Variable {
    Variable::new("page")
        .with_members(["number", "offset", "cursor"])
        .with_samples(vec![context! { number => 1, offset => 0, cursor => "c" }])
        .or_without(
            vec!["cursor".to_owned()],
            context! { number => 1, offset => 0 },
        )
}
