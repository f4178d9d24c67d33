//! Adding bytes to a log completely or not at all.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
};

use super::fault::Fault;

/// What can be added to: a file, or in tests something that fails half-way.
pub(crate) trait Tail: Write {
    /// How long it is.
    fn length(&self) -> io::Result<u64>;
    /// Drops everything from `length` on; what is written next stands there.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Returns once everything is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Tail for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length))?;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Adds `bytes` at the end, which is at `length`, and returns the new length once they are on the
/// disk. What a full disk took of them is taken back.
///
/// # Errors
/// [`Fault::Refused`] when nothing was added, [`Fault::Unfinished`] when a part may have been.
pub(crate) fn append(tail: &mut impl Tail, length: u64, bytes: &[u8]) -> Result<u64, Fault> {
    let written = tail.write_all(bytes).and_then(|()| tail.sync());
    let Err(error) = written else {
        return Ok(length + bytes.len() as u64);
    };
    let is_untouched = tail.length().is_ok_and(|now| now == length);
    if is_untouched || tail.cut(length).and_then(|()| tail.sync()).is_ok() {
        Err(Fault::Refused(error))
    } else {
        Err(Fault::Unfinished(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    struct Small {
        bytes: Vec<u8>,
        room: usize,
        can_sync: bool,
        can_cut: bool,
    }

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room - self.bytes.len());
            if count == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.bytes.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Tail for Small {
        fn length(&self) -> io::Result<u64> {
            Ok(self.bytes.len() as u64)
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if !self.can_cut {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.bytes.truncate(usize::try_from(length).unwrap());
            self.can_sync = true;
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            if self.can_sync {
                Ok(())
            } else {
                Err(io::ErrorKind::StorageFull.into())
            }
        }
    }

    fn disk(room: usize) -> Small {
        Small {
            bytes: b"a,b\n".to_vec(),
            room,
            can_sync: true,
            can_cut: true,
        }
    }

    #[test]
    fn a_full_disk_keeps_the_rows_of_before_and_no_part_of_the_new_one() {
        for room in 4..10 {
            let mut disk = disk(room);
            let added = append(&mut disk, 4, b"1,2345\n");
            assert!(matches!(added, Err(Fault::Refused(_))), "{room}: {added:?}");
            assert_eq!(disk.bytes, b"a,b\n", "{room}");
        }
        let mut disk = disk(11);
        assert_eq!(append(&mut disk, 4, b"1,2345\n").unwrap(), 11);
        assert_eq!(disk.bytes, b"a,b\n1,2345\n");
    }

    #[test]
    fn a_row_that_does_not_reach_the_disk_is_taken_back() {
        let mut disk = disk(100);
        disk.can_sync = false;
        assert!(matches!(
            append(&mut disk, 4, b"1\n"),
            Err(Fault::Refused(_))
        ));
        assert_eq!(disk.bytes, b"a,b\n");
    }

    #[test]
    fn a_part_that_cannot_be_taken_back_is_an_unknown_outcome() {
        let mut disk = disk(6);
        disk.can_cut = false;
        assert!(matches!(
            append(&mut disk, 4, b"1,2345\n"),
            Err(Fault::Unfinished(_))
        ));
    }

    /// Linux has a device that is always full.
    #[test]
    fn a_full_device_is_told_in_words() {
        let Ok(mut full) = File::options().append(true).open("/dev/full") else {
            return;
        };
        let fault = append(&mut full, 0, b"1,2\n").unwrap_err();
        assert_eq!(fault.kind(), whocalls_core::ErrorKind::Unavailable);
        assert!(
            fault.to_string().contains("make room on the disk"),
            "{fault}"
        );
    }
}
