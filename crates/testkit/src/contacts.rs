//! Messy contacts, as they stand in real CRMs.

/// The number that twelve contacts own in twelve spellings.
pub const SPELLED: &str = "41215522000";

/// The twelve spellings of [`SPELLED`] that were measured on real servers (`crm-apis.md` §7).
pub const TWELVE_SPELLINGS: [&str; 12] = [
    "+41 21 552 20 00",
    "021 552 20 00",
    "0041215522000",
    "+41 (0)21 552 20 00",
    "021/552.20.00",
    "+41215522000",
    "021-552-20-00",
    "(021) 5522000",
    "+41.21.552.20.00",
    "0215522000",
    "0041 21 552 20 00",
    "+41\u{a0}21\u{a0}552\u{a0}20\u{a0}00",
];

/// A number that nobody owns.
pub const UNKNOWN: &str = "41445559999";
/// A number that exactly one contact owns: [`MIA`], a mobile.
pub const MIA_NUMBER: &str = "41791234567";
/// The name of the contact that owns [`MIA_NUMBER`].
pub const MIA: &str = "Mia Keller";

/// A contact to fill a simulated CRM with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedContact {
    /// Unique, counted from 1.
    pub id: u32,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The company's name; empty when there is none.
    pub company: String,
    /// The company's number, counted from 1; 0 when there is none.
    pub company_id: u32,
    /// E-mail address.
    pub email: String,
    /// Mobile number as typed; may be empty.
    pub mobile: String,
    /// Office number as typed; may be empty.
    pub work: String,
    /// Job title.
    pub job_title: String,
}

const FIRST: [&str; 12] = [
    "Anna", "Luca", "Zoé", "Jürg", "Chiara", "Noah", "Léa", "Urs", "Sofia", "Matteo", "Heidi",
    "René",
];
const LAST: [&str; 12] = [
    "Müller",
    "Rossi",
    "Favre",
    "Keller",
    "O'Neill",
    "Bianchi",
    "Dubois",
    "von Arx",
    "Schmid",
    "Da Silva",
    "Weber",
    "Ångström",
];
const COMPANIES: [&str; 8] = [
    "White Cross Co",
    "Keller AG",
    "Bäckerei Sonne GmbH",
    "Rossi & Figli S.r.l.",
    "Garage du Lac SA",
    "Alpen \"Blick\" Hotel",
    "Meier + Partner",
    "Studio Léman Sàrl",
];
const NOTES: [&str; 4] = [" ext. 12", " int. 7", " x34", " (privat)"];

/// Twelve contacts that share [`SPELLED`], [`MIA`], and `others` more with unique numbers in
/// changing spellings, about one in 25 with an extension or a note behind the number.
pub fn messy_contacts(others: u32) -> Vec<SeedContact> {
    let spelled = (1..).zip(TWELVE_SPELLINGS).map(|(id, spelling)| {
        let mut contact = person(id);
        // Some in one field, some in the other, as users fill them.
        if id % 2 == 0 {
            spelling.clone_into(&mut contact.mobile);
        } else {
            spelling.clone_into(&mut contact.work);
        }
        contact
    });
    let mia = SeedContact {
        first_name: "Mia".into(),
        last_name: "Keller".into(),
        company: "Keller AG".into(),
        company_id: 2,
        mobile: "079 123 45 67".into(),
        ..person(13)
    };
    let others = (14..14 + others).map(|id| {
        let mut contact = person(id);
        contact.work = spell(id);
        contact
    });
    spelled.chain(std::iter::once(mia)).chain(others).collect()
}

fn person(id: u32) -> SeedContact {
    let pick = |list: &[&str], step: u32| {
        let index = (id * step + id / 12) as usize % list.len();
        list.get(index).copied().unwrap_or_default().to_owned()
    };
    let company = pick(&COMPANIES, 5);
    let company_id = COMPANIES
        .iter()
        .position(|known| *known == company)
        .map_or(0, |i| i + 1);
    SeedContact {
        id,
        first_name: pick(&FIRST, 1),
        last_name: pick(&LAST, 7),
        company,
        company_id: u32::try_from(company_id).unwrap_or(0),
        email: format!("contact{id}@example.ch"),
        mobile: String::new(),
        work: String::new(),
        job_title: if id.is_multiple_of(3) {
            "Head of Sales"
        } else {
            ""
        }
        .into(),
    }
}

/// A Zurich number for each id, in one of six spellings.
fn spell(id: u32) -> String {
    let local = 5_550_000 + id % 9_000;
    let (head, middle, tail) = (local / 10_000, local / 100 % 100, local % 100);
    let mut text = match id % 6 {
        0 => format!("+41 44 {head} {middle:02} {tail:02}"),
        1 => format!("044 {head} {middle:02} {tail:02}"),
        2 => format!("004144{local}"),
        3 => format!("+41 (0)44 {head} {middle:02} {tail:02}"),
        4 => format!("044/{head}.{middle:02}.{tail:02}"),
        _ => format!("+4144{local}"),
    };
    if id.is_multiple_of(25) {
        text.push_str(
            NOTES
                .get(id as usize / 25 % NOTES.len())
                .copied()
                .unwrap_or_default(),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use whocalls_core::MatchClass;

    use super::*;

    #[test]
    fn the_named_numbers_have_the_owners_they_promise() {
        let plan = crate::number_plan();
        let contacts = messy_contacts(500);
        let owners = |text: &str| {
            let asked = crate::number(text);
            let owns = |stored: &str| plan.match_stored(stored, &asked) == Some(MatchClass::Exact);
            contacts
                .iter()
                .filter(|c| owns(&c.mobile) || owns(&c.work))
                .count()
        };
        assert_eq!(owners(SPELLED), 12);
        assert_eq!(owners(MIA_NUMBER), 1);
        assert_eq!(owners(UNKNOWN), 0);
    }
}
