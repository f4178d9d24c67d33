//! People across CRMs, generated, with the truth of who is who.
//!
//! The errors are those of people and programs that enter, import and cut names: they come from
//! keyboards, official transliterations, field lengths and forms, and know nothing of how records
//! are compared.

mod errors;
mod names;
mod scenes;
mod strangers;

use std::ops::{Deref, DerefMut};

use fastrand::Rng;
use whocalls_core::{AdapterId, ContactRecord, Match, MatchClass, RecordKind};
use whocalls_engine::SourceMatches;

pub(crate) use names::{NEIGHBOURS, Names};
pub(crate) use scenes::SCENES;
pub(crate) use strangers::STRANGERS;

/// The CRMs, in the order of their priority.
pub(crate) const CRMS: [&str; 3] = ["sugar", "hubspot", "erp"];

/// What decides who people are and what happens to them.
#[derive(Debug)]
pub(crate) struct Dice {
    rng: Rng,
    names: &'static Names,
}

impl Dice {
    pub(crate) fn new(seed: u64, names: &'static Names) -> Self {
        let rng = Rng::with_seed(seed);
        Self { rng, names }
    }
}

impl Deref for Dice {
    type Target = Rng;

    fn deref(&self) -> &Rng {
        &self.rng
    }
}

impl DerefMut for Dice {
    fn deref_mut(&mut self) -> &mut Rng {
        &mut self.rng
    }
}

/// What somebody is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) company: Option<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) phones: Vec<String>,
    /// What is written behind the name when it is written with care: `jun.`
    pub(crate) suffix: String,
    pub(crate) is_female: bool,
}

/// One lookup: the records that own the number, and who each of them is.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) is_mobile: bool,
    /// A record and the number of the person that it is about.
    pub(crate) records: Vec<(ContactRecord, usize)>,
}

impl Scene {
    /// The records as the adapters answer them.
    pub(crate) fn sources(&self) -> Vec<SourceMatches> {
        let source = |(crm, priority): (&&str, u32)| {
            let of_crm = self.records.iter().map(|(record, _)| record);
            let of_crm = of_crm.filter(|record| record.source.as_str() == *crm);
            SourceMatches {
                source: AdapterId::new(crm).unwrap(),
                priority,
                matches: of_crm
                    .map(|record| Match {
                        record: record.clone(),
                        class: MatchClass::Exact,
                    })
                    .collect(),
            }
        };
        CRMS.iter().zip([10, 20, 30]).map(source).collect()
    }

    /// Who a record is about.
    pub(crate) fn truth(&self, source: &AdapterId, id: &str) -> usize {
        let mut records = self.records.iter();
        let is_it = |record: &ContactRecord| record.source == *source && record.id == id;
        records.find(|(record, _)| is_it(record)).unwrap().1
    }

    /// Enters people into one to three CRMs each, some of them twice.
    fn enter(rng: &mut Dice, is_mobile: bool, people: &[Person]) -> Self {
        let mut records = Vec::new();
        for (truth, person) in people.iter().enumerate() {
            let copies = rng.usize(1..=4);
            for _ in 0..copies {
                let source = AdapterId::new(names::pick(rng, &CRMS)).unwrap();
                let id = format!("{}", records.len() + 1);
                let kind = if rng.u8(..) < 40 {
                    RecordKind::Lead
                } else {
                    RecordKind::Contact
                };
                let name = errors::written(rng, person);
                let mut record = ContactRecord::new(source, id, kind, name);
                errors::fill(rng, person, &mut record);
                records.push((record, truth));
            }
        }
        rng.shuffle(&mut records);
        Self { is_mobile, records }
    }
}
