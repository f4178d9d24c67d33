//! Further pages of a reply.

use minijinja::Value;
use url::Url;
use whocalls_http::BaseUrl;

use crate::{
    compile::Problems,
    config::PagesSettings,
    request::Request,
    scope::Scope,
    select::{Hit, Reach, Sources},
    template::Place,
};

/// How further pages are asked for.
pub(crate) struct Pages {
    max: u32,
    way: Way,
}

enum Way {
    /// A page whose list has that many elements is followed by another.
    Size(u64),
    Cursor(Sources),
    NextUrl(Sources),
}

/// The page that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    number: u32,
    offset: u64,
    cursor: Option<String>,
    /// The address to ask instead of that of the request.
    pub(crate) url: Option<Url>,
}

/// What follows a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: it was the last.
    End,
    /// This page.
    Page(Page),
    /// More that is not asked for. Says why.
    Cut(&'static str),
}

impl Pages {
    /// Reads the setting `pages` at the path `at`. The sources read a reply, which is what `scope`
    /// is about.
    pub(crate) fn compile(
        settings: &PagesSettings,
        at: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Option<Self> {
        if !(1..=10).contains(&settings.max) {
            problems.add(&format!("{at}.max"), "1 to 10 pages can be asked for");
        }
        let reach = Reach::reply(scope);
        let way = match (settings.size, &settings.cursor, &settings.next_url) {
            (Some(size), None, None) => {
                if !(1..=1000).contains(&size) {
                    problems.add(&format!("{at}.size"), "a page has 1 to 1000 hits");
                }
                Way::Size(size.into())
            }
            (None, Some(cursor), None) => {
                let at = format!("{at}.cursor");
                Way::Cursor(Sources::compile(
                    cursor,
                    &at,
                    Place::RecordText,
                    &reach,
                    problems,
                ))
            }
            (None, None, Some(url)) => {
                let at = format!("{at}.next_url");
                Way::NextUrl(Sources::compile(
                    url,
                    &at,
                    Place::RecordText,
                    &reach,
                    problems,
                ))
            }
            _ => {
                problems.add(
                    at,
                    "one of `size`, `cursor` and `next_url` is needed, and only one",
                );
                return None;
            }
        };
        Some(Self {
            max: settings.max.into(),
            way,
        })
    }

    /// Whether `request` says which page it asks for.
    ///
    /// # Errors
    /// What it has to use.
    pub(crate) fn check(&self, request: &Request) -> Result<(), &'static str> {
        let uses = |name: &str| request.uses(&format!("page.{name}"));
        match self.way {
            Way::Size(_) if !uses("number") && !uses("offset") => Err(
                "no template of the request uses `page.number` or `page.offset`, so every \
                     page would be the first",
            ),
            Way::Cursor(_) if !uses("cursor") => Err(
                "no template of the request uses `page.cursor`, so every page would be the \
                     first",
            ),
            Way::Size(_) | Way::Cursor(_) | Way::NextUrl(_) => Ok(()),
        }
    }

    /// What follows `page`, whose reply lists `length` elements, hits and others. Pages are asked
    /// for at the address `base` only.
    pub(crate) fn after(
        &self,
        page: &Page,
        reply: &Hit<'_>,
        length: usize,
        base: &BaseUrl,
    ) -> Next {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let (cursor, url) = match &self.way {
            Way::Size(size) if length < *size => return Next::End,
            Way::Size(_) => (None, None),
            Way::Cursor(sources) => match sources.first(reply, None) {
                None => return Next::End,
                same if same == page.cursor => return Next::Cut("the cursor stays the same"),
                cursor => (cursor, None),
            },
            Way::NextUrl(sources) => {
                let Some(text) = sources.first(reply, None) else {
                    return Next::End;
                };
                let Some(text) = url_in(&text) else {
                    return Next::End;
                };
                match same_origin(text, base) {
                    None => return Next::Cut("the next page has an address elsewhere"),
                    same if same == page.url => return Next::Cut("the address stays the same"),
                    url => (None, url),
                }
            }
        };
        if page.number >= self.max {
            return Next::Cut("there are more pages than `pages.max`");
        }
        Next::Page(Page {
            number: page.number + 1,
            offset: page.offset.saturating_add(length),
            cursor,
            url,
        })
    }
}

impl Page {
    /// The first page.
    pub(crate) fn first() -> Self {
        Self {
            number: 1,
            offset: 0,
            cursor: None,
            url: None,
        }
    }

    /// The page as the variable `page` of templates.
    pub(crate) fn variable(&self) -> Value {
        let Self {
            number,
            offset,
            cursor,
            url: _,
        } = self;
        if let Some(cursor) = cursor {
            minijinja::context! { number, offset, cursor }
        } else {
            minijinja::context! { number, offset }
        }
    }
}

/// The address in a text: the text itself or, in the value of a header `Link` (RFC 8288 §3), the
/// target with the relation `next`.
fn url_in(text: &str) -> Option<&str> {
    if !text.starts_with('<') {
        return Some(text);
    }
    // Targets are URLs, which have no `<`: it begins the next link.
    let mut links = text.split('<').filter_map(|link| link.split_once('>'));
    let next = links.find(|(_, parameters)| parameters.split([';', ',']).any(is_next));
    next.map(|(target, _)| target)
}

/// Whether the parameter of a link says that it leads to the next page.
fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let value = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("rel")
        && value
            .split_ascii_whitespace()
            .any(|relation| relation.eq_ignore_ascii_case("next"))
}

/// The address, if the gateway may ask it: that of the CRM and no other.
fn same_origin(text: &str, base: &BaseUrl) -> Option<Url> {
    let url = Url::parse(base.as_str()).ok()?.join(text).ok()?;
    (url.origin().ascii_serialization() == base.origin()).then_some(url)
}

#[cfg(test)]
mod tests;
