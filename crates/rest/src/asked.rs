//! What is asked, and which hits answer it.

use std::num::NonZeroUsize;

use whocalls_core::{
    AdapterId, ContactRecord, LookupAnswer, NumberPlan, NumberQuery, PhoneNumber, RecordKind,
};

/// A question to the CRM, and what tells which hits answer it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) query: NumberQuery,
    pub(crate) plan: NumberPlan,
    /// Who is asked.
    pub(crate) adapter: AdapterId,
}

impl Asked {
    /// The number.
    pub(crate) fn number(&self) -> &PhoneNumber {
        &self.query.number
    }

    /// Whether more of a hit with these numbers is wanted than what refuses it: not of a stranger,
    /// of whom a CRM that ignores a filter returns hundreds.
    pub(crate) fn wants(&self, kind: RecordKind, phones: &[String]) -> bool {
        let has_switchboards = self.plan.match_rules().switchboard_digits().is_some();
        let may_be_switchboard = has_switchboards && kind == RecordKind::Company;
        let number = self.number();
        self.query.explain || may_be_switchboard || phones.iter().any(|phone| number.may_be(phone))
    }

    /// Those records that own the number.
    pub(crate) fn verified(
        &self,
        records: impl IntoIterator<Item = ContactRecord>,
    ) -> LookupAnswer {
        LookupAnswer::verified(records, &self.query, &self.plan)
    }

    /// The same question, when it counts only how many own the number.
    pub(crate) fn counting(&self) -> Self {
        Self {
            query: NumberQuery {
                max_records: NonZeroUsize::MAX,
                explain: false,
                ..self.query.clone()
            },
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use whocalls_core::MatchRules;
    use whocalls_testkit::{number, number_plan};

    use super::*;

    fn asked(explain: bool, switchboard_max_digits: Option<u8>) -> Asked {
        let rules = MatchRules {
            switchboard_max_digits,
            ..MatchRules::default()
        };
        Asked {
            query: NumberQuery {
                number: number("41445550123"),
                max_records: NonZeroUsize::MIN,
                explain,
            },
            plan: number_plan().with_match_rules(rules),
            adapter: AdapterId::new("crm").unwrap(),
        }
    }

    #[test]
    fn of_a_stranger_nothing_more_is_wanted() {
        let stranger = ["044 555 01 00".to_owned()];
        let owner = ["x".to_owned(), "044 555 01 23".to_owned()];
        let plain = asked(false, None);
        assert!(plain.wants(RecordKind::Contact, &owner));
        assert!(!plain.wants(RecordKind::Company, &stranger));
        assert!(!plain.wants(RecordKind::Contact, &[]));
        assert!(asked(true, None).wants(RecordKind::Contact, &stranger));
        let with_switchboards = asked(false, Some(2));
        assert!(with_switchboards.wants(RecordKind::Company, &stranger));
        assert!(!with_switchboards.wants(RecordKind::Contact, &stranger));
    }
}
