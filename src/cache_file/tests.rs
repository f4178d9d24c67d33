//! The file alone, and together with the caches of a service.

use std::{num::NonZeroUsize, os::unix::fs::PermissionsExt as _, sync::Arc};

use jiff::SignedDuration;
use metrics::{NoopRecorder, Recorder};
use tempfile::TempDir;
use whocalls_core::{AdapterFactory, CallContext, LookupAnswer, NumberQuery, RequestId};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN, messy_contacts},
    fake::{FakeAdapter, record},
    number, number_plan, query,
};

use super::{
    keeper::{load, save},
    *,
};
use crate::{
    config::{self, Environment, Mode, Source},
    service::Service,
};

const KEY: &str = "0123456789abcdef0123456789abcdef";

struct Fixture {
    folder: TempDir,
    file: CacheFile,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let file = CacheFile::new(folder.path().join("cache"), &Secret::new(KEY));
    Fixture { folder, file }
}

fn mia() -> Contents {
    let id = AdapterId::new("crm").unwrap();
    let query = NumberQuery {
        number: number(MIA_NUMBER),
        max_records: NonZeroUsize::MIN,
        explain: false,
    };
    let mut records: Vec<_> = messy_contacts(0)
        .iter()
        .map(|contact| record(&id, contact))
        .collect();
    for record in &mut records {
        record.unavailable_workflows = vec!["CreateCase".into()];
        record.modified_at = Some(Timestamp::UNIX_EPOCH);
    }
    let answer = LookupAnswer::verified(records, &query, &number_plan());
    assert_eq!(answer.matches()[0].record.name, "Mia Keller");
    Contents {
        saved_at: Timestamp::now(),
        adapters: vec![SavedCache {
            mark: "mark".to_owned(),
            answers: vec![SavedAnswer {
                number: query.number.digits().to_owned(),
                max_records: query.max_records,
                age_ms: 42,
                answer,
            }],
            id,
        }],
    }
}

impl Fixture {
    fn bytes(&self) -> Vec<u8> {
        fs::read(self.file.path()).unwrap()
    }

    /// How the file is refused that has these bytes.
    fn refusal(&self, bytes: &[u8]) -> String {
        fs::write(self.file.path(), bytes).unwrap();
        self.file.read().unwrap_err().to_string()
    }
}

#[test]
fn what_was_written_is_read_back() {
    let f = fixture();
    assert_eq!(f.file.read().unwrap(), None, "there is no file yet");
    let contents = mia();
    f.file.write(&contents).unwrap();
    f.file.write(&contents).unwrap();
    assert_eq!(f.file.read().unwrap(), Some(contents));
    let files = fs::read_dir(f.folder.path()).unwrap();
    assert_eq!(files.count(), 1, "nothing is left behind");
}

#[test]
fn nothing_in_the_file_can_be_read_without_the_key() {
    let f = fixture();
    f.file.write(&mia()).unwrap();
    let first = f.bytes();
    for plain in ["Mia", "Keller", "791234567", "crm", "mark", "answers"] {
        let mut windows = first.windows(plain.len());
        assert!(!windows.any(|window| window == plain.as_bytes()), "{plain}");
    }
    f.file.write(&mia()).unwrap();
    let (_, first) = first.split_at(HEADER_LEN);
    assert_ne!(first, &f.bytes()[HEADER_LEN..], "each file has its nonce");
    let other = CacheFile::new(
        f.file.path().to_owned(),
        &Secret::new(KEY.replace('0', "1")),
    );
    let error = other.read().unwrap_err();
    assert!(matches!(error, CacheFileError::Sealed), "{error}");
    assert_ne!(other.mark(7), f.file.mark(7));
    assert!(!format!("{:?}", f.file).contains(KEY));
}

#[test]
fn a_damaged_file_is_refused_wherever_the_damage_is() {
    let f = fixture();
    f.file.write(&mia()).unwrap();
    let whole = f.bytes();
    let (format, sealed) = (
        CacheFileError::Format.to_string(),
        CacheFileError::Sealed.to_string(),
    );
    for at in 0..whole.len() {
        let expected = if at < HEADER_LEN { &format } else { &sealed };
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        assert_eq!(f.refusal(&bytes), *expected, "byte {at} was changed");
        assert_eq!(f.refusal(&whole[..at]), *expected, "cut after {at}");
    }
    assert_eq!(f.refusal(b"# Notes on callers"), format);
}

#[test]
fn a_file_of_another_version_is_refused_before_it_is_decrypted() {
    let f = fixture();
    let mut header = header();
    header[MAGIC.len()] = VERSION + 1;
    let sealed = f.file.sealer.seal(&header, b"new".to_vec()).unwrap();
    let bytes = [header.as_slice(), &sealed].concat();
    assert_eq!(f.refusal(&bytes), CacheFileError::Format.to_string());
}

#[test]
fn only_the_owner_can_read_the_file_whatever_was_there_before() {
    let f = fixture();
    let leftover = f.folder.path().join("cache.new");
    for path in [f.file.path(), &leftover] {
        fs::write(path, "old").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    f.file.write(&mia()).unwrap();
    let mode = fs::metadata(f.file.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, MODE);
    assert!(!leftover.exists());
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_one_from_before() {
    let f = fixture();
    let before = mia();
    f.file.write(&before).unwrap();
    fs::create_dir(f.folder.path().join("cache.new")).unwrap();
    let error = f.file.write(&mia()).unwrap_err();
    assert!(matches!(error, CacheFileError::Io(_)), "{error}");
    assert_eq!(f.file.read().unwrap(), Some(before));
}

#[test]
fn a_folder_is_no_cache_file() {
    let f = fixture();
    fs::create_dir(f.file.path()).unwrap();
    assert!(f.file.read().is_err());
}

#[test]
fn a_file_from_the_future_has_no_age_unless_the_clock_was_only_corrected() {
    let contents = mia();
    let age = |seconds| contents.age(contents.saved_at + SignedDuration::from_secs(seconds));
    assert_eq!(age(7).unwrap(), Duration::from_secs(7));
    assert_eq!(age(-60).unwrap(), Duration::ZERO);
    assert!(matches!(age(-61), Err(CacheFileError::Future)));
}

const CONFIG: &str = "[adapters.crm]\nkind = \"fake\"\n";

/// A service whose CRM knows Mia.
fn service(text: &str) -> Service {
    let fake = AdapterFactory {
        kind: "fake",
        summary: "",
        example_toml: "",
        settings_schema: || schemars::json_schema!({ "type": "object" }),
        presets: &[],
        build: |context, _| {
            Ok(Arc::new(FakeAdapter::seeded(
                context.id.as_str(),
                &messy_contacts(0),
            )))
        },
    };
    let source = Source::new("adapters.toml", text, "");
    let loaded = config::load(&source, &Environment::default(), &[fake], Mode::Full);
    let recorder: Arc<dyn Recorder + Send + Sync> = Arc::new(NoopRecorder);
    Service::new(loaded.unwrap(), None, &recorder, None)
}

#[actix_web::test]
async fn answers_come_back_while_they_are_usable_and_the_configuration_is_the_same() {
    let f = fixture();
    let before = service(CONFIG);
    let cx = CallContext::within(Duration::from_secs(30), RequestId::new("test"));
    for number in [MIA_NUMBER, UNKNOWN] {
        let adapter = &before.engine.sources()[0].adapter;
        adapter.lookup(&cx, &query(number)).await.unwrap();
    }
    let now = Timestamp::now();
    save(&f.file, &before, now).unwrap();
    let taken = |text: &str, later: i64| {
        let later = now + SignedDuration::from_secs(later);
        load(&f.file, &service(text), later).unwrap()
    };
    assert_eq!(taken(CONFIG, 20), 2);
    assert_eq!(taken(CONFIG, 30), 1, "\"nobody\" is too old");
    assert_eq!(taken(CONFIG, 86_000), 1, "stale, but usable");
    assert_eq!(taken(CONFIG, 86_700), 0, "too old");
    let changed = format!("{CONFIG}crm_name = \"Our CRM\"");
    assert_eq!(taken(&changed, 1), 0, "another configuration");
    let other = CONFIG.replace("crm]", "erp]");
    assert_eq!(taken(&other, 1), 0, "another adapter");
}

#[test]
fn a_check_finds_what_would_keep_answers_from_being_kept() {
    let Fixture { folder, file } = fixture();
    assert!(file.check().is_ok(), "there is none yet");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    file.write(&mia()).unwrap();
    assert!(file.check().is_ok());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

    let another = CacheFile::new(file.path().to_owned(), &Secret::new("f".repeat(32)));
    assert!(matches!(another.check(), Err(CacheFileError::Sealed)));
    let missing = folder.path().join("missing/cache");
    let missing = CacheFile::new(missing, &Secret::new(KEY));
    assert!(matches!(missing.check(), Err(CacheFileError::Io(_))));
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "something else").unwrap();
    let notes = CacheFile::new(notes, &Secret::new(KEY));
    assert!(matches!(notes.check(), Err(CacheFileError::Format)));
}
