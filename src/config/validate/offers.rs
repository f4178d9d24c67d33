//! Workflows by name against what the built adapters offer.

use crate::config::{
    build::LoadedAdapter,
    document::Document,
    nearest::{no_such, ticked},
    path::KeyPath,
    report::Problem,
    schema::Config,
};

/// Actions and routes of workflows that the adapter does not offer.
pub(in crate::config) fn check(
    config: &Config,
    adapters: &[LoadedAdapter],
    document: &Document,
) -> Vec<Problem> {
    let actions = adapters.iter().flat_map(unknown_actions);
    let routes = adapters
        .iter()
        .flat_map(|adapter| unknown_routes(config, adapter));
    actions
        .chain(routes)
        .map(|(path, message)| {
            let place = document.place_of_value(&path);
            Problem::error(message).at(path, place)
        })
        .collect()
}

fn offered(adapter: &LoadedAdapter) -> &[String] {
    &adapter.adapter.info().capabilities.workflows
}

/// Entries of `actions` that the adapter cannot run.
fn unknown_actions(adapter: &LoadedAdapter) -> Vec<(KeyPath, String)> {
    let known: Vec<&str> = offered(adapter).iter().map(String::as_str).collect();
    let path = KeyPath::of(["adapters", adapter.id.as_str(), "actions"]);
    let actions = adapter.actions.iter().enumerate();
    actions
        .filter(|(_, action)| !known.contains(&action.as_str()))
        .map(|(index, action)| (path.index(index), no_such("workflow", action, &known)))
        .collect()
}

/// Workflows that are to go to the adapter although it cannot run them.
fn unknown_routes(config: &Config, adapter: &LoadedAdapter) -> Vec<(KeyPath, String)> {
    let id = adapter.id.as_str();
    let routes = config.workflows.iter();
    routes
        .filter(|(workflow, _)| !offered(adapter).contains(workflow))
        .filter_map(|(workflow, route)| {
            let index = route.adapters.iter().position(|other| other == id)?;
            let path = KeyPath::of(["workflows", workflow, "adapters"]).index(index);
            let (id, workflow) = (ticked(id), ticked(workflow));
            Some((
                path,
                format!("the adapter {id} offers no workflow {workflow}"),
            ))
        })
        .collect()
}
