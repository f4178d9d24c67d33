//! What a reply means: by the rules of the description and, where none fits, by its status.
//!
//! The texts of a reply never become part of a failure: CRMs repeat in them what they were asked.

use std::sync::Arc;

use serde_json::Value;
use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::{Reply, StatusCode};

use crate::{
    compile::Problems,
    config::{Means, OutcomeSettings, Status},
};

use value::{Place, Seen, Test, Wait};

mod value;

/// Client errors that are about the gateway and not about what was asked: they would hide a
/// failure if they meant that nothing was found.
const FAILURES: [u16; 5] = [401, 403, 407, 408, 429];

/// What a reply means.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The request did what it should.
    Success,
    /// The CRM answered that nothing was found.
    Nobody,
    /// The request failed.
    Failure(AdapterError),
}

/// The rules of a description, the first that fits first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcomes {
    rules: Vec<Arc<Rule>>,
}

/// A rule that says what the replies mean that it fits.
#[derive(Debug)]
struct Rule {
    /// The path of its setting.
    at: String,
    statuses: Option<Vec<Statuses>>,
    value: Option<(Place, Test)>,
    means: Means,
    retry_after: Option<Wait>,
}

/// Statuses from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Statuses(u16, u16);

impl Outcomes {
    /// Reads the rules in the setting at the path `at`.
    pub(crate) fn compile(settings: &[OutcomeSettings], at: &str, problems: &mut Problems) -> Self {
        let rules = settings.iter().enumerate();
        Self {
            rules: rules
                .map(|(index, rule)| {
                    Arc::new(Rule::compile(rule, &format!("{at}.{index}"), problems))
                })
                .collect(),
        }
    }

    /// The rule of the setting `empty_statuses` at the path `at`: these statuses mean that nobody
    /// was found.
    pub(crate) fn empty_statuses(statuses: &[u16], at: &str, problems: &mut Problems) -> Self {
        for (index, status) in statuses.iter().enumerate() {
            check_empty(
                Statuses(*status, *status),
                &format!("{at}.{index}"),
                problems,
            );
        }
        let rule = Rule {
            at: at.to_owned(),
            statuses: Some(statuses.iter().map(|one| Statuses(*one, *one)).collect()),
            value: None,
            means: Means::Nobody,
            retry_after: None,
        };
        Self {
            rules: vec![Arc::new(rule)],
        }
    }

    /// The rule of a body with GraphQL at the path `at`: where `errors` stand beside the data, what
    /// is `null` in it may just have failed (GraphQL, October 2021, §7.1.2).
    pub(crate) fn graphql(at: &str, problems: &mut Problems) -> Self {
        let errors = problems.json_path(at, "$.errors");
        let rule = Rule {
            at: at.to_owned(),
            // Other statuses speak for themselves.
            statuses: Some(vec![Statuses(200, 299)]),
            value: Some((Place::Path(errors), Test::Present)),
            means: Means::Protocol,
            retry_after: None,
        };
        Self {
            rules: vec![Arc::new(rule)],
        }
    }

    /// These rules and, where none of them fits, those of `outer`.
    #[must_use]
    pub(crate) fn within(mut self, outer: &Self) -> Self {
        self.rules.extend(outer.rules.iter().map(Arc::clone));
        self
    }

    /// What a reply means.
    pub(crate) fn of(&self, reply: &Reply) -> Outcome {
        self.by_rule(reply).unwrap_or_else(|| by_status(reply))
    }

    /// What a reply means whose body was read already; none when it is no JSON.
    pub(crate) fn of_read(&self, reply: &Reply, document: Option<&Value>) -> Outcome {
        let judged = self.judge(&Seen::read(reply, document));
        judged.unwrap_or_else(|| by_status(reply))
    }

    /// What a reply means by the first rule that fits it, if one does.
    pub(crate) fn by_rule(&self, reply: &Reply) -> Option<Outcome> {
        self.judge(&Seen::new(reply))
    }

    fn judge(&self, seen: &Seen<'_>) -> Option<Outcome> {
        let rule = self.rules.iter().find(|rule| rule.fits(seen))?;
        Some(rule.outcome(seen))
    }

    /// Whether a reply says that the credential is not or no longer accepted.
    pub(crate) fn is_unauthenticated(&self, reply: &Reply) -> bool {
        self.may_be_unauthenticated(reply) && is_unauthenticated(&self.of(reply))
    }

    /// The same of a reply whose body was read already; none when it is no JSON.
    pub(crate) fn is_unauthenticated_read(&self, reply: &Reply, document: Option<&Value>) -> bool {
        self.may_be_unauthenticated(reply) && is_unauthenticated(&self.of_read(reply, document))
    }

    fn may_be_unauthenticated(&self, reply: &Reply) -> bool {
        // Most descriptions have no such rule, and need not look into the body.
        reply.status == StatusCode::UNAUTHORIZED
            || (self.rules.iter()).any(|rule| rule.means == Means::Unauthenticated)
    }
}

impl Rule {
    fn compile(settings: &OutcomeSettings, at: &str, problems: &mut Problems) -> Self {
        let statuses = settings.status.as_ref().map(|statuses| {
            let statuses = statuses.iter().enumerate();
            statuses
                .filter_map(|(index, status)| {
                    Statuses::compile(status, &format!("{at}.status.{index}"), problems)
                })
                .collect::<Vec<_>>()
        });
        let place = Place::compile(
            settings.path.as_ref(),
            settings.header.as_ref(),
            at,
            problems,
        );
        let test = Test::compile(settings, at, problems);
        let has_place = settings.path.is_some() || settings.header.is_some();
        if statuses.is_none() && !has_place {
            problems.add(
                at,
                "the rule fits every reply; it needs `status`, `path` or `header`",
            );
        }
        let value = match (place, test) {
            (Some(place), test) => Some((place, test.unwrap_or(Test::Present))),
            (None, Some(_)) if !has_place => {
                problems.add(
                    at,
                    "`equals` and `pattern` are about the value at `path` or `header`",
                );
                None
            }
            (None, _) => None,
        };
        if settings.means == Means::Nobody && value.is_none() {
            for (index, status) in statuses.iter().flatten().enumerate() {
                check_empty(*status, &format!("{at}.status.{index}"), problems);
            }
        }
        Self {
            at: at.to_owned(),
            statuses,
            value,
            means: settings.means,
            retry_after: (settings.retry_after.as_ref())
                .and_then(|wait| Wait::compile(wait, &format!("{at}.retry_after"), problems)),
        }
    }

    fn fits(&self, seen: &Seen<'_>) -> bool {
        let status = seen.reply.status.as_u16();
        let has_status = self.statuses.as_ref().is_none_or(|statuses| {
            let mut statuses = statuses.iter();
            statuses.any(|Statuses(first, last)| (*first..=*last).contains(&status))
        });
        let has_value =
            |(place, test): &(Place, Test)| seen.any(place, |value| test.accepts(value));
        has_status && self.value.as_ref().is_none_or(has_value)
    }

    fn outcome(&self, seen: &Seen<'_>) -> Outcome {
        let reply = seen.reply;
        let (kind, advice) = match self.means {
            Means::Ok => return Outcome::Success,
            Means::Nobody => return Outcome::Nobody,
            Means::Unauthenticated => (
                ErrorKind::Unauthenticated,
                "the CRM rejected the credentials; check them in the adapter's settings",
            ),
            Means::PermissionDenied => (
                ErrorKind::PermissionDenied,
                "the credentials lack a permission for this request; extend the rights of the API \
                 user",
            ),
            Means::NotFound => (
                ErrorKind::NotFound,
                "the CRM does not know this path or record; check base_url and the path",
            ),
            Means::RateLimited => (
                ErrorKind::RateLimited,
                "the CRM is asked more often than it allows",
            ),
            Means::Unavailable => (unavailable(reply), "the CRM reports a failure of its own"),
            Means::InvalidRequest => (
                ErrorKind::InvalidRequest,
                "the CRM rejected the request as invalid; `whocalls check --trace` shows what it \
                 said",
            ),
            Means::Protocol => (
                reply.unreadable(),
                "the reply is not the one described; `whocalls check --trace` shows it",
            ),
        };
        let error = reply.error(kind, format!("{advice} (by the rule {})", self.at));
        let wait = self.retry_after.as_ref().and_then(|wait| seen.wait(wait));
        Outcome::Failure(match wait {
            Some(wait) => error.with_retry_after(Some(wait)),
            None => error,
        })
    }
}

impl Statuses {
    fn compile(settings: &Status, at: &str, problems: &mut Problems) -> Option<Self> {
        let range = match settings {
            Status::One(status) => (100..=599)
                .contains(status)
                .then_some(Self(*status, *status)),
            Status::Class(text) => match text.as_str() {
                "2xx" => Some(Self(200, 299)),
                "3xx" => Some(Self(300, 399)),
                "4xx" => Some(Self(400, 499)),
                "5xx" => Some(Self(500, 599)),
                _ => None,
            },
        };
        if range.is_none() {
            problems.add(
                at,
                "a status such as 404, or \"2xx\", \"3xx\", \"4xx\" or \"5xx\"",
            );
        }
        range
    }
}

fn is_unauthenticated(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failure(error) if error.kind == ErrorKind::Unauthenticated)
}

/// What a reply means that no rule fits.
fn by_status(reply: &Reply) -> Outcome {
    if reply.status.is_success() {
        Outcome::Success
    } else {
        Outcome::Failure(reply.failure())
    }
}

/// The kind of a failure of the CRM's own. A write that met one may have been carried out, unless
/// the CRM says that it is not available at all.
fn unavailable(reply: &Reply) -> ErrorKind {
    if reply.status == StatusCode::SERVICE_UNAVAILABLE {
        ErrorKind::Unavailable
    } else {
        let own = reply.part(StatusCode::INTERNAL_SERVER_ERROR, Vec::new());
        own.failure().kind
    }
}

fn check_empty(Statuses(first, last): Statuses, at: &str, problems: &mut Problems) {
    let is_class = first != last;
    let may_be = matches!(first, 201..=299 | 400..=499) && !FAILURES.contains(&first);
    if is_class || !may_be {
        problems.add(
            at,
            "this status cannot mean that nobody was found; 201 to 299 and 400 to 499 can, except \
             401, 403, 407, 408 and 429",
        );
    }
}

#[cfg(test)]
mod tests;
