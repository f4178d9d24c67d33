//! A credential that expires, refreshed once for all calls that wait for it.

use std::{
    future::Future,
    iter,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation, Secret};

/// A token is renewed this long before it expires, so that none expires on its way.
const RENEWAL_MARGIN: Duration = Duration::from_mins(1);
/// Longer lifetimes are cut: a token of a day is renewed no matter what the server promises.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24);

/// How long a token is used that expires in `seconds`: until a minute before, but no less than half
/// of its life; a day at most.
pub fn usable_for(seconds: u64) -> Duration {
    let lifetime = Duration::from_secs(seconds).min(LONGEST_LIFETIME);
    lifetime.saturating_sub(RENEWAL_MARGIN).max(lifetime / 2)
}

/// What a [`CredentialCell`] holds: it says what of it no trace may show.
pub trait Confidential {
    /// The secrets in it.
    fn secrets(&self) -> impl Iterator<Item = &Secret>;
}

impl Confidential for Secret {
    fn secrets(&self) -> impl Iterator<Item = &Self> {
        iter::once(self)
    }
}

impl<T: Confidential> Confidential for Option<T> {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.iter().flat_map(T::secrets)
    }
}

/// A credential and the moment from which it is renewed.
#[derive(Debug)]
pub struct Credential<T> {
    /// The credential: an access token, a session id.
    pub value: T,
    renew_at: Option<Instant>,
    generation: u64,
}

impl<T> Credential<T> {
    fn is_current(&self) -> bool {
        self.renew_at
            .is_none_or(|renew_at| Instant::now() < renew_at)
    }
}

/// The holder of one adapter's credential.
///
/// However many calls find the credential missing, expired or rejected, one of them gets a new
/// one and the others take its result, failure included: a wrong password is tried once, not
/// fifty times.
#[derive(Debug)]
pub struct CredentialCell<T> {
    state: Mutex<State<T>>,
    renewing: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State<T> {
    credential: Option<Arc<Credential<T>>>,
    is_rejected: bool,
    /// Counts attempts to get a credential, so that a waiter knows whether one ended meanwhile.
    attempts: u64,
    failure: Option<AdapterError>,
}

impl<T> Default for CredentialCell<T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                credential: None,
                is_rejected: false,
                attempts: 0,
                failure: None,
            }),
            renewing: tokio::sync::Mutex::new(()),
        }
    }
}

impl<T: Confidential + Send + Sync> CredentialCell<T> {
    /// The current credential; when there is none, `obtain` gets it.
    ///
    /// `obtain` is given the previous credential, for its refresh token. It returns the new value
    /// and how long it may be used; the caller subtracts its own safety margin.
    ///
    /// # Errors
    /// The error of `obtain`, for all calls that waited for it; `Timeout` when the deadline passes
    /// first.
    ///
    /// # Cancellation
    /// When the call that runs `obtain` is dropped, the next waiting call starts it anew.
    pub async fn get<F, Fut>(
        &self,
        cx: &CallContext,
        adapter: &AdapterId,
        obtain: F,
    ) -> Result<Arc<Credential<T>>, AdapterError>
    where
        F: FnOnce(Option<Arc<Credential<T>>>) -> Fut + Send,
        Fut: Future<Output = Result<(T, Option<Duration>), AdapterError>> + Send,
    {
        let (usable, attempts) = self.usable();
        if let Some(credential) = usable {
            hide(cx, &credential);
            return Ok(credential);
        }
        let renew = async {
            let _guard = self.renewing.lock().await;
            if let Some(ended) = self.ended_since(attempts) {
                return ended;
            }
            let previous = self.state().credential.clone();
            if let Some(previous) = &previous {
                hide(cx, previous);
            }
            let result = obtain(previous).await;
            self.store(result)
        };
        let result = timeout_at(cx.deadline, renew)
            .await
            .unwrap_or_else(|_| Err(AdapterError::timeout(adapter, Operation::Authenticate)));
        if let Ok(credential) = &result {
            hide(cx, credential);
        }
        result
    }

    /// Tells that the CRM refused `credential`. Does nothing when it was replaced already, as
    /// happens when several calls were under way with the same one.
    pub fn reject(&self, credential: &Credential<T>) {
        let mut state = self.state();
        let current = state.credential.as_ref().map(|current| current.generation);
        if current == Some(credential.generation) {
            state.is_rejected = true;
        }
    }

    fn usable(&self) -> (Option<Arc<Credential<T>>>, u64) {
        let state = self.state();
        let usable = state
            .credential
            .as_ref()
            .filter(|credential| !state.is_rejected && credential.is_current())
            .map(Arc::clone);
        (usable, state.attempts)
    }

    /// The result of an attempt that ended after attempt number `seen`.
    fn ended_since(&self, seen: u64) -> Option<Result<Arc<Credential<T>>, AdapterError>> {
        let (usable, attempts) = self.usable();
        if attempts == seen {
            return None;
        }
        match (usable, self.state().failure.clone()) {
            (Some(credential), _) => Some(Ok(credential)),
            (None, Some(failure)) => Some(Err(failure)),
            (None, None) => None,
        }
    }

    fn store(
        &self,
        result: Result<(T, Option<Duration>), AdapterError>,
    ) -> Result<Arc<Credential<T>>, AdapterError> {
        let mut state = self.state();
        state.attempts += 1;
        match result {
            Ok((value, lifetime)) => {
                let credential = Arc::new(Credential {
                    value,
                    renew_at: lifetime.map(|lifetime| Instant::now() + lifetime),
                    generation: state.attempts,
                });
                state.credential = Some(Arc::clone(&credential));
                state.is_rejected = false;
                state.failure = None;
                Ok(credential)
            }
            Err(error) => {
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // The state is consistent between any two statements, so a poisoned lock is still good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hide<T: Confidential>(cx: &CallContext, credential: &Credential<T>) {
    if cx.trace.is_some() {
        for secret in credential.value.secrets() {
            cx.hide(secret);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use whocalls_core::{ErrorKind, RequestId};

    use super::*;

    #[test]
    fn a_token_is_renewed_a_minute_before_it_expires() {
        for (expires_in, seconds) in [
            (3600, 3540),
            (90, 45),
            (1, 0),
            (0, 0),
            (u64::MAX, 24 * 3600 - 60),
        ] {
            assert_eq!(usable_for(expires_in).as_secs(), seconds, "{expires_in}");
        }
    }

    fn adapter() -> AdapterId {
        AdapterId::new("crm").unwrap()
    }

    fn cx() -> CallContext {
        CallContext::within(Duration::from_secs(1), RequestId::new("test"))
    }

    /// The number of the attempt that it comes from.
    impl Confidential for usize {
        fn secrets(&self) -> impl Iterator<Item = &Secret> {
            iter::empty()
        }
    }

    #[derive(Default)]
    struct Counted {
        cell: CredentialCell<usize>,
        calls: AtomicUsize,
    }

    impl Counted {
        async fn get(&self, fail: bool) -> Result<Arc<Credential<usize>>, AdapterError> {
            self.cell
                .get(&cx(), &adapter(), |_| async {
                    let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
                    tokio::task::yield_now().await;
                    if fail {
                        let kind = ErrorKind::Unauthenticated;
                        return Err(AdapterError::new(
                            kind,
                            &adapter(),
                            Operation::Authenticate,
                            "",
                        ));
                    }
                    Ok((call, Some(Duration::from_mins(1))))
                })
                .await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_waiting_calls_share_one_refresh() {
        let counted = Counted::default();
        let all = futures_join(&counted, false).await;
        assert!(all.iter().all(|result| result.as_ref().unwrap().value == 1));
        assert_eq!(counted.calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_waiting_calls_share_one_failure_and_the_next_call_tries_again() {
        let counted = Counted::default();
        let all = futures_join(&counted, true).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(counted.calls.load(Ordering::SeqCst), 1);
        assert_eq!(counted.get(false).await.unwrap().value, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_credential_is_renewed_when_it_expires_or_is_rejected() {
        let counted = Counted::default();
        let first = counted.get(false).await.unwrap();
        assert_eq!(counted.get(false).await.unwrap().value, 1);
        tokio::time::advance(Duration::from_secs(61)).await;
        let second = counted.get(false).await.unwrap();
        assert_eq!(second.value, 2);
        counted.cell.reject(&first);
        assert_eq!(
            counted.get(false).await.unwrap().value,
            2,
            "rejecting an old one is ignored"
        );
        counted.cell.reject(&second);
        assert_eq!(counted.get(false).await.unwrap().value, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refresh_that_hangs_ends_at_the_deadline() {
        let cell = CredentialCell::<usize>::default();
        let hang = |_| std::future::pending();
        let error = cell.get(&cx(), &adapter(), hang).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Timeout);
        let retry = cell
            .get(&cx(), &adapter(), |_| async { Ok((1, None)) })
            .await;
        assert!(retry.is_ok(), "the dropped attempt holds no lock");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_hidden_in_the_trace_of_whoever_uses_it() {
        let cell = CredentialCell::<Option<Secret>>::default();
        let obtain = |_| async { Ok((Some(Secret::new("t0ken")), None)) };
        for _ in ["got", "used again"] {
            let trace = whocalls_core::Trace::default();
            let cx = cx().traced(trace.clone());
            cell.get(&cx, &adapter(), obtain).await.unwrap();
            cx.note(&adapter(), || "with t0ken".to_owned());
            let events = format!("{:?}", trace.events());
            assert!(events.contains("with ***"), "{events}");
        }
    }

    async fn futures_join(
        counted: &Counted,
        fail: bool,
    ) -> Vec<Result<Arc<Credential<usize>>, AdapterError>> {
        futures::future::join_all((0..50).map(|_| counted.get(fail))).await
    }
}
