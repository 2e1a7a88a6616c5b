//! Open streams: registered while they run, decided again when anything changes, ended when they are refused.

use super::verdicts::Case;
use crate::house::{House, InForce};
use crate::identity::{Caller, Group};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use terms::{ClockReading, Instant, ModelId};
use tokio::sync::{Notify, oneshot};
use wire::code::Code;
use wire::refusal::Refusal;

/// Why and how a stream is to end.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) code: Code,
    pub(super) refusal: Arc<Refusal>,
}

/// One open stream.
#[derive(Debug)]
pub(super) struct Slot {
    number: u64,
    caller: Arc<Caller>,
    model: ModelId,
    streaming: bool,
    /// Index of the decision; `None` when it could not be recorded.
    index: Option<u64>,
    /// The verdict stands while this is the generation...
    generation: AtomicU64,
    /// ...and the clock has not reached this, microseconds.
    valid_until_us: AtomicI64,
    order: Mutex<Option<oneshot::Sender<Order>>>,
}

/// Every open stream.
#[derive(Debug, Default)]
pub struct Live {
    slots: Mutex<HashMap<u64, Arc<Slot>>>,
    opened: AtomicU64,
    generation: AtomicU64,
    changed: Notify,
}

/// A stream's place among the live ones; given up when dropped.
pub(super) struct Ticket {
    house: Arc<House>,
    slot: Arc<Slot>,
    order: oneshot::Receiver<Order>,
}

impl Live {
    /// Says that law, people or clock have changed: every open stream is decided again.
    pub fn wake(&self) {
        self.generation.fetch_add(1, Ordering::Release);
        self.changed.notify_one();
    }

    /// Number of open streams.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Counts up with every change of the law or the people.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<Arc<Slot>> {
        self.lock().values().cloned().collect()
    }
}

/// Registers a stream. `generation` is what [`Live::generation`] said before the verdict was reached, so that a
/// change in between is not missed.
pub(super) fn register(
    house: &Arc<House>,
    caller: &Arc<Caller>,
    model: &ModelId,
    index: Option<u64>,
    streaming: bool,
    (generation, clock): (u64, ClockReading),
) -> Ticket {
    let (sender, order) = oneshot::channel();
    let live = &house.live;
    let until = stands_until(house, &house.law.load(), caller, (model, streaming), clock);
    let slot = Arc::new(Slot {
        number: live.opened.fetch_add(1, Ordering::Relaxed),
        caller: Arc::clone(caller),
        model: model.clone(),
        streaming,
        index,
        generation: AtomicU64::new(generation),
        valid_until_us: AtomicI64::new(until.as_micros()),
        order: Mutex::new(Some(sender)),
    });
    live.lock().insert(slot.number, Arc::clone(&slot));
    Ticket { house: Arc::clone(house), slot, order }
}

impl Ticket {
    /// The order to end, if there is one now; decides again first when the last verdict no longer stands, so that not
    /// one event passes after the instant.
    pub(super) fn order(&mut self, context: &mut Context<'_>) -> Option<Order> {
        let clock = self.house.clock.read();
        // Before the order is looked for: a slot that was settled a moment ago has its order already.
        let stands = self.slot.stands(&self.house, clock);
        if let Some(order) = poll_order(&mut self.order, context) {
            return Some(order);
        }
        if stands {
            return None;
        }
        let generation = self.house.live.generation();
        let law = self.house.law.load_full();
        let order = self.slot.judge(&self.house, &law, clock);
        if order.is_none() {
            self.slot.renew(&self.house, generation, &law, clock);
        }
        order
    }

    pub(super) fn house(&self) -> &Arc<House> {
        &self.house
    }

    pub(super) fn index(&self) -> Option<u64> {
        self.slot.index
    }
}

/// Polling a receiver that has already answered would panic; one that has is never polled again.
fn poll_order(receiver: &mut oneshot::Receiver<Order>, context: &mut Context<'_>) -> Option<Order> {
    if receiver.is_terminated() {
        return None;
    }
    match Pin::new(receiver).poll(context) {
        Poll::Ready(Ok(order)) => Some(order),
        Poll::Ready(Err(_)) | Poll::Pending => None,
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.house.live.lock().remove(&self.slot.number);
    }
}

impl Slot {
    fn stands(&self, house: &House, clock: ClockReading) -> bool {
        self.generation.load(Ordering::Acquire) == house.live.generation()
            && clock.at.as_micros() < self.valid_until_us.load(Ordering::Acquire)
    }

    /// The verdict stands anew: until a window opens or closes, or evidence on file now lapses.
    fn renew(&self, house: &House, generation: u64, law: &InForce, clock: ClockReading) {
        let until = stands_until(house, law, &self.caller, (&self.model, self.streaming), clock);
        self.valid_until_us.store(until.as_micros(), Ordering::Relaxed);
        self.generation.store(generation, Ordering::Relaxed);
    }

    /// Decides again, on what is on file now; `Some` when the stream must end.
    fn judge(&self, house: &House, law: &InForce, clock: ClockReading) -> Option<Order> {
        let Some((credential, _)) = self.caller.now(house) else {
            return Some(withdrawn(&self.model));
        };
        let Some(entry) = house.catalogue.find(self.model.as_str()) else {
            return Some(withdrawn(&self.model));
        };
        let case = Case { house, law, credential: &credential, entry, streaming: self.streaming, clock };
        let finding = case.judge();
        let code = finding.code()?;
        let refusal = case.refusal(&finding, code);
        let instance = self.receipt(house);
        Some(Order { code, refusal: Arc::new(Refusal { instance, ..refusal }) })
    }

    fn receipt(&self, house: &House) -> String {
        self.index.map(|index| house.record.receipt_id(index)).unwrap_or_default()
    }

    /// Hands the order over. The stream is settled then: it is not decided again, however long its caller takes to
    /// read the end.
    fn tell(&self, order: Order, generation: u64) {
        let sender = self.order.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // A stream that has just ended needs no order.
            let _ = sender.send(order);
        }
        // Only now: a stream that looks in between must either find the order or decide again itself.
        self.generation.store(generation, Ordering::Release);
        self.valid_until_us.store(i64::MAX, Ordering::Release);
    }
}

/// Until when a verdict about this subject and model stands; a model that is gone is looked at again at once.
fn stands_until(
    house: &House,
    law: &InForce,
    caller: &Caller,
    (model, streaming): (&ModelId, bool),
    clock: ClockReading,
) -> Instant {
    let Some(entry) = house.catalogue.find(model.as_str()) else { return clock.at };
    let Some((credential, known_until)) = caller.now(house) else { return clock.at };
    let case = Case { house, law, credential: &credential, entry, streaming, clock };
    case.stands_until().min(known_until)
}

/// The key was withdrawn while the stream ran.
fn withdrawn(model: &ModelId) -> Order {
    let refusal = Refusal { model: model.to_string(), ..Refusal::new(Code::InvalidApiKey, "") };
    Order { code: Code::InvalidApiKey, refusal: Arc::new(refusal) }
}

/// Decides open streams again whenever a window opens or closes or anything changes. Idle streams are ended by this;
/// busy ones find out by themselves at their next event.
pub(super) async fn sweep(house: Arc<House>) {
    loop {
        let (generation, law, clock) = (house.live.generation(), house.law.load_full(), house.clock.read());
        let next = sweep_once(&house, generation, &law, clock).min(law.regime.next_change(clock));
        tokio::select! {
            () = house.clock.reached(next) => {}
            () = house.live.changed.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        // A sweep that finds its next instant reached already must not keep its thread from the streams it ends.
        tokio::task::yield_now().await;
    }
}

/// Gives the first instant at which some verdict lapses.
fn sweep_once(house: &House, generation: u64, law: &InForce, clock: ClockReading) -> Instant {
    let mut seen: HashMap<(Group, ModelId, bool), Option<Order>> = HashMap::new();
    let mut next = Instant::MAX;
    for slot in house.live.all() {
        if !slot.stands(house, clock) {
            // Streams of one subject and model share a verdict; only the receipt differs.
            let order = seen
                .entry((slot.caller.group(), slot.model.clone(), slot.streaming))
                .or_insert_with(|| slot.judge(house, law, clock))
                .clone();
            match order {
                Some(order) => slot.tell(slot.own(house, order), generation),
                None => slot.renew(house, generation, law, clock),
            }
        }
        next = next.min(Instant::from_micros(slot.valid_until_us.load(Ordering::Relaxed)));
    }
    next
}

impl Slot {
    fn own(&self, house: &House, order: Order) -> Order {
        if order.code == Code::InvalidApiKey {
            return order;
        }
        let instance = self.receipt(house);
        Order { refusal: Arc::new(Refusal { instance, ..(*order.refusal).clone() }), ..order }
    }
}
