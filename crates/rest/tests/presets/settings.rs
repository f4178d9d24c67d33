//! A preset with the account of its fixture, at the address of the simulated CRM.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use crate::{fixture::Fixture, render};

/// What fixtures write for the address of the simulated CRM.
const UPSTREAM: &str = "UPSTREAM";

/// Where settings have addresses.
const ADDRESSES: [(&str, &str); 3] = [
    ("base_url", "/base_url"),
    ("token_url", "/credential/token_url"),
    ("login_url", "/credential/login_url"),
];

/// A shipped preset.
pub(crate) struct Preset {
    settings: Value,
}

impl Preset {
    pub(crate) fn of(name: &str) -> Self {
        let presets = whocalls_rest::factory().presets;
        let preset = presets.iter().find(|preset| preset.name == name);
        let text = preset
            .unwrap_or_else(|| panic!("src/presets.rs has no {name}"))
            .toml;
        let document: Value =
            toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            settings: document["settings"].clone(),
        }
    }

    /// The account as the preset knows it: the fixture's values, and the defaults of others.
    pub(crate) fn account(&self, fixture: &Fixture, upstream: &str) -> BTreeMap<String, String> {
        let defaults = self.parameters().filter_map(|(name, parameter)| {
            let default = parameter.get("default")?.as_str()?;
            Some((name.clone(), default.to_owned()))
        });
        let given = fixture.account.iter();
        let given = given.map(|(name, value)| (name.clone(), value.replace(UPSTREAM, upstream)));
        defaults.chain(given).collect()
    }

    /// The values of the fixture's account that are secret.
    pub(crate) fn secrets(&self, fixture: &Fixture) -> Vec<String> {
        let account = fixture.account.iter();
        let secret = account.filter(|(name, _)| self.is_secret(name));
        secret.map(|(_, value)| value.clone()).collect()
    }

    fn parameters(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.settings["parameters"]
            .as_object()
            .into_iter()
            .flatten()
    }

    fn is_secret(&self, name: &str) -> bool {
        let mut parameters = self.parameters();
        parameters.any(|(known, parameter)| known == name && parameter["secret"] == true)
    }

    /// Whether an unconfirmed `CallFlow` can be made up for.
    pub(crate) fn can_find_out(&self) -> bool {
        let flow = &self.settings["workflows"]["CallFlow"];
        flow.get("find").is_some() || flow["repeat_safe"] == true
    }

    /// Whether an unconfirmed `CallFlow` is looked for.
    pub(crate) fn finds_calls(&self) -> bool {
        self.settings.pointer("/workflows/CallFlow/find").is_some()
    }

    pub(crate) fn logs_calls(&self) -> bool {
        self.settings.pointer("/workflows/CallFlow").is_some()
    }

    /// The settings for a simulated CRM at this address; `secret` changes secrets.
    pub(crate) fn at(
        &self,
        fixture: &Fixture,
        upstream: &str,
        secret: impl Fn(&str) -> String,
    ) -> Value {
        let mut settings = self.settings.clone();
        let account = fixture.account.iter().map(|(name, value)| {
            let value = value.replace(UPSTREAM, upstream);
            let value = if self.is_secret(name) {
                json!({ "value": secret(&value) })
            } else {
                value.into()
            };
            (name.clone(), value)
        });
        settings["account"] = Value::Object(account.collect());
        for (_, place) in ADDRESSES {
            if let Some(Value::String(address)) = settings.pointer_mut(place) {
                *address = host().replace(address, upstream).into_owned();
            }
        }
        let mut overlay = Value::Object(fixture.settings.clone());
        put_upstream(&mut overlay, upstream);
        lay_over(&mut settings, overlay);
        settings
    }

    /// The addresses that the preset has come out as the fixture says.
    pub(crate) fn check_addresses(&self, fixture: &Fixture) {
        let account = self.account(fixture, UPSTREAM);
        let variables = minijinja::context! { account => account };
        let shipped = ADDRESSES.iter().filter_map(|(name, place)| {
            let address = self.settings.pointer(place)?.as_str()?;
            let is_fixed = host().is_match(address);
            is_fixed.then(|| ((*name).to_owned(), render::text(address, &variables)))
        });
        let shipped: BTreeMap<String, String> = shipped.collect();
        assert_eq!(shipped, fixture.addresses);
    }
}

fn host() -> Regex {
    Regex::new("^https://[^/]+").expect("a regular expression")
}

/// Puts the simulated CRM's address wherever the fixture names it.
pub(crate) fn put_upstream(value: &mut Value, upstream: &str) {
    match value {
        Value::String(text) => *text = text.replace(UPSTREAM, upstream),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| put_upstream(item, upstream)),
        Value::Object(table) => table
            .values_mut()
            .for_each(|item| put_upstream(item, upstream)),
        _ => {}
    }
}

/// A text of the fixture with the simulated CRM's address.
pub(crate) fn with_upstream(text: &str, upstream: &str) -> String {
    text.replace(UPSTREAM, upstream)
}

fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay_over(below.entry(key).or_insert(Value::Object(Map::new())), value);
            }
        }
        (below, above) => *below = above,
    }
}
