//! Which weak matches count.

/// Which matches count besides those of the whole number. None, unless switched on: a wrong name is
/// worse than no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatchRules {
    /// A number without area code matches a number of the default region that ends in it, if it has
    /// at least so many digits: [`MatchClass::Suffix`](super::MatchClass::Suffix). Fewer than
    /// [`MIN_SUFFIX_DIGITS`](Self::MIN_SUFFIX_DIGITS) count as that many.
    pub suffix_min_digits: Option<u8>,
    /// A company's number matches numbers that differ from it in at most so many of their last
    /// digits: [`MatchClass::Switchboard`](super::MatchClass::Switchboard). More than
    /// [`MAX_SWITCHBOARD_DIGITS`](Self::MAX_SWITCHBOARD_DIGITS) count as that many.
    pub switchboard_max_digits: Option<u8>,
}

impl MatchRules {
    /// Fewer digits at the end say nothing: a town has many numbers that share them.
    pub const MIN_SUFFIX_DIGITS: u8 = 6;
    /// More digits than this no company has for its extensions alone (`crm-apis.md` §5.5).
    pub const MAX_SWITCHBOARD_DIGITS: u8 = 4;

    pub(super) fn suffix_min(self) -> Option<usize> {
        let digits = self.suffix_min_digits?;
        Some(usize::from(digits.max(Self::MIN_SUFFIX_DIGITS)))
    }

    /// How many last digits of a company's number may differ; `None` where the rule is off.
    pub fn switchboard_digits(self) -> Option<usize> {
        let digits = self.switchboard_max_digits.filter(|digits| *digits > 0)?;
        Some(usize::from(digits.min(Self::MAX_SWITCHBOARD_DIGITS)))
    }
}
