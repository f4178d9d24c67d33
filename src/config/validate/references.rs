//! Names of adapters in tokens, workflows and users.

use super::checks::Checks;
use crate::config::{nearest::no_such, path::KeyPath, report::Problem, schema::Config};

/// Tokens, workflows and users that name an adapter which does not exist.
pub(super) fn unknown_adapters(checks: &Checks<'_>) -> Vec<Problem> {
    let document = checks.document;
    // The adapter may be in a part that could not be read.
    let is_uncertain = document
        .value
        .get("adapters")
        .is_some_and(|it| !it.is_object());
    if document.is_damaged || is_uncertain {
        return Vec::new();
    }
    let known = checks.adapter_ids();
    references(checks.config)
        .into_iter()
        .filter(|(_, id)| !known.contains(id))
        .map(|(path, id)| {
            let place = document.place_of_key(&path);
            Problem::error(no_such("adapter", id, &known)).at(path, place)
        })
        .collect()
}

/// All places that name an adapter, and the name.
fn references(config: &Config) -> Vec<(KeyPath, &str)> {
    let tokens = config.gateway.tokens.iter().enumerate();
    let tokens = tokens.map(|(index, token)| {
        let path = KeyPath::of(["gateway", "tokens"])
            .index(index)
            .key("adapters");
        (path, token.adapters.as_deref().unwrap_or_default())
    });
    let workflows = config.workflows.iter().map(|(name, route)| {
        let path = KeyPath::of(["workflows", name, "adapters"]);
        (path, route.adapters.as_slice())
    });
    let lists = tokens.chain(workflows).flat_map(|(path, ids)| {
        let ids = ids.iter().enumerate();
        ids.map(move |(index, id)| (path.index(index), id.as_str()))
    });
    let users = config.users.iter().flat_map(|(user, ids)| {
        let ids = ids.keys();
        ids.map(move |id| (KeyPath::of(["users", user, id]), id.as_str()))
    });
    lists.chain(users).collect()
}
