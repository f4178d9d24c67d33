//! The gateway: the release program with a configuration that leaves every feature on.

use std::{fmt::Write, fs, path::Path, process::Command};

use anyhow::Context;

use super::{Adapter, Place, Setup, TOKEN};
use crate::backends::Shape;

/// Searches in any one second: checked, and not reached.
const HUBSPOT_SEARCHES_PER_SECOND: u32 = 10_000;
/// Requests to one CRM at the same time: the most that can be set.
const MAX_CONCURRENT: usize = 1024;
/// Calls to one CRM in any one second: checked, and not reached.
const REQUESTS_PER_SECOND: u32 = 100_000;
/// Longer than any run: what was asked for once stays a hit.
const TTL_SECS: u32 = 86_400;

/// The program with its configuration in the work folder.
pub(super) fn command(place: &Place, port: u16, setup: &Setup) -> anyhow::Result<Command> {
    let file = place.work.join("adapters.toml");
    let text = configuration(port, setup)?;
    fs::write(&file, text).with_context(|| file.display().to_string())?;
    remove_outbox(&place.work);
    let mut command = Command::new(&place.whocalls);
    command.args(["serve", "--config"]).arg(&file);
    Ok(command)
}

/// Every run starts without stored workflows.
fn remove_outbox(work: &Path) {
    for name in ["whocalls.db", "whocalls.db-wal", "whocalls.db-shm"] {
        // Mostly there is none.
        drop(fs::remove_file(work.join(name)));
    }
}

fn configuration(port: u16, setup: &Setup) -> anyhow::Result<String> {
    let Setup {
        adapters,
        timeout_ms,
        cache_bytes,
        max_in_flight,
        breaker,
    } = setup;
    let mut text = format!(
        r#"[gateway]
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:0"
max_in_flight = {max_in_flight}
[[gateway.tokens]]
name = "bench"
value = {{ value = "{TOKEN}" }}
requests_per_second = 100000
[log]
level = "info"
[outbox]
path = "whocalls.db"
[defaults]
timeout_ms = {timeout_ms}
max_concurrent = {MAX_CONCURRENT}
requests_per_second = {REQUESTS_PER_SECOND}
[defaults.breaker]
enabled = {breaker}
[defaults.cache]
ttl_secs = {TTL_SECS}
max_bytes = {cache_bytes}
"#
    );
    for (adapter, priority) in adapters.iter().zip((10..).step_by(10)) {
        table(&mut text, adapter, priority)?;
    }
    Ok(text)
}

fn table(text: &mut String, adapter: &Adapter, priority: u32) -> anyhow::Result<()> {
    let Adapter {
        id,
        crm_name,
        shape,
        port,
    } = adapter;
    let url = format!("http://127.0.0.1:{port}");
    let (kind, settings) = match shape {
        Shape::Sugar => (
            "sugar",
            format!(
                r#"base_url = "{url}/rest/v11"
username = "bench"
password = {{ value = "bench" }}
"#
            ),
        ),
        Shape::HubSpot => (
            "hubspot",
            format!(
                r#"base_url = "{url}"
searches_per_second = {HUBSPOT_SEARCHES_PER_SECOND}
token = {{ value = "bench" }}
"#
            ),
        ),
        Shape::Rest => (
            "rest",
            format!(
                r#"base_url = "{url}"
credential = {{ kind = "bearer", token = {{ value = "bench" }} }}
[adapters.{id}.settings.lookup]
path = "/api/contacts"
query = {{ phone = "{{{{ number.nsn }}}}", perPage = "50" }}
hits = "$.items[*]"
[adapters.{id}.settings.lookup.fields]
id = "$.id"
name = "$.person.name"
phones = ["$.phones.mobile", "$.phones.work"]
emails = ["$.email"]
company = "$.company.name"
contact_uri = {{ template = "{{{{ base_url }}}}/contacts/{{{{ id }}}}" }}
company_uri = {{ template = "{{{{ base_url }}}}/companies/{{{{ hit.company.id }}}}" }}
"#
            ),
        ),
    };
    let (logo, actions) = (adapter.crm_logo(), adapter.actions());
    let actions = if actions.is_empty() {
        String::new()
    } else {
        format!("actions = {actions:?}\n")
    };
    write!(
        text,
        r#"
[adapters.{id}]
kind = "{kind}"
crm_name = "{crm_name}"
crm_logo = "{logo}"
priority = {priority}
{actions}[adapters.{id}.settings]
{settings}"#
    )?;
    Ok(())
}
