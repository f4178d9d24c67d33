//! The file of a log, for whoever has its lock.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{
    append::{Tail, append},
    fault::Fault,
    layout::{DELIMITERS, Layout},
    place::{beside, locked, options, sync_folder, take_after},
    row::Row,
    survey::{End, head, survey},
};

/// An open log, locked until it is dropped.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    /// Another file than the log, because a log that is rewritten is another file than before.
    _lock: File,
}

impl LogFile {
    /// Opens the log at `path`, begun with nothing in it when it is not there.
    ///
    /// # Errors
    /// [`Fault::Locked`] at once when another writer has the lock.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let (path, lock) = locked(path)?;
        Self::new(path, lock, options().create(true))
    }

    /// Opens the log at `path`, if there is one.
    pub(crate) fn open_existing(path: &Path) -> Result<Option<Self>, Fault> {
        let (path, lock) = locked(path)?;
        match Self::new(path, lock, &options()) {
            Err(Fault::Refused(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Whether the log can be written. Leaves it as it is.
    pub(crate) fn check(path: &Path) -> Result<(), Fault> {
        // That the lock could be created shows that the log could be.
        let Some(mut log) = Self::open_existing(path)? else {
            return Ok(());
        };
        log.layout().map(|_| ())
    }

    fn new(path: PathBuf, lock: File, options: &OpenOptions) -> Result<Self, Fault> {
        let file = options.open(&path)?;
        Ok(Self {
            path,
            file,
            _lock: lock,
        })
    }

    /// How long the log is.
    pub(crate) fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    /// The columns of the log; none of one that was not begun, or whose first line was never
    /// finished.
    fn layout(&mut self) -> Result<Option<Layout>, Fault> {
        let line = head(&mut self.file)?;
        // It may have been begun with another delimiter than the settings have now.
        let is_torn = |delimiter| Layout::standard(delimiter).head().starts_with(&line);
        if !line.ends_with(b"\n") && DELIMITERS.into_iter().any(is_torn) {
            return Ok(None);
        }
        Layout::of_line(&line).map(Some)
    }

    /// Adds a row and returns the length of the log, once the row is on the disk. Puts right what
    /// an interrupted write left, unless the log `is_whole` for certain.
    pub(crate) fn append(
        &mut self,
        row: &Row,
        delimiter: u8,
        is_whole: bool,
    ) -> Result<u64, Fault> {
        let mut length = self.length()?;
        let mut bytes = Vec::new();
        let layout = if let Some(layout) = self.layout()? {
            let end = if is_whole {
                End::Whole
            } else {
                survey(&mut self.file, &layout, None)?.end
            };
            match end {
                End::Whole => {}
                End::Open(rest) => bytes = rest,
                End::Scrap(start) => {
                    self.file.cut(start)?;
                    length = start;
                }
            }
            layout
        } else {
            self.file.cut(0)?;
            length = 0;
            sync_folder(&self.path)?;
            let layout = Layout::standard(delimiter);
            bytes = layout.head();
            layout
        };
        bytes.append(&mut layout.row(row, None));
        self.file.seek(SeekFrom::End(0))?;
        append(&mut self.file, length, &bytes)
    }

    /// Rewrites the row with this id, and says whether there is one. Readers see the log of before
    /// or the new one, never a part.
    pub(crate) fn replace(&mut self, id: &str, row: &Row) -> Result<bool, Fault> {
        let Some(layout) = self.layout()? else {
            return Ok(false);
        };
        let Some((range, cells)) = survey(&mut self.file, &layout, Some(id))?.found else {
            return Ok(false);
        };
        let line = layout.row(row, Some(&cells));
        let temporary = beside(&self.path, ".tmp");
        let rewritten = self.rewrite(&temporary, range.start, &line, range.end);
        if rewritten.is_err() {
            // It is in nobody's way: the next writer removes it.
            drop(fs::remove_file(&temporary));
        }
        rewritten?;
        Ok(true)
    }

    /// Writes the log to `temporary` with `line` between what ends at `before` and what begins at
    /// `after`, and puts it in place of the log.
    fn rewrite(
        &mut self,
        temporary: &Path,
        before: u64,
        line: &[u8],
        after: u64,
    ) -> io::Result<()> {
        match fs::remove_file(temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut new = options().create_new(true).open(temporary)?;
        take_after(&new, &self.file)?;
        self.file.seek(SeekFrom::Start(0))?;
        io::copy(&mut (&self.file).take(before), &mut new)?;
        new.write_all(line)?;
        self.file.seek(SeekFrom::Start(after))?;
        io::copy(&mut self.file, &mut new)?;
        new.sync_all()?;
        fs::rename(temporary, &self.path)?;
        sync_folder(&self.path)?;
        self.file = new;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
