//! What the benchmark measures apart from the network. No part of the crate's interface.

use std::{path::PathBuf, sync::Arc};

use minijinja::Value as Variable;
use serde_json::Value;
use whocalls_core::{
    AdapterId, BuildContext, LookupAnswer, NumberPlan, NumberQuery, factory::read_settings,
};
use whocalls_http::BaseUrl;

use crate::{
    asked::Asked, compile, config, credential::Access, lookup::Lookup, number::NumberForms,
    shared::Shared,
};

/// A lookup of one step, without a server.
pub struct Bare {
    lookup: Arc<Lookup>,
    access: Arc<Access>,
    plan: NumberPlan,
    adapter: AdapterId,
}

impl Bare {
    /// The lookup of a description whose address needs no account; none when it is wrong.
    pub fn new(settings: Value, plan: NumberPlan) -> Option<Self> {
        let adapter = AdapterId::new("bench").ok()?;
        let settings: config::Settings = read_settings(settings).ok()?;
        let context = BuildContext {
            id: adapter.clone(),
            crm_name: "CRM".to_owned(),
            crm_logo: None,
            number_plan: plan.clone(),
            base_dir: PathBuf::new(),
        };
        let description = compile::compile(&settings, &context).ok()?;
        let base = BaseUrl::parse("base_url", &settings.base_url).ok()?;
        let access = Access::new(base, Arc::new(Shared::default()), Variable::UNDEFINED);
        Some(Self {
            lookup: description.lookup,
            access: Arc::new(access),
            plan,
            adapter,
        })
    }

    /// Renders the request for a number; how long its URL is, or none when that fails.
    pub fn request(&self, query: &NumberQuery) -> Option<usize> {
        let variables = NumberForms::variables(&query.number);
        let request = self.lookup.first_request()?;
        let rendered = request.render(&self.access, variables).ok()?;
        Some(rendered.url.as_str().len())
    }

    /// What the lookup makes of the body of a reply: parsed, mapped, verified. None when it is no
    /// JSON.
    pub fn answer(&self, body: &[u8], query: &NumberQuery) -> Option<LookupAnswer> {
        let document = serde_json::from_slice(body).ok()?;
        let asked = Asked {
            query: query.clone(),
            plan: self.plan.clone(),
            adapter: self.adapter.clone(),
        };
        let found = self.lookup.of_document(document, &self.access, &asked);
        Some(found.answer)
    }
}

impl std::fmt::Debug for Bare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bare")
            .field("adapter", &self.adapter)
            .finish_non_exhaustive()
    }
}
