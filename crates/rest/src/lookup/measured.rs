//! One step without the network, for the benchmark.

use std::sync::Arc;

use serde_json::Value;
use whocalls_core::Operation;

use super::{Brought, Found, Lookup};
use crate::{asked::Asked, credential::Access, request::Request};

impl Lookup {
    /// The request of the first step.
    pub(crate) fn first_request(&self) -> Option<&Request> {
        self.steps.first().map(|step| step.request())
    }

    /// What the first step makes of the document in a reply.
    pub(crate) fn of_document(
        &self,
        document: Value,
        access: &Arc<Access>,
        asked: &Asked,
    ) -> Found {
        let brought = Brought {
            documents: vec![document],
            ..Brought::of(access)
        };
        self.found(&[brought], Operation::Lookup, asked)
    }
}
