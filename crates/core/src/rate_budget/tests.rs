//! Places in virtual time.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

struct Fixture(RateBudget, AdapterId);

fn a_second(most: u32) -> Fixture {
    let budget = RateBudget::in_any_second(NonZeroU32::new(most).unwrap());
    Fixture(budget, AdapterId::new("crm").unwrap())
}

fn four_a_second() -> Fixture {
    a_second(4)
}

impl Fixture {
    async fn place(&self, time: Duration) -> Result<(), AdapterError> {
        self.place_for(Urgency::Caller, time).await
    }

    async fn place_in_background(&self, time: Duration) -> Result<(), AdapterError> {
        self.place_for(Urgency::Background, time).await
    }

    async fn place_for(&self, urgency: Urgency, time: Duration) -> Result<(), AdapterError> {
        let (by, operation) = (Instant::now() + time, Operation::Lookup);
        self.0.place_by(by, urgency, &self.1, operation).await
    }
}

#[tokio::test(start_paused = true)]
async fn no_second_has_more_places_than_the_budget() {
    let budget = four_a_second();
    let started = Instant::now();
    let mut taken = Vec::new();
    for position in 0_u32..20 {
        tokio::time::advance(SECOND * (position % 3) / 7).await;
        budget.place(10 * SECOND).await.unwrap();
        taken.push(started.elapsed());
    }
    for window in taken.windows(5) {
        assert!(window[4] >= window[0] + WINDOW, "{window:?}");
    }
    assert!(
        started.elapsed() < 5 * WINDOW,
        "and the budget is used: {taken:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_longer_than_wanted() {
    let budget = four_a_second();
    for _ in 0..4 {
        budget.place(SECOND).await.unwrap();
    }
    let started = Instant::now();
    let error = budget.place(SECOND / 2).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO, "refused at once");
    assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, None));
    assert_eq!(error.retry_after, Some(WINDOW));
    budget.place(2 * SECOND).await.unwrap();
    assert_eq!(started.elapsed(), WINDOW);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_everybody_and_the_longer_one_wins() {
    let budget = four_a_second();
    budget.0.pause(10 * SECOND);
    budget.0.pause(SECOND);
    let error = budget.place(5 * SECOND).await.unwrap_err();
    assert_eq!(error.retry_after, Some(10 * SECOND));
    let started = Instant::now();
    budget.place(11 * SECOND).await.unwrap();
    assert_eq!(started.elapsed(), 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_leaves_a_place_for_a_caller() {
    for (most, in_background) in [(4, 3), (2, 1)] {
        let budget = a_second(most);
        let started = Instant::now();
        for _ in 0..in_background {
            budget.place_in_background(SECOND).await.unwrap();
        }
        let refused = budget.place_in_background(SECOND).await.unwrap_err();
        assert_eq!(refused.retry_after, Some(WINDOW), "{most}");
        budget.place(SECOND).await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO, "{most}");
        // The caller's place counts too: the first one that is free stays free.
        budget.place_in_background(10 * SECOND).await.unwrap();
        assert_eq!(started.elapsed(), WINDOW, "{most}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_only_place_is_for_everybody() {
    let budget = a_second(1);
    budget.place_in_background(SECOND).await.unwrap();
    let started = Instant::now();
    let waiting = async {
        budget.place(10 * SECOND).await.unwrap();
        started.elapsed()
    };
    let background = async {
        budget.place_in_background(10 * SECOND).await.unwrap();
        started.elapsed()
    };
    // The background call is always asked first, and takes its place last.
    let (background, waiting) = tokio::join!(biased; background, waiting);
    assert_eq!((waiting, background), (WINDOW, 2 * WINDOW));
}

#[tokio::test(start_paused = true)]
async fn no_background_call_takes_a_place_that_a_caller_waits_for() {
    let budget = four_a_second();
    budget.0.pause(SECOND);
    let started = Instant::now();
    let callers = async {
        // All four places of the first window, and two of the next.
        let waiting = (0..6).map(|_| async {
            budget.place(10 * SECOND).await.unwrap();
            started.elapsed()
        });
        futures::future::join_all(waiting).await
    };
    let background = async {
        budget.place_in_background(10 * SECOND).await.unwrap();
        started.elapsed()
    };
    let (background, callers) = tokio::join!(biased; background, callers);
    let (first, second) = (SECOND, SECOND + WINDOW);
    assert_eq!(callers, [first, first, first, first, second, second]);
    assert_eq!(background, second, "and one place is still free");
    budget.place(Duration::from_millis(1)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gave_up_holds_nobody_back() {
    let budget = a_second(1);
    budget.place(SECOND).await.unwrap();
    let started = Instant::now();
    let gave_up = tokio::time::timeout(SECOND / 2, budget.place(10 * SECOND)).await;
    gave_up.unwrap_err();
    budget.place_in_background(10 * SECOND).await.unwrap();
    assert_eq!(started.elapsed(), WINDOW);
}
