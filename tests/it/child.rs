//! A gateway in a process of its own, to be killed or measured from outside.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use crate::harness::PATIENT;

/// A serving process; killed without warning when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
    pub(crate) admin_url: String,
}

impl Process {
    /// Starts the gateway in `folder`, behind the shell command `prefix`, and waits until it
    /// serves.
    pub(crate) async fn start(folder: &Path, prefix: &str) -> Self {
        let log = log_in(folder);
        let mut command = Command::new("sh");
        let serve = format!("{prefix} exec \"$0\" serve");
        command.args(["-c", &serve, env!("CARGO_BIN_EXE_whocalls")]);
        command.current_dir(folder).env_clear();
        command.stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        let line = line_with(&log, "whocalls serves").await;
        let address = |key: &str| {
            let rest = line.split_once(&format!(" {key}=")).unwrap().1;
            format!("http://{}", rest.split(' ').next().unwrap())
        };
        Self {
            url: address("listen"),
            admin_url: address("admin"),
            child,
        }
    }

    /// A file of this process in `/proc`.
    #[cfg(target_os = "linux")]
    pub(crate) fn proc(&self, file: &str) -> PathBuf {
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join(file)
    }

    pub(crate) fn kill(&mut self) {
        // Fails when the process has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A new log file.
fn log_in(folder: &Path) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    folder.join(format!("log-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// The first line with `text` in a log that is being written.
async fn line_with(log: &Path, text: &str) -> String {
    let waiting = async {
        loop {
            // It may not be there yet.
            let content = fs::read_to_string(log).unwrap_or_default();
            let line = content.lines().find(|line| line.contains(text));
            if let Some(line) = line.filter(|_| content.ends_with('\n')) {
                return line.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let line = tokio::time::timeout(PATIENT, waiting).await;
    line.unwrap_or_else(|_| panic!("{}", fs::read_to_string(log).unwrap()))
}
