//! What the benchmark measures apart from the network. No part of the crate's interface.

use whocalls_core::{AdapterId, CustomFields, LookupAnswer, NumberPlan, NumberQuery};

use crate::{record::Mapper, site::Site, wire::RecordList};

/// Reads replies of a made-up instance.
#[derive(Debug)]
pub struct Reader {
    mapper: Mapper,
    plan: NumberPlan,
}

impl Reader {
    /// A reader of numbers of this plan; none only if its own constants were wrong.
    pub fn new(plan: NumberPlan) -> Option<Self> {
        let mapper = Mapper {
            source: AdapterId::new("sugar").ok()?,
            site: Site::parse("https://crm.example.com/rest/v11").ok()?,
            custom_fields: CustomFields::default(),
        };
        Some(Self { mapper, plan })
    }

    /// What a lookup makes of the body of a reply: parsed, mapped, verified. None when it is no
    /// list of records.
    pub fn answer(&self, body: &[u8], query: &NumberQuery) -> Option<LookupAnswer> {
        let list: RecordList = serde_json::from_slice(body).ok()?;
        let records = list.records.into_iter();
        let contacts = records.filter_map(|record| self.mapper.contact(record));
        Some(LookupAnswer::verified(contacts, query, &self.plan))
    }
}
