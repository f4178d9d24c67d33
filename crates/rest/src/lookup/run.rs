//! Carrying out a lookup: the only place that sends its requests.
//!
//! Whatever happens, the number of requests is bounded by the steps' `max_requests`, and their time
//! by the deadline of the call.

use std::{mem, pin::pin, sync::Arc, time::Duration};

use futures::{
    StreamExt,
    stream::{self, FuturesUnordered},
};
use minijinja::Value;
use tokio::time::Instant;
use whocalls_core::{AdapterError, CallContext, Operation};
use whocalls_http::apart;

use super::{
    Brought, Found, Lookup, brought,
    progress::{Allowance, Progress},
    records,
    rounds::Rounds,
    step::Step,
};
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

impl Run<'_> {
    /// Carries out the steps, each as soon as everything is there that it uses.
    ///
    /// # Errors
    /// The failure of a step that is `required`. What else fails, [`Found`] says.
    pub(crate) async fn find(&self) -> Result<Found, AdapterError> {
        let brought = match &*self.lookup.steps {
            [step] => vec![self.only(step).await?],
            _ => self.several().await?,
        };
        let (lookup, operation) = (Arc::clone(self.lookup), self.operation);
        let asked = self.asked.clone();
        let is_long = Brought::is_long(&brought);
        Ok(apart(is_long, move || lookup.found(&brought, operation, &asked)).await)
    }

    /// Carries out the only step, as most lookups have it: there is nothing to wait for at once.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    async fn only(&self, step: &Arc<Step>) -> Result<Brought, AdapterError> {
        let mut progress = Progress::new(1);
        let number_forms = NumberForms::variables(self.asked.number());
        if let Some(variables) = self.begin(0, step, number_forms, &mut progress).await {
            let (_, _, brought) = self.step(0, step, variables).await;
            self.end(0, step, brought, &mut progress)?;
        }
        Ok(progress.brought.pop().unwrap_or_default())
    }

    /// Carries out several steps, at the same time where they do not wait for each other.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    async fn several(&self) -> Result<Vec<Brought>, AdapterError> {
        let mut progress = Progress::new(self.lookup.steps.len());
        let number_forms = NumberForms::variables(self.asked.number());
        let mut running = FuturesUnordered::new();
        loop {
            while let Some((number, step)) = self.start_next(&mut progress) {
                let variables = number_forms.clone();
                if let Some(variables) = self.begin(number, step, variables, &mut progress).await {
                    running.push(self.step(number, step, variables));
                }
            }
            let Some((number, step, brought)) = running.next().await else {
                return Ok(progress.brought);
            };
            self.end(number, step, brought, &mut progress)?;
        }
    }

    /// The variables of a step that starts; none when it is left out, and done with that.
    async fn begin(
        &self,
        number: usize,
        step: &Step,
        variables: Variables,
        progress: &mut Progress,
    ) -> Option<Variables> {
        if let Some(name) = self.missing(step, &progress.brought) {
            self.note(step, || format!("left out: nothing was captured as {name}"));
            progress.finish(number, Brought::default());
            return None;
        }
        Some(self.complete(variables, step, number, progress).await)
    }

    /// Notes what a step brought.
    ///
    /// # Errors
    /// The failure of a step that is `required`.
    fn end(
        &self,
        number: usize,
        step: &Step,
        mut brought: Brought,
        progress: &mut Progress,
    ) -> Result<(), AdapterError> {
        let captures = &self.lookup.captures;
        if captures.are_cut(|member| step.asks_with(member), &progress.brought) {
            brought.cut = Some("more was captured than is asked for");
        }
        if let Some(failure) = brought.failure.as_ref().filter(|_| step.is_required) {
            return Err(failure.clone());
        }
        progress.finish(number, brought);
        Ok(())
    }

    /// The next step that can start, which is then started.
    fn start_next(&self, progress: &mut Progress) -> Option<(usize, &Arc<Step>)> {
        let number = progress.start_next(&self.lookup.order)?;
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
        let allowance = Allowance::of(step.max_requests);
        let is_one_by_one = step.until_found || rounds.items.len() == 1;
        let requests = rounds.items.into_iter();
        let requests = requests.map(|item| self.pages(cx, step, item, variables, &allowance));
        let requests = stream::iter(requests);
        let mut requests = pin!(if is_one_by_one {
            requests.then(|request| request).left_stream()
        } else {
            requests.buffered(CONCURRENT).right_stream()
        });
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
