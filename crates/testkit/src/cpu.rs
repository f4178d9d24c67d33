//! Processor time of one thread, for benchmarks whose counterpart runs in the same process.

use std::{fs, time::Duration};

/// The processor time that this thread has used, in user and kernel mode together.
///
/// From the first field of `/proc/thread-self/schedstat`, in nanoseconds (Linux,
/// `Documentation/scheduler/sched-stats`); `None` where there is no such file.
pub fn thread_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_processor_time() {
        let Some(start) = thread_time() else {
            println!("skipped: no /proc/thread-self/schedstat on this system");
            return;
        };
        let mut sum = 0_u64;
        while thread_time().is_some_and(|now| now < start + Duration::from_millis(2)) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(sum > 0);
    }
}
