//! Keeps house: takes the right to deliver, gives up, forgets, and reports how much there is.

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{Kept, Outbox, OutboxSettings, StoreError, lock::DeliveryLock};

/// How often to look whether another process has written or gave up the right to deliver.
const TICK: Duration = Duration::from_secs(1);
/// How often to report how much there is.
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// How often to give up and forget.
const CLEAN_EVERY: Duration = Duration::from_mins(1);

/// The housekeeping of one outbox.
pub(crate) struct Keeper {
    outbox: Arc<Outbox>,
    path: PathBuf,
    kept: Kept,
    unknown_outcome_wait: SignedDuration,
    delivers: bool,
    version: Option<i64>,
    next_report: Instant,
    next_cleaning: Instant,
    /// Whether the last tick failed: the first failure is reported, and the end of the last one.
    is_failing: bool,
}

impl Keeper {
    pub(crate) fn new(outbox: Arc<Outbox>, settings: &OutboxSettings) -> Self {
        let wait = settings.unknown_outcome_wait;
        let now = Instant::now();
        Self {
            outbox,
            path: settings.path.clone(),
            kept: settings.kept,
            unknown_outcome_wait: SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX),
            delivers: false,
            version: None,
            next_report: now,
            next_cleaning: now,
            is_failing: false,
        }
    }

    /// Works until `stop` turns true.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _stopped = stop.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
            }
            match self.tick().await {
                Ok(()) if self.is_failing => {
                    self.is_failing = false;
                    tracing::info!("the outbox works again");
                }
                Err(error) if !self.is_failing => {
                    self.is_failing = true;
                    tracing::error!(%error, "the outbox does not work; workflows are refused");
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    async fn tick(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        if !self.delivers && self.take_over().await? {
            self.delivers = true;
        }
        let version = self.outbox.store().version().await?;
        if self.delivers && self.version.replace(version) != Some(version) {
            self.outbox.wake_lanes().await?;
        }
        if now >= self.next_report {
            self.next_report = now + REPORT_EVERY;
            let counts = self.outbox.store().counts().await?;
            self.outbox.meter().depth(&counts, Timestamp::now());
        }
        if self.delivers && now >= self.next_cleaning {
            self.next_cleaning = now + CLEAN_EVERY;
            self.clean().await?;
        }
        Ok(())
    }

    /// Takes the right to deliver, unless another process has it, and finds out what a process
    /// that died has left.
    async fn take_over(&mut self) -> Result<bool, StoreError> {
        self.outbox.store().check().await?;
        let lock = DeliveryLock::take(&self.path);
        let lock = lock.map_err(|error| StoreError::NotWritable(error.to_string()))?;
        let Some(lock) = lock else {
            return Ok(false);
        };
        let recovered = self
            .outbox
            .store()
            .recover(self.unknown_outcome_wait)
            .await?;
        if recovered > 0 {
            tracing::warn!(
                deliveries = recovered,
                "deliveries were cut short when the process ended; whether they arrived is found out"
            );
        }
        self.outbox.set_delivers(lock);
        self.outbox.wake_lanes().await?;
        Ok(true)
    }

    async fn clean(&self) -> Result<(), StoreError> {
        let given_up = self
            .outbox
            .store()
            .clean(self.kept, Timestamp::now())
            .await?;
        for entry in given_up {
            tracing::error!(
                workflow = entry.id, name = entry.workflow, adapter = %entry.adapter,
                failed_attempts = entry.attempts, kind = entry.error_kind,
                "workflow given up; `whocalls outbox show` tells why, `whocalls outbox retry` tries again"
            );
        }
        Ok(())
    }
}
