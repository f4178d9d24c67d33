//! From a file to a book.

use std::{
    fs, io,
    path::PathBuf,
    time::{Instant, SystemTime},
};

use whocalls_core::{AdapterId, NumberPlan};

use crate::{
    book::{Book, BookBuilder},
    config::{Format, Settings},
    csv,
    store::Source,
    text::decode,
    vcard,
};

/// Larger files are refused: they are no contact files, and all of a file is held in memory.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Why a file yields no contacts. One sentence for the operator, without the file's contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoadError {
    /// The operating system refuses.
    #[error("it cannot be read: {0}; check `file` and the permissions")]
    Unreadable(String),
    /// A folder, a device or a pipe.
    #[error("it is not a regular file; check `file`")]
    NotAFile,
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("it is larger than {} MiB", MAX_FILE_BYTES >> 20)]
    TooLarge,
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// The first row of a table holds an address or a number.
    #[error(
        "its first row is no row of column titles; add one, for example \"Name,Company,Phone\""
    )]
    NoHeader,
    /// No column looks like one for telephone numbers.
    #[error(
        "it has no column for phone numbers; name it in `columns.phone`; columns found: {found}"
    )]
    NoPhoneColumn {
        /// The titles.
        found: String,
    },
    /// No column looks like one for names.
    #[error(
        "it has no column for a person's or a company's name; name one in `columns.name` or \
         `columns.company`; columns found: {found}"
    )]
    NoNameColumn {
        /// The titles.
        found: String,
    },
    /// A vCard file without a card.
    #[error("it holds no vCard; set `format = \"csv\"` if it is a table")]
    NoCard,
}

impl From<io::Error> for LoadError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The length in bytes.
    pub(crate) length: u64,
    /// When it was written, where the file system says so.
    pub(crate) modified: Option<SystemTime>,
}

/// The contact file of an adapter.
#[derive(Debug)]
pub(crate) struct ContactFile {
    /// The adapter, for the log.
    pub(crate) adapter: AdapterId,
    /// Where the file is.
    pub(crate) path: PathBuf,
    /// How to read it.
    pub(crate) settings: Settings,
    /// How numbers are read.
    pub(crate) plan: NumberPlan,
}

impl Source for ContactFile {
    fn stamp(&self) -> Result<Stamp, LoadError> {
        let metadata = fs::metadata(&self.path)?;
        if !metadata.is_file() {
            return Err(LoadError::NotAFile);
        }
        Ok(Stamp {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    fn load(&self) -> Result<Book, LoadError> {
        let started = Instant::now();
        if self.stamp()?.length > MAX_FILE_BYTES {
            return Err(LoadError::TooLarge);
        }
        let book = read(fs::read(&self.path)?, self)?;
        tracing::info!(
            adapter = %self.adapter,
            contacts = book.contacts(),
            numbers = book.numbers(),
            elapsed_ms = started.elapsed().as_millis(),
            "contact file loaded"
        );
        for warning in book.warnings() {
            tracing::warn!(adapter = %self.adapter, "contact file: {warning}");
        }
        Ok(book)
    }
}

/// Reads the contents of a contact file.
pub(crate) fn read(bytes: Vec<u8>, file: &ContactFile) -> Result<Book, LoadError> {
    let text = decode(bytes);
    let settings = &file.settings;
    let mut book = BookBuilder::new(&file.plan, &settings.custom_fields, text.len());
    match format(file, &text) {
        Format::Vcard => vcard::read(&text, settings, &mut book)?,
        Format::Csv | Format::Auto => csv::read(&text, settings, &mut book)?,
    }
    Ok(book.build())
}

/// The configured format, else that of the extension, else what the text looks like.
fn format(file: &ContactFile, text: &str) -> Format {
    let extension = file.path.extension().unwrap_or_default();
    let is = |known: &[&str]| {
        known
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    };
    match file.settings.format {
        Format::Auto if is(&["vcf", "vcard"]) => Format::Vcard,
        Format::Auto if is(&["csv", "tsv", "txt"]) => Format::Csv,
        Format::Auto if vcard::is_vcard(text) => Format::Vcard,
        Format::Auto => Format::Csv,
        configured => configured,
    }
}
