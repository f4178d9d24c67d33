//! The settings of a phonebook adapter, as they stand in `adapters.toml`.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_core::{CustomFields, SettingProblem};

/// How often a lookup looks whether the file has changed, in milliseconds, unless configured.
const DEFAULT_CHECK_INTERVAL_MS: u32 = 1000;
/// The longest configurable interval: an hour.
const MAX_CHECK_INTERVAL_MS: u32 = 3_600_000;

/// Settings of the kind `phonebook`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The file with the contacts. A relative path starts at the folder of `adapters.toml`.
    pub file: PathBuf,
    /// How to read the file: `auto` decides by its extension, and by its first line where that
    /// says nothing.
    #[serde(default)]
    pub format: Format,
    /// What separates the columns of a CSV file: one character. Found by itself among `,` `;` `|`
    /// and the tab when not set. Also of a call log that is begun, where `,` is the default.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// Which columns of a CSV file hold what. Columns with usual titles in English, German, French
    /// or Italian, and those of Google and Outlook exports, are recognised without.
    #[serde(default)]
    pub columns: Columns,
    /// What the reply's `customData` shows: title -> column of the CSV file, or property of the
    /// vCards such as `TITLE` or `NOTE`.
    #[serde(default)]
    pub custom_fields: CustomFields,
    /// A lookup looks at most this often whether the file has changed, in milliseconds. 0: at every
    /// lookup.
    #[serde(default = "default_check_interval_ms")]
    #[schemars(range(min = 0, max = MAX_CHECK_INTERVAL_MS))]
    pub check_interval_ms: u32,
    /// A CSV file that gets a row for each call (workflow `CallFlow`). A relative path starts at the
    /// folder of `adapters.toml`; the file is begun with the first call, its folder has to exist.
    /// Default: calls are not logged.
    #[serde(default)]
    pub call_log: Option<PathBuf>,
}

fn default_check_interval_ms() -> u32 {
    DEFAULT_CHECK_INTERVAL_MS
}

/// The formats of contact files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Decided by the extension: `.csv`, `.tsv`, `.txt`; `.vcf`, `.vcard`.
    #[default]
    Auto,
    /// A table with the titles of its columns in the first row.
    Csv,
    /// vCards of version 2.1, 3.0 or 4.0, one after another.
    Vcard,
}

/// Titles of the columns that hold each field: one title, or a list. Letter case and punctuation
/// do not count. A field that is set here is not looked for by itself.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// The file's own id of a contact. Without one, an id is made of names, numbers and addresses.
    pub id: Titles,
    /// The person's full name.
    pub name: Titles,
    /// The person's first name; used when there is no full name.
    pub first_name: Titles,
    /// The person's last name; used when there is no full name.
    pub last_name: Titles,
    /// The company. A row with a company and without a person is a company.
    pub company: Titles,
    /// Phone numbers; all the columns are used.
    pub phone: Titles,
    /// E-mail addresses; all the columns are used.
    pub email: Titles,
    /// A link to the contact.
    pub contact_url: Titles,
    /// A link to the company.
    pub company_url: Titles,
    /// When the contact was last changed.
    pub modified: Titles,
}

/// One title of a column, or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Titles {
    /// One title.
    One(String),
    /// Several titles. Where a field has but one column, the first that the file has is used.
    Many(Vec<String>),
}

impl Default for Titles {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Titles {
    /// The titles, in order.
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(title) => std::slice::from_ref(title),
            Self::Many(titles) => titles,
        }
    }
}

impl Columns {
    /// Every field with its key and the titles configured for it.
    pub(crate) fn fields(&self) -> [(&'static str, &Titles); 10] {
        [
            ("id", &self.id),
            ("name", &self.name),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("company", &self.company),
            ("phone", &self.phone),
            ("email", &self.email),
            ("contact_url", &self.contact_url),
            ("company_url", &self.company_url),
            ("modified", &self.modified),
        ]
    }
}

impl Settings {
    /// What is wrong that the schema cannot express.
    pub(crate) fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        let mut report = |path: &str, message: String| {
            problems.push(SettingProblem::new(path, message));
        };
        if self.file.as_os_str().is_empty() {
            report(
                "file",
                "is empty; the path of a contact file is expected".to_owned(),
            );
        }
        if let Some(delimiter) = self.delimiter
            && !is_delimiter(delimiter)
        {
            report(
                "delimiter",
                "is a letter, a digit, a quote, an end of line or not ASCII; use for example \",\", \";\", \"|\" or \"\\t\"".to_owned(),
            );
        }
        if self.custom_fields.len() > CustomFields::MAX {
            report(
                "custom_fields",
                format!(
                    "has {} fields; at most {} are shown",
                    self.custom_fields.len(),
                    CustomFields::MAX
                ),
            );
        }
        if let Some(log) = &self.call_log {
            if log.as_os_str().is_empty() {
                report("call_log", "is empty; a path is expected".to_owned());
            } else if *log == self.file {
                let message = "is the contact file; calls need a file of their own";
                report("call_log", message.to_owned());
            }
            if let Some(delimiter) = self.delimiter
                && !matches!(delimiter, ',' | ';' | '\t' | '|')
            {
                let message = "a call log can have `,` `;` `|` or the tab only";
                report("delimiter", message.to_owned());
            }
        }
        if self.format == Format::Vcard {
            if self.delimiter.is_some() && self.call_log.is_none() {
                report(
                    "delimiter",
                    "belongs to CSV files; remove it, or set format = \"csv\"".to_owned(),
                );
            }
            for (field, titles) in self.columns.fields() {
                if !titles.as_slice().is_empty() {
                    report(
                        &format!("columns.{field}"),
                        "belongs to CSV files; vCards name their fields themselves".to_owned(),
                    );
                }
            }
        }
        problems
    }

    /// The path of the file, from the folder that relative paths start at.
    pub(crate) fn path(&self, base_dir: &Path) -> PathBuf {
        base_dir.join(&self.file)
    }

    /// The path of the call log, if calls are logged.
    pub(crate) fn log_path(&self, base_dir: &Path) -> Option<PathBuf> {
        self.call_log.as_ref().map(|log| base_dir.join(log))
    }
}

fn is_delimiter(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '"' | '\n' | '\r' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(settings: serde_json::Value) -> Vec<String> {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let problems = settings.problems();
        problems.into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn only_the_file_is_needed() {
        let settings: Settings =
            serde_json::from_value(serde_json::json!({ "file": "contacts.csv" })).unwrap();
        assert_eq!(settings.format, Format::Auto);
        assert_eq!(settings.check_interval_ms, 1000);
        assert!(settings.problems().is_empty());
        assert!(serde_json::from_value::<Settings>(serde_json::json!({})).is_err());
    }

    #[test]
    fn a_column_is_one_title_or_several() {
        let settings: Settings = serde_json::from_value(serde_json::json!({
            "file": "x",
            "columns": { "name": "Kontakt", "phone": ["Tel 1", "Tel 2"] },
        }))
        .unwrap();
        assert_eq!(settings.columns.name.as_slice(), ["Kontakt"]);
        assert_eq!(settings.columns.phone.as_slice(), ["Tel 1", "Tel 2"]);
        assert!(settings.columns.id.as_slice().is_empty());
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        assert_eq!(problems(serde_json::json!({ "file": "" })), ["file"]);
        for bad in ["a", "7", "\"", "\n", "é"] {
            let settings = serde_json::json!({ "file": "x", "delimiter": bad });
            assert_eq!(problems(settings), ["delimiter"], "{bad:?}");
        }
        for good in [",", ";", "|", "\t", "^"] {
            let settings = serde_json::json!({ "file": "x", "delimiter": good });
            assert!(problems(settings).is_empty(), "{good:?}");
        }
        for (file, log, expected) in [("x", "y.csv", 0), ("x", "", 1), ("x", "x", 1)] {
            let settings = serde_json::json!({ "file": file, "call_log": log });
            assert_eq!(problems(settings), vec!["call_log"; expected], "{log}");
        }
        let settings = serde_json::json!({ "file": "x", "call_log": "y", "delimiter": "^" });
        assert_eq!(problems(settings), ["delimiter"]);
        let settings = serde_json::json!({
            "file": "x", "format": "vcard", "call_log": "y", "delimiter": ";",
        });
        assert!(problems(settings).is_empty(), "the delimiter of the log");
        let many: serde_json::Map<_, _> = (0..13).map(|n| (n.to_string(), "x".into())).collect();
        let settings = serde_json::json!({
            "file": "", "format": "vcard", "delimiter": ";",
            "columns": { "phone": "Tel" }, "custom_fields": many,
        });
        let expected = ["file", "custom_fields", "delimiter", "columns.phone"];
        assert_eq!(problems(settings), expected);
    }
}
