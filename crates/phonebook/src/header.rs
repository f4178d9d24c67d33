//! What the columns of a table hold, by the settings and by their titles.

use crate::{
    config::{Columns, Settings, Titles},
    load::LoadError,
    titles::{self, folded},
};

/// Where the fields of a contact stand in a row; the fields are those of [`Columns`].
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) id: Option<usize>,
    pub(crate) name: Option<usize>,
    pub(crate) first_name: Option<usize>,
    pub(crate) last_name: Option<usize>,
    pub(crate) company: Option<usize>,
    pub(crate) phones: Vec<usize>,
    pub(crate) emails: Vec<usize>,
    pub(crate) contact_url: Option<usize>,
    pub(crate) company_url: Option<usize>,
    pub(crate) modified: Option<usize>,
    /// The columns of the custom fields, in their order.
    pub(crate) custom: Vec<Option<usize>>,
    /// How many columns the header has.
    pub(crate) width: usize,
    /// Configured titles that the file does not have, as `setting "title"`.
    pub(crate) missing: Vec<String>,
}

impl Layout {
    /// Finds the fields in the titles of a table.
    ///
    /// # Errors
    /// When no column holds phone numbers, or none a name; both errors name the titles found.
    pub(crate) fn of(titles: &[&str], settings: &Settings) -> Result<Self, LoadError> {
        let layout = Finder::new(titles, settings).layout();
        let found = || Self::describe(titles);
        if titles.iter().any(|title| looks_like_data(title)) {
            Err(LoadError::NoHeader)
        } else if layout.phones.is_empty() {
            Err(LoadError::NoPhoneColumn { found: found() })
        } else if !layout.has_name() {
            Err(LoadError::NoNameColumn { found: found() })
        } else {
            Ok(layout)
        }
    }

    /// How well the titles are understood; the best delimiter gives the highest score.
    pub(crate) fn score(titles: &[&str], settings: &Settings) -> (usize, usize) {
        let layout = Finder::new(titles, settings).layout();
        let understood = usize::from(!layout.phones.is_empty()) + usize::from(layout.has_name());
        (understood, titles.len())
    }

    fn has_name(&self) -> bool {
        [self.name, self.first_name, self.last_name, self.company]
            .iter()
            .any(Option::is_some)
    }

    /// The titles for a message, cut to a readable length.
    fn describe(titles: &[&str]) -> String {
        const SHOWN: usize = 20;
        const SHOWN_CHARS: usize = 40;
        let shown: Vec<String> = titles
            .iter()
            .take(SHOWN)
            .map(|title| title.trim().chars().take(SHOWN_CHARS).collect())
            .collect();
        let more = titles.len().saturating_sub(SHOWN);
        match more {
            0 => shown.join(", "),
            _ => format!("{} and {more} more", shown.join(", ")),
        }
    }
}

/// A contact instead of titles: the file has no header, and its contents stay out of messages.
fn looks_like_data(title: &str) -> bool {
    const DIGITS: usize = 6;
    title.contains('@') || title.chars().filter(char::is_ascii_digit).count() >= DIGITS
}

/// Titles and settings on the way to a [`Layout`].
struct Finder<'a> {
    titles: &'a [&'a str],
    folded: Vec<String>,
    settings: &'a Settings,
}

impl<'a> Finder<'a> {
    fn new(titles: &'a [&'a str], settings: &'a Settings) -> Self {
        Self {
            titles,
            folded: titles.iter().map(|title| folded(title)).collect(),
            settings,
        }
    }

    fn layout(&self) -> Layout {
        let columns = &self.settings.columns;
        let mut layout = Layout {
            id: self.one(&columns.id, titles::ID),
            name: self.one(&columns.name, titles::NAME),
            first_name: self.one(&columns.first_name, titles::FIRST_NAME),
            last_name: self.one(&columns.last_name, titles::LAST_NAME),
            company: self.one(&columns.company, titles::COMPANY),
            phones: self.all(&columns.phone, titles::is_phone),
            emails: self.all(&columns.email, titles::is_email),
            contact_url: self.one(&columns.contact_url, titles::CONTACT_URL),
            company_url: self.one(&columns.company_url, titles::COMPANY_URL),
            modified: self.one(&columns.modified, titles::MODIFIED),
            custom: self
                .settings
                .custom_fields
                .fields()
                .map(|title| self.position(title))
                .collect(),
            width: self.titles.len(),
            missing: self.missing(columns),
        };
        self.settle_names(&mut layout);
        layout
    }

    /// Words that mean the full name alone and a part of it beside another part.
    fn settle_names(&self, layout: &mut Layout) {
        // `Nome` is the first name beside `Cognome`, else the full name.
        if layout.name == layout.first_name && layout.last_name.is_some() {
            layout.name = None;
        } else if layout.name == layout.first_name {
            layout.first_name = None;
        }
        let is_ambiguous = layout.name.is_some_and(|position| {
            let title = self.folded.get(position).map_or("", String::as_str);
            titles::LAST_NAME_BESIDE_FIRST.contains(&title)
        });
        let is_free = self.settings.columns.name.as_slice().is_empty();
        if is_ambiguous && is_free && layout.first_name.is_some() && layout.last_name.is_none() {
            layout.last_name = layout.name.take();
        }
    }

    /// The column with one of the configured titles, or one of the usual ones.
    fn one(&self, configured: &Titles, usual: &[&str]) -> Option<usize> {
        let configured = configured.as_slice();
        if configured.is_empty() {
            usual
                .iter()
                .find_map(|title| self.folded.iter().position(|found| found == title))
        } else {
            configured.iter().find_map(|title| self.position(title))
        }
    }

    /// All columns with one of the configured titles, or all that look right.
    fn all(&self, configured: &Titles, looks_right: fn(&str) -> bool) -> Vec<usize> {
        let configured = configured.as_slice();
        if configured.is_empty() {
            let titles = self.titles.iter().enumerate();
            titles
                .filter(|(_, title)| looks_right(title))
                .map(|(position, _)| position)
                .collect()
        } else {
            configured
                .iter()
                .filter_map(|title| self.position(title))
                .collect()
        }
    }

    /// The column with this title: the very title if there is one, else one that reads the same.
    fn position(&self, title: &str) -> Option<usize> {
        let wanted = folded(title);
        let exact = self.titles.iter().position(|found| found.trim() == title);
        exact.or_else(|| self.folded.iter().position(|found| *found == wanted))
    }

    /// The configured titles that the table does not have.
    fn missing(&self, columns: &Columns) -> Vec<String> {
        let fields = columns.fields().into_iter().flat_map(|(field, titles)| {
            let titles = titles.as_slice().iter().map(String::as_str);
            titles.map(move |title| (format!("columns.{field}"), title))
        });
        let custom = self.settings.custom_fields.fields();
        fields
            .chain(custom.map(|title| ("custom_fields".to_owned(), title)))
            .filter(|(_, title)| self.position(title).is_none())
            .map(|(setting, title)| format!("{setting} \"{title}\""))
            .collect()
    }
}

#[cfg(test)]
mod tests;
