//! What the adapter logs. A process of its own, because tracing remembers for the whole process
//! which events somebody listens to.

mod support;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use support::adapter_at;
use whocalls_core::{CallContext, RequestId};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    query,
    sim::rest::{API_KEY, RestCrm},
    upstream::Upstream,
};

const ERP: &str = include_str!("../examples/erp.toml");

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().map_err(|_| io::Error::other("poisoned"))?;
        log.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_ignored_filter_is_logged_once_and_without_personal_data() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let crm = RestCrm::new(&messy_contacts(200)).ignoring_filters();
    let upstream = Upstream::start(Arc::new(crm));
    let adapter = adapter_at(ERP, &upstream.url(), API_KEY);
    for _ in 0..3 {
        let cx = CallContext::within(Duration::from_secs(20), RequestId::new("test"));
        adapter
            .lookup(&cx, &query(MIA_NUMBER))
            .await
            .expect("an answer");
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("ignore the filter").count(), 1, "{text}");
    for personal in ["791234567", "Keller", "example.ch", API_KEY] {
        assert!(!text.contains(personal), "{text}");
    }
}
