//! A running program: started, watched through `/proc`, stopped with all its children. Linux only.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;

/// Clock ticks a second in `/proc/<pid>/stat`: `USER_HZ`, 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;
/// How long a program may take to stop by itself.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(20);

/// A program with its children. Stopped when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a program whose output goes to `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(command: &Command, log: &Path) -> anyhow::Result<Self> {
        let file = fs::File::create(log).with_context(|| log.display().to_string())?;
        let child = ending_with_us(command)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("setpriv, of the package util-linux")?;
        Ok(Self { child })
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Seconds of processor time that it and its children used, in user and kernel mode.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.tree().into_iter().filter_map(cpu_ticks).sum::<f64>() / TICKS
    }

    /// The most memory that it and its children had resident, each at its own peak; bytes.
    pub(crate) fn peak_bytes(&self) -> f64 {
        self.memory("VmHWM:")
    }

    /// The memory that it and its children have resident; bytes.
    pub(crate) fn resident_bytes(&self) -> f64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, line: &str) -> f64 {
        let tree = self.tree().into_iter();
        tree.filter_map(|pid| status_bytes(pid, line)).sum()
    }

    /// Its process id and those of its descendants.
    fn tree(&self) -> Vec<u32> {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let parents: Vec<(u32, u32)> = pids
            .filter_map(|pid| Some((pid, stat_field(pid, PARENT)?.parse().ok()?)))
            .collect();
        let mut tree = vec![self.child.id()];
        let mut next = 0;
        while let Some(&parent) = tree.get(next) {
            let children = parents.iter().filter(|(_, of)| *of == parent);
            tree.extend(children.map(|(pid, _)| *pid));
            next += 1;
        }
        tree
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let tree = self.tree();
        signal("-TERM", self.child.id());
        let end = Instant::now() + STOP_TIMEOUT;
        while !self.has_ended() && Instant::now() < end {
            pause(STEP);
        }
        // A master that did not end in time leaves its workers behind.
        for pid in tree.iter().copied().filter(|pid| is_running(*pid)) {
            signal("-KILL", pid);
        }
        let end = Instant::now() + STOP_TIMEOUT;
        while tree.iter().any(|pid| is_running(*pid)) && Instant::now() < end {
            pause(STEP);
        }
        drop(self.child.wait());
    }
}

/// The same command, but the program is asked to stop when the benchmark dies.
fn ending_with_us(command: &Command) -> Command {
    let mut wrapped = Command::new("setpriv");
    wrapped
        .args(["--pdeathsig", "TERM", "--"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            wrapped.env(name, value);
        }
    }
    wrapped
}

/// Blocks the thread of the benchmark, which has nothing else to do.
#[expect(clippy::disallowed_methods, reason = "no worker is blocked")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

fn signal(signal: &str, pid: u32) {
    let mut command = Command::new("kill");
    command.arg(signal).arg(pid.to_string());
    // One that has ended meanwhile is fine.
    drop(command.stderr(Stdio::null()).status());
}

/// Fields of `/proc/<pid>/stat` after the name, which may hold spaces (proc(5) counts from 1, and
/// the name is the second).
const STATE: usize = 0;
const PARENT: usize = 1;
const USER_TICKS: usize = 11;
const KERNEL_TICKS: usize = 12;

/// Whether it exists and is not just waiting for its parent to notice that it ended.
fn is_running(pid: u32) -> bool {
    stat_field(pid, STATE).is_some_and(|state| state != "Z")
}

fn stat_field(pid: u32, field: usize) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    fields.split(' ').nth(field).map(str::to_owned)
}

fn cpu_ticks(pid: u32) -> Option<f64> {
    let ticks = |field| stat_field(pid, field)?.parse::<f64>().ok();
    Some(ticks(USER_TICKS)? + ticks(KERNEL_TICKS)?)
}

fn status_bytes(pid: u32, name: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_count_and_are_stopped_too() {
        let log = std::env::temp_dir().join(format!("whocalls-bench-{}.log", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "while :; do :; done & echo started; wait"]);
        let process = Process::start(&command, &log).unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        while process.tree().len() < 2 || process.cpu_seconds() < 0.05 {
            assert!(Instant::now() < end, "{:?}", process.tree());
            pause(STEP);
        }
        assert!(process.resident_bytes() > 0.0 && process.peak_bytes() > 0.0);
        let tree = process.tree();
        drop(process);
        assert!(!tree.iter().any(|pid| is_running(*pid)), "{tree:?}");
        fs::remove_file(log).unwrap();
    }
}
