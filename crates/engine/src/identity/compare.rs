//! The evidence for and against two records being the same.

use super::{Clue, Evidence, Profile, company::CompanyMatch};

/// Compares two records that own the same number. Symmetric.
///
/// A person and a company are never the same; nothing else is looked at then, nor when the names
/// rule it out.
pub fn compare(a: &Profile<'_>, b: &Profile<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    if a.record.source == b.record.source && a.record.id == b.record.id {
        evidence.add(Clue::SameRecord);
        return evidence;
    }
    match (a.is_company(), b.is_company()) {
        (true, true) => compare_companies(a, b, &mut evidence),
        (false, false) => compare_people(a, b, &mut evidence),
        _ => evidence.add(Clue::OtherKind),
    }
    evidence
}

fn compare_companies(a: &Profile<'_>, b: &Profile<'_>, evidence: &mut Evidence) {
    let (Some(company), Some(other)) = (a.company.name(), b.company.name()) else {
        return;
    };
    match company.compare(other) {
        CompanyMatch::Same => evidence.add(Clue::SameCompanyName),
        CompanyMatch::Similar => evidence.add(Clue::SimilarCompanyName),
        CompanyMatch::Other => return evidence.add(Clue::OtherName),
    }
    if company.is_elsewhere(other) {
        evidence.add(Clue::OtherPlace);
    }
    let mut mail = Evidence::default();
    a.mailboxes.compare(&b.mailboxes, &mut mail);
    let of_one_company = [Clue::SameDomain, Clue::SameEmail, Clue::OtherMailbox];
    if of_one_company.into_iter().any(|clue| mail.has(clue)) {
        evidence.add(Clue::SameDomain);
    }
    compare_numbers(a, b, evidence);
}

fn compare_people(a: &Profile<'_>, b: &Profile<'_>, evidence: &mut Evidence) {
    a.name.compare(&b.name, evidence);
    if evidence.points() <= Clue::OtherName.weight() {
        return;
    }
    a.mailboxes.compare(&b.mailboxes, evidence);
    // The same address is told already.
    if evidence.has(Clue::OtherSurname)
        && !evidence.has(Clue::SameEmail)
        && (a.mailboxes.name_person(&b.name) || b.mailboxes.name_person(&a.name))
    {
        evidence.add(Clue::FormerName);
    }
    compare_employers(a, b, evidence);
    compare_numbers(a, b, evidence);
    if a.is_personal_number {
        evidence.add(Clue::PersonalNumber);
    }
}

fn compare_employers(a: &Profile<'_>, b: &Profile<'_>, evidence: &mut Evidence) {
    // A domain and a company are one piece of evidence; names of one company may have nothing in
    // common.
    if evidence.has(Clue::SameDomain) {
        return;
    }
    if a.company.is_plainly(&b.company) {
        return evidence.add(Clue::SameCompany);
    }
    let clue = match (a.company.name(), b.company.name()) {
        (Some(company), Some(other)) => match company.compare(other) {
            CompanyMatch::Same => Clue::SameCompany,
            CompanyMatch::Similar => Clue::SimilarCompany,
            CompanyMatch::Other if a.is_personal_number => Clue::FormerCompany,
            CompanyMatch::Other => Clue::OtherCompany,
        },
        (Some(company), None) if b.mailboxes.name_company(company) => Clue::SameCompany,
        (None, Some(company)) if a.mailboxes.name_company(company) => Clue::SameCompany,
        _ => return,
    };
    evidence.add(clue);
}

fn compare_numbers(a: &Profile<'_>, b: &Profile<'_>, evidence: &mut Evidence) {
    if a.numbers.iter().any(|number| b.numbers.contains(number)) {
        evidence.add(Clue::SecondNumber);
    }
    if a.is_weak_match || b.is_weak_match {
        evidence.add(Clue::WeakMatch);
    }
}

#[cfg(test)]
mod tests;
