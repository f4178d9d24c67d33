//! A template as a description for the REST adapter.
//!
//! | module | translates |
//! |---|---|
//! | `account` | parameters |
//! | `address` | addresses: base, path and query |
//! | `body` | bodies |
//! | `credential`, `login` | authentication |
//! | `fields` | outputs |
//! | `hits` | rules, and where the records are |
//! | `lookup`, `chain` | the scenarios that look a number up |
//! | `names` | what names stand for in one place |
//! | `request` | requests |
//! | `workflow` | call reports, new contacts and tickets |

mod account;
mod address;
mod body;
mod chain;
mod credential;
mod fields;
mod hits;
mod login;
mod lookup;
mod names;
mod request;
mod workflow;

use crate::{
    note::Notes,
    template::{Purpose, Template},
    write::{Description, Item, Table},
};
use account::Account;
use request::Requests;

/// The most requests at the same time that the configuration allows.
const MAX_CONCURRENT: u16 = 1024;

/// Translates a template.
pub(crate) fn description(template: &Template, notes: &mut Notes) -> Description {
    for scenario in &template.scenarios {
        if let Purpose::Unused(why) = scenario.purpose {
            let (what, advice) = why.split_once("; ").unwrap_or((why, "leave it out"));
            let what = format!("scenario `{}`: {what}", scenario.id);
            notes.lost(scenario.place, what, advice);
        }
    }
    let account = Account::new(template);
    let mut requests = Requests::new(template, &account, notes);
    let credential = credential::of(template, &account, &mut requests, notes);
    let lookup = lookup::of(template, &requests, notes);
    let workflows = workflow::all(template, &requests, notes);

    let mut settings = Table::default();
    settings.set("base_url", requests.base_url());
    for comment in requests.base_comments() {
        settings.comment(comment);
    }
    account.declare(&mut settings, &requests, notes);
    settings.set("credential", Item::Block(credential));
    settings.set("lookup", Item::Block(lookup));
    if !workflows.is_empty() {
        settings.set("workflows", Item::Block(workflows));
    }
    let name = template.name.trim();
    let mut adapter = Table::default().with("kind", "rest");
    if !name.is_empty() {
        adapter.set("crm_name", name);
    }
    if let Some((_, count)) = template.max_concurrent
        && count > 0
    {
        let count = i64::from(count.min(MAX_CONCURRENT));
        adapter.set("max_concurrent", Item::Integer(count));
    }
    adapter.set("settings", Item::Block(settings));
    Description {
        header: header(template),
        id: id(name),
        adapter,
    }
}

fn header(template: &Template) -> Vec<String> {
    let version = match template.version.trim() {
        "" => String::new(),
        version => format!(", version {version}"),
    };
    vec![
        format!(
            "Imported from a {} template: {}{version}.",
            template.format.as_str(),
            template.name.trim()
        ),
        "Read the comments, fill in `account`, and run `whocalls check`.".to_owned(),
    ]
}

/// An adapter id made of a name.
fn id(name: &str) -> String {
    const MAX_CHARS: usize = 32;
    let id = account::snake_case(name);
    let id: String = id.chars().filter(char::is_ascii).take(MAX_CHARS).collect();
    match id.trim_matches('_') {
        "" => "crm".to_owned(),
        id if id.starts_with(|c: char| c.is_ascii_digit()) => format!("crm_{id}"),
        id => id.to_owned(),
    }
}
