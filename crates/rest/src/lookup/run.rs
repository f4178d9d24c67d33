//! Carrying out a lookup: the only place that sends its requests.
//!
//! Whatever happens, the number of requests is bounded by the steps' `max_requests`, and their time
//! by the deadline of the call.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{
    StreamExt,
    stream::{self, FuturesUnordered},
};
use minijinja::Value;
use tokio::time::Instant;
use whocalls_core::{AdapterError, CallContext, Operation};
use whocalls_http::apart;

use super::{Brought, Found, Lookup, brought, records, rounds::Rounds, step::Step};
use crate::{
    asked::Asked,
    client::{Client, Effect, Exchange},
    credential::Access,
    error,
    number::NumberForms,
    pages::{Next, Page},
    scope::Variables,
    search::Read,
    select::Index,
    template::NoText,
};

/// Requests of one step that are under way at the same time.
const CONCURRENT: usize = 4;

/// One lookup of one number.
pub(crate) struct Run<'a> {
    pub(crate) lookup: &'a Arc<Lookup>,
    pub(crate) client: &'a Client,
    pub(crate) cx: &'a CallContext,
    pub(crate) operation: Operation,
    pub(crate) asked: Asked,
}

/// How far the steps are.
struct Progress {
    brought: Vec<Brought>,
    is_started: Vec<bool>,
    is_done: Vec<bool>,
}

/// How many requests a step may still send.
struct Allowance(AtomicUsize);

impl Run<'_> {
    /// Carries out the steps, each as soon as everything is there that it uses.
    ///
    /// # Errors
    /// The failure of a step that is `required`. What else fails, [`Found`] says.
    pub(crate) async fn find(&self) -> Result<Found, AdapterError> {
        let mut progress = Progress::new(self.lookup.steps.len());
        let number_forms = NumberForms::variables(self.asked.number());
        let mut running = FuturesUnordered::new();
        loop {
            while let Some((number, step)) = self.start_next(&mut progress) {
                if let Some(name) = self.missing(step, &progress.brought) {
                    self.note(step, || format!("left out: nothing was captured as {name}"));
                    progress.finish(number, Brought::default());
                } else {
                    let variables = number_forms.clone();
                    let variables = self.complete(variables, step, number, &mut progress).await;
                    running.push(self.step(number, step, variables));
                }
            }
            let Some((number, step, mut brought)) = running.next().await else {
                break;
            };
            let captures = &self.lookup.captures;
            if captures.are_cut(|member| step.asks_with(member), &progress.brought) {
                brought.cut = Some("more was captured than is asked for");
            }
            if let Some(failure) = brought.failure.as_ref().filter(|_| step.is_required) {
                return Err(failure.clone());
            }
            progress.finish(number, brought);
        }
        let (lookup, operation) = (Arc::clone(self.lookup), self.operation);
        let (brought, asked) = (progress.brought, self.asked.clone());
        let is_long = Brought::is_long(&brought);
        Ok(apart(is_long, move || lookup.found(&brought, operation, &asked)).await)
    }

    /// The next step that can start, which is then started.
    fn start_next(&self, progress: &mut Progress) -> Option<(usize, &Arc<Step>)> {
        let mut ready = self
            .lookup
            .order
            .ready(&progress.is_started, &progress.is_done);
        let number = ready.next()?;
        drop(ready);
        set(&mut progress.is_started, number);
        Some((number, self.lookup.steps.get(number)?))
    }

    /// The name of what the step has to ask with and nobody captured.
    fn missing(&self, step: &Step, brought: &[Brought]) -> Option<&str> {
        let captures = &self.lookup.captures;
        captures.missing(|member| step.asks_with(member), brought)
    }

    /// The variables with all that the step knows when it starts.
    async fn complete(
        &self,
        mut variables: Variables,
        step: &Step,
        number: usize,
        progress: &mut Progress,
    ) -> Variables {
        if self.lookup.has_names {
            let captured = self.lookup.captures.variable(&progress.brought);
            variables = variables.with("captured", captured);
        }
        if step.uses("found") {
            let above = self.lookup.steps.iter().take(number).map(Arc::clone);
            let brought = mem::take(&mut progress.brought);
            let (owners, brought) = self.owners(above.collect(), brought).await;
            progress.brought = brought;
            variables = variables.with("found", owners.into());
        }
        variables
    }

    /// How many owners of the number these steps found; gives back what each brought.
    async fn owners(&self, steps: Vec<Arc<Step>>, brought: Vec<Brought>) -> (usize, Vec<Brought>) {
        let asked = self.asked.counting();
        let is_long = Brought::is_long(&brought);
        let count = move || {
            let no_index = Index::default();
            let steps = steps.iter().zip(&brought);
            let records =
                steps.flat_map(|(step, brought)| records(step, brought, &no_index, &asked));
            (asked.verified(records).matches().len(), brought)
        };
        apart(is_long, count).await
    }

    /// Carries out one step. Its failure is a part of what it brings.
    async fn step<'s>(
        &self,
        number: usize,
        step: &'s Arc<Step>,
        variables: Variables,
    ) -> (usize, &'s Step, Brought) {
        let cx = &self.context_of(number, step);
        let mut brought = match self.rounds(cx, step, &variables).await {
            Ok(rounds) => self.requests(cx, step, rounds, &variables).await,
            Err(failure) => Brought::failed(failure),
        };
        if let Some(failure) = &mut brought.failure {
            self.note(step, || {
                format!("failed ({}): {}", failure.kind, failure.message)
            });
            if self.lookup.has_names {
                failure.message = format!("step `{}`: {}", step.name, failure.message);
            }
        }
        if let Some(reason) = brought.cut {
            self.note(step, || format!("there may be more: {reason}"));
        }
        (number, step, brought)
    }

    /// The call, with the time that this step may take.
    fn context_of(&self, number: usize, step: &Step) -> CallContext {
        let mut time = step.timeout.unwrap_or(Duration::MAX);
        if self.lookup.adds_only.get(number) == Some(&true) {
            // Details must not cost the contact.
            time = time.min(self.cx.useful_time() / 4 * 3);
        }
        if time >= self.cx.remaining() {
            return self.cx.clone();
        }
        self.cx.with_deadline(Instant::now() + time)
    }

    /// What the requests of the step are about; none when it is left out.
    async fn rounds(
        &self,
        cx: &CallContext,
        step: &Step,
        variables: &Variables,
    ) -> Result<Rounds, AdapterError> {
        if step.when.is_none() && step.for_each.is_none() {
            return Ok(Rounds::one());
        }
        let access = self.client.access(cx).await?;
        let variables = access.complete(variables.clone());
        if let Some(when) = &step.when
            && !when
                .is_true(&variables)
                .map_err(|reason| self.broken(reason))?
        {
            self.note(step, || "left out: `when` is false".to_owned());
            return Ok(Rounds::none());
        }
        let Some(list) = &step.for_each else {
            return Ok(Rounds::one());
        };
        let elements = list
            .list(&variables)
            .map_err(|reason| self.broken(reason))?;
        let rounds = Rounds::each(elements, step.batch, step.max_requests);
        if rounds.items.is_empty() {
            self.note(step, || "left out: `for_each` has nothing".to_owned());
        }
        Ok(rounds)
    }

    /// Sends the requests of a step. The first failure ends it; what came before counts.
    async fn requests(
        &self,
        cx: &CallContext,
        step: &Arc<Step>,
        rounds: Rounds,
        variables: &Variables,
    ) -> Brought {
        let allowance = Allowance::of(step);
        let concurrent = if step.until_found { 1 } else { CONCURRENT };
        let requests = rounds.items.into_iter();
        let requests = requests.map(|item| self.pages(cx, step, item, variables, &allowance));
        let mut requests = stream::iter(requests).buffered(concurrent);
        let mut brought = Brought::default();
        // Who lists the spellings of a number decides how many count. What the CRM lists is another
        // matter: there may be an owner behind each.
        if rounds.left_over > 0 && step.asks_with("captured") {
            brought.cut = Some("`for_each` has more elements than `max_requests` allows");
        }
        while let Some(more) = requests.next().await {
            let mut is_over = more.failure.is_some();
            let mut more = vec![more];
            if step.until_found && !is_over {
                let (owners, back) = self.owners(vec![Arc::clone(step)], more).await;
                (is_over, more) = (owners > 0, back);
            }
            for more in more {
                brought.add(more);
            }
            if is_over {
                break;
            }
        }
        brought
    }

    /// One request of a step, and those for the further pages of its reply.
    async fn pages(
        &self,
        cx: &CallContext,
        step: &Arc<Step>,
        item: Option<Value>,
        variables: &Variables,
        allowance: &Allowance,
    ) -> Brought {
        let mut brought = Brought::default();
        let mut page = Page::first();
        loop {
            if !allowance.take() {
                brought.cut = Some("`max_requests` are sent");
                return brought;
            }
            let mut variables = variables.clone().with("page", page.variable());
            if let Some(item) = &item {
                let name = if step.batch.is_some() {
                    "items"
                } else {
                    "item"
                };
                variables = variables.with(name, item.clone());
            }
            let read = match self.exchange(cx, step, &page, variables).await {
                Ok(exchange) => read(Arc::clone(step), page, exchange).await,
                Err(failure) => Err(failure),
            };
            match read {
                Ok((more, next)) => {
                    self.note(step, || format!("hits selected: {}", more.hits));
                    brought.add(more);
                    match next {
                        Next::End => return brought,
                        Next::Page(next) => page = next,
                        Next::Cut(reason) => {
                            brought.cut = Some(reason);
                            return brought;
                        }
                    }
                }
                Err(failure) => {
                    brought.failure = Some(failure);
                    return brought;
                }
            }
        }
    }

    async fn exchange(
        &self,
        cx: &CallContext,
        step: &Step,
        page: &Page,
        variables: Variables,
    ) -> Result<Exchange<Read>, AdapterError> {
        let render = |access: &Access| {
            let mut rendered = step.request().render(access, variables.clone())?;
            if let Some(url) = &page.url {
                rendered.url = url.clone();
            }
            Ok(rendered)
        };
        let how = (self.operation, Effect::Repeatable);
        let is_refused = |Read { reply, document }: &Read| {
            let document = document.as_ref().ok();
            step.outcomes().is_unauthenticated_read(reply, document)
        };
        self.client
            .exchange_read(cx, how, render, Read::apart, is_refused)
            .await
    }

    fn broken(&self, reason: NoText) -> AdapterError {
        error::not_rendered(&self.asked.adapter, self.operation, reason)
    }

    fn note(&self, step: &Step, text: impl FnOnce() -> String) {
        let note = || format!("step {}: {}", step.name, text());
        self.cx.note(&self.asked.adapter, note);
    }
}

/// What the reply to the request for `page` brings, and what follows it.
///
/// # Errors
/// As [`Step::read`].
async fn read(
    step: Arc<Step>,
    page: Page,
    Exchange { reply, access }: Exchange<Read>,
) -> Result<(Brought, Next), AdapterError> {
    let is_long = brought::is_long(reply.reply.body.len());
    apart(is_long, move || step.read(&page, reply, &access)).await
}

impl Progress {
    fn new(steps: usize) -> Self {
        Self {
            brought: (0..steps).map(|_| Brought::default()).collect(),
            is_started: vec![false; steps],
            is_done: vec![false; steps],
        }
    }

    fn finish(&mut self, number: usize, brought: Brought) {
        set(&mut self.is_done, number);
        if let Some(place) = self.brought.get_mut(number) {
            *place = brought;
        }
    }
}

impl Allowance {
    fn of(step: &Step) -> Self {
        Self(AtomicUsize::new(step.max_requests))
    }

    /// Whether another request may be sent, which is then counted.
    fn take(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        taken.is_ok()
    }
}

fn set(flags: &mut [bool], number: usize) {
    if let Some(flag) = flags.get_mut(number) {
        *flag = true;
    }
}
