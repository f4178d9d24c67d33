//! The part of the language that says how further pages of a reply are asked for.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Sources;

/// How further pages are asked for: one of `size`, `cursor` and `next_url`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PagesSettings {
    /// The most pages that are asked for, 1 to 10. If there are more, the answer says so. Default 3.
    #[schemars(range(min = 1, max = 10))]
    #[serde(default = "default_max")]
    pub(crate) max: u8,
    /// How many elements the list of a full page has, 1 to 1000; after a full page the next one is
    /// asked for. The request uses `page.number` (from 1) or `page.offset` (from 0). For example
    /// `50`.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) size: Option<u16>,
    /// Where the reply has the cursor of the next page; the last page has none. The request uses
    /// `page.cursor`, which is absent on the first page. For example
    /// `$.additional_data.next_cursor`.
    pub(crate) cursor: Option<Sources>,
    /// Where the reply has the address of the next page, which must be of the same scheme, host
    /// and port as `base_url`; the last page has none. For example `$.next_page` or
    /// `{ header = "Link" }` (RFC 8288, `rel="next"`).
    pub(crate) next_url: Option<Sources>,
}

fn default_max() -> u8 {
    3
}
