//! What is compared of a record, prepared once.

use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;
use whocalls_core::{ContactRecord, Match, MatchClass, PhoneNumber, RecordKind};

use super::{company::CompanyName, fold::key, mailbox::Mailboxes, name::PersonName};

/// Digits at the end by which further numbers are compared, however they are written: enough to
/// tell the numbers of one person apart.
const TAIL_DIGITS: usize = 8;
/// More numbers than a record is compared by.
const MAX_NUMBERS: usize = 8;

/// What the asked number says about its owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Whether it goes with one person, as that of a mobile phone does.
    pub is_personal: bool,
    tail: Option<u64>,
}

impl Asked {
    /// What is to be known of the number.
    pub fn of(number: &PhoneNumber) -> Self {
        Self {
            is_personal: number.is_mobile(),
            tail: tail(number.digits()),
        }
    }
}

/// A record, prepared for comparison with others that own the same number.
#[derive(Debug, Clone)]
pub struct Profile<'a> {
    pub(super) record: &'a ContactRecord,
    pub(super) name: Arc<PersonName>,
    /// The company of a person; of a company its own name.
    pub(super) company: Arc<Company<'a>>,
    pub(super) mailboxes: Arc<Mailboxes>,
    /// The last digits of its numbers, without the one that was asked.
    pub(super) numbers: SmallVec<[u64; 2]>,
    pub(super) is_personal_number: bool,
    pub(super) is_weak_match: bool,
}

impl<'a> Profile<'a> {
    /// Prepares a record that matches the asked number so well.
    pub fn of(record: &'a ContactRecord, class: MatchClass, asked: Asked) -> Self {
        Self::beside(&[], record, class, asked)
    }

    /// Prepares the records of a lookup.
    pub(crate) fn all(records: impl Iterator<Item = &'a Match>, asked: Asked) -> Vec<Self> {
        let mut profiles: Vec<Self> = Vec::with_capacity(records.size_hint().0);
        for Match { record, class } in records {
            profiles.push(Self::beside(&profiles, record, *class, asked));
        }
        profiles
    }

    /// Prepares a record beside others. Several CRMs often have one person's name and address in
    /// the same letters, and many records one company's: what is there already is not read again.
    fn beside(known: &[Self], record: &'a ContactRecord, class: MatchClass, asked: Asked) -> Self {
        // The latest first: a CRM lists the people of one company together.
        let same = |is_same: &dyn Fn(&ContactRecord) -> bool| {
            let mut latest = known.iter().rev();
            latest.find(|it| is_same(it.record))
        };
        let (name, company) = (person_text(record), company_text(record));
        let numbers = record.phones.iter().filter_map(|number| tail(number));
        let others = numbers.filter(|number| Some(*number) != asked.tail);
        Self {
            record,
            name: same(&|it| person_text(it) == name).map_or_else(
                || Arc::new(name.map(PersonName::of).unwrap_or_default()),
                |it| Arc::clone(&it.name),
            ),
            company: same(&|it| company_text(it) == company).map_or_else(
                || Arc::new(Company::of(company)),
                |it| Arc::clone(&it.company),
            ),
            mailboxes: same(&|it| it.emails == record.emails).map_or_else(
                || Arc::new(Mailboxes::of(&record.emails)),
                |it| Arc::clone(&it.mailboxes),
            ),
            numbers: others.take(MAX_NUMBERS).collect(),
            is_personal_number: asked.is_personal,
            is_weak_match: class.is_weak(),
        }
    }

    /// Whether it stands for a company.
    pub(crate) fn is_company(&self) -> bool {
        self.record.kind == RecordKind::Company
    }

    /// Whether it has given name and family name of one person.
    pub(crate) fn has_full_name(&self) -> bool {
        self.name.is_full()
    }

    /// Whether both name the same company, without legal form and place.
    pub(crate) fn is_of_same_company(&self, other: &Self) -> bool {
        let companies = self.company.name().zip(other.company.name());
        companies.is_some_and(|(a, b)| a.is_same(b))
    }

    /// Keys of which two records share one if they can be the same at all.
    pub(crate) fn for_each_key(&self, mut each: impl FnMut(u32)) {
        let is_company = self.is_company();
        // Equal words of a person and of a company are different keys.
        let mut keyed = |value: u32| each(value.rotate_left(u32::from(is_company)));
        self.name.for_each_key(&mut keyed);
        self.mailboxes.keys().for_each(&mut keyed);
        if is_company && let Some(company) = self.company.name() {
            company.telling().map(key).for_each(&mut keyed);
            keyed(company.key());
        }
    }
}

/// The company of a record, read when it is compared: other names mostly decide before.
#[derive(Debug)]
pub(super) struct Company<'a> {
    text: Option<&'a str>,
    name: OnceLock<Option<CompanyName>>,
}

impl<'a> Company<'a> {
    fn of(text: Option<&'a str>) -> Self {
        let name = OnceLock::new();
        Self { text, name }
    }

    /// The name; `None` for one without letters.
    pub(super) fn name(&self) -> Option<&CompanyName> {
        let name = self.name.get_or_init(|| CompanyName::of(self.text?));
        name.as_ref()
    }

    /// Whether both surely have one name, told without reading it.
    pub(super) fn is_plainly(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric();
        Arc::ptr_eq(self, other) && self.text.is_some_and(|text| text.bytes().any(is_letter))
    }
}

/// The name of a person.
fn person_text(record: &ContactRecord) -> Option<&str> {
    match record.kind {
        RecordKind::Company => None,
        RecordKind::Contact | RecordKind::Lead => Some(&record.name),
    }
}

/// The company of a person; of a company its own name.
fn company_text(record: &ContactRecord) -> Option<&str> {
    match record.kind {
        RecordKind::Company => Some(&record.name),
        RecordKind::Contact | RecordKind::Lead => record.company.as_deref(),
    }
}

/// The last digits of a number as a number; `None` for one that is too short to tell anything.
fn tail(number: &str) -> Option<u64> {
    const SHORTEST: usize = 7;
    let mut digits = number.bytes().rev().filter(u8::is_ascii_digit);
    let mut count = 0;
    let value = digits.by_ref().take(TAIL_DIGITS).fold(0, |tail, digit| {
        count += 1;
        tail * 10 + u64::from(digit - b'0')
    });
    (count >= SHORTEST).then_some(value)
}
