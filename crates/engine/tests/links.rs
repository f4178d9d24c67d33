//! The links to the further records of a contact.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use whocalls_core::{CallContext, RequestId};
use whocalls_engine::{Engine, EngineSettings, LookupRequest, Source};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SeedContact, messy_contacts},
    fake::FakeAdapter,
    query,
};

/// The links of Mia Keller, whom one CRM has once and another one twice.
async fn links(link_title: &str) -> Vec<(String, String)> {
    let mia = messy_contacts(0).pop().unwrap();
    let again = SeedContact {
        id: 14,
        ..mia.clone()
    };
    let source = |id, priority, contacts: &[SeedContact]| Source {
        adapter: Arc::new(FakeAdapter::seeded(id, contacts)),
        priority,
        actions: Vec::new(),
    };
    let sources = vec![
        source("hubspot", 20, &[mia.clone(), again]),
        source("sugar", 10, &[mia]),
    ];
    let settings = EngineSettings {
        link_title: link_title.to_owned(),
        ..EngineSettings::default()
    };
    let engine = Engine::new(sources, settings);
    let cx = CallContext::within(Duration::from_secs(1), RequestId::new("test"));
    let request = LookupRequest {
        cx: &cx,
        query: &query(MIA_NUMBER),
        allowed: None,
        max_results: NonZeroUsize::MIN,
    };
    let report = engine.lookup(request).await;
    let links = engine.links(report.contacts.first().unwrap()).into_iter();
    links.map(|link| (link.title, link.text)).collect()
}

#[tokio::test]
async fn every_further_record_has_a_link_under_the_configured_title() {
    for (link_title, first, second) in [
        ("{{ crm }}", "hubspot CRM", "hubspot CRM 2"),
        (
            "Auch in {{crm}}",
            "Auch in hubspot CRM",
            "Auch in hubspot CRM 2",
        ),
        ("Link", "Link", "Link 2"),
    ] {
        let page = |id| format!("https://hubspot.example/contacts/{id}");
        let expected = [(first.to_owned(), page(13)), (second.to_owned(), page(14))];
        assert_eq!(links(link_title).await, expected);
    }
}
