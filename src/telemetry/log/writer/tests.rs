//! The log, with readers that a test holds back.

use std::{
    io::{BufRead, Write},
    sync::{Arc, mpsc},
};

use metrics::Counter;
use tracing::subscriber::with_default;
use tracing_subscriber::{fmt::layer, layer::SubscriberExt, registry};

use super::{
    super::{Lines, RunningLog},
    *,
};
use crate::{config::schema::LogFormat, telemetry::Metrics};

/// Longer than anything takes on a busy machine.
const PATIENT: Duration = Duration::from_secs(30);
/// Too short for anything that has to wait for a reader.
const IMPATIENT: Duration = Duration::from_millis(10);

/// Standard error in memory: a function that gets each write.
struct Out<F>(F);

impl<F: FnMut(&[u8]) -> io::Result<usize>> Write for Out<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer at work, and what it writes.
struct Scene {
    buffer: Arc<Buffer>,
    metrics: Metrics,
}

impl Scene {
    /// Lets `out` take what is pushed.
    fn new(out: impl FnMut(&[u8]) -> io::Result<usize> + Send + 'static) -> Self {
        let metrics = Metrics::new().unwrap();
        let buffer = Arc::new(Buffer::new(metrics.lost_log_lines()));
        let lines = Arc::clone(&buffer);
        thread::spawn(move || {
            let layer = layer().with_writer(Arc::clone(&lines));
            let layer = layer.event_format(Lines(LogFormat::Json));
            with_default(registry().with(layer), || write_lines(&lines, Out(out)))
        });
        Self { buffer, metrics }
    }

    /// Each write is sent to the first channel and ends when it finds something in the second.
    fn held() -> (Self, mpsc::Receiver<String>, mpsc::Sender<()>) {
        let (writes, written) = mpsc::channel();
        let (release, is_released) = mpsc::channel();
        let scene = Self::new(move |bytes| {
            writes
                .send(String::from_utf8(bytes.to_vec()).unwrap())
                .unwrap();
            is_released.recv().unwrap();
            Ok(bytes.len())
        });
        (scene, written, release)
    }

    fn push(&self, line: &str) {
        self.buffer.push(line.as_bytes());
    }

    /// What the metrics say about lost lines.
    fn lost(&self) -> u64 {
        let text = self.metrics.render();
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix("whocalls_log_lines_lost_total "));
        line.unwrap().parse().unwrap()
    }
}

#[test]
fn lines_that_come_during_a_write_are_written_together_and_in_order() {
    let (scene, written, release) = Scene::held();
    scene.push("first\n");
    assert_eq!(written.recv_timeout(PATIENT).unwrap(), "first\n");
    let lines: Vec<_> = (0..1000).map(|number| format!("line {number}\n")).collect();
    for line in &lines {
        scene.push(line);
    }
    release.send(()).unwrap();
    assert_eq!(written.recv_timeout(PATIENT).unwrap(), lines.concat());
    release.send(()).unwrap();
    assert!(scene.buffer.drain(PATIENT));
    assert_eq!(scene.lost(), 0);
}

#[test]
fn while_the_reader_stands_still_lines_are_taken_or_lost_and_the_loss_is_told() {
    const LINE: &str = "0123456789abcde\n";
    const FIT: usize = MAX_BYTES / LINE.len();
    let (scene, written, release) = Scene::held();
    scene.push("first\n");
    assert_eq!(written.recv_timeout(PATIENT).unwrap(), "first\n");
    for _ in 0..FIT + 5 {
        scene.push(LINE);
    }
    assert_eq!(scene.lost(), 5);
    release.send(()).unwrap();
    assert_eq!(written.recv_timeout(PATIENT).unwrap(), LINE.repeat(FIT));
    scene.push("later\n");
    release.send(()).unwrap();
    let rest = written.recv_timeout(PATIENT).unwrap();
    let (told, rest) = rest.split_once('\n').unwrap();
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(told["level"], "WARN");
    assert_eq!(told["lines"], 5);
    let message = "lines of the log were lost: standard error is read too slowly";
    assert_eq!(told["message"], message);
    assert_eq!(rest, "later\n");
    release.send(()).unwrap();
    assert!(scene.buffer.drain(PATIENT));
    assert_eq!(scene.lost(), 5, "a loss is told once");
}

#[test]
fn lines_of_several_threads_stay_whole_and_in_the_order_of_each() {
    let (writes, written) = mpsc::channel();
    let scene = Scene::new(move |bytes| {
        writes.send(bytes.to_vec()).unwrap();
        Ok(bytes.len())
    });
    thread::scope(|scope| {
        for name in 0..4 {
            let scene = &scene;
            scope.spawn(move || {
                for number in 0..1000 {
                    scene.push(&format!("{name} {number}\n"));
                }
            });
        }
    });
    assert!(scene.buffer.flush(PATIENT));
    let text: Vec<u8> = written.try_iter().flatten().collect();
    let mut next = [0; 4];
    for line in text.lines() {
        let line = line.unwrap();
        let (name, number) = line.split_once(' ').unwrap();
        let next = &mut next[name.parse::<usize>().unwrap()];
        assert_eq!(number.parse::<usize>().unwrap(), *next);
        *next += 1;
    }
    assert_eq!(next, [1000; 4]);
    assert_eq!(scene.lost(), 0);
}

#[test]
fn what_cannot_be_written_is_lost_and_what_comes_later_is_written() {
    let (writes, written) = mpsc::channel();
    let mut failures = [ErrorKind::BrokenPipe, ErrorKind::StorageFull].into_iter();
    let scene = Scene::new(move |bytes| {
        if let Some(kind) = failures.next() {
            return Err(kind.into());
        }
        writes.send(bytes.to_vec()).unwrap();
        Ok(bytes.len())
    });
    for line in ["one\ntwo\n", "three\n", "four\n"] {
        scene.push(line);
        assert!(scene.buffer.flush(PATIENT), "what is lost is done with");
    }
    assert_eq!(written.recv_timeout(PATIENT).unwrap(), b"four\n");
    assert_eq!(scene.lost(), 3);
}

#[test]
fn a_reader_that_takes_little_at_a_time_gets_everything() {
    let (writes, written) = mpsc::channel();
    let mut turn = 0;
    let scene = Scene::new(move |bytes| {
        turn += 1;
        match turn % 3 {
            0 => Err(ErrorKind::Interrupted.into()),
            1 => Err(ErrorKind::WouldBlock.into()),
            _ => {
                let count = bytes.len().min(4);
                writes.send(bytes[..count].to_vec()).unwrap();
                Ok(count)
            }
        }
    });
    scene.push("a line longer than that\n");
    assert!(scene.buffer.drain(PATIENT));
    let text: Vec<u8> = written.try_iter().flatten().collect();
    assert_eq!(text, b"a line longer than that\n");
    assert_eq!(scene.lost(), 0);
}

#[test]
fn nobody_waits_longer_for_the_reader_than_agreed() {
    let (scene, written, release) = Scene::held();
    scene.push("first\n");
    written.recv_timeout(PATIENT).unwrap();
    assert!(!scene.buffer.flush(IMPATIENT));
    assert!(!scene.buffer.drain(IMPATIENT));
    release.send(()).unwrap();
    assert!(scene.buffer.flush(PATIENT));
    assert!(scene.buffer.drain(IMPATIENT));
}

#[test]
fn everything_is_written_when_the_log_ends() {
    let (scene, written, release) = Scene::held();
    let log = RunningLog(Arc::clone(&scene.buffer));
    for line in ["one\n", "two\n"] {
        log.write(line);
        release.send(()).unwrap();
    }
    drop(log);
    let text: String = written.try_iter().collect();
    assert_eq!(text, "one\ntwo\n");
}

#[test]
fn a_pause_ends_when_much_waits() {
    let buffer = Arc::new(Buffer::new(Counter::noop()));
    let (end, ended) = mpsc::channel();
    let pausing = Arc::clone(&buffer);
    thread::spawn(move || {
        pausing.pause(Duration::MAX);
        end.send(()).unwrap();
    });
    buffer.push(b"a line\n");
    assert!(ended.recv_timeout(IMPATIENT).is_err());
    buffer.push(&vec![b'\n'; MAX_BYTES / 2]);
    assert!(ended.recv_timeout(PATIENT).is_ok());
}
