//! A value that one thread gives and another awaits, by blocking or as a future, without an async runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

enum State<T> {
    Waiting(Option<Waker>),
    /// `None`: the giver went away without giving.
    Given(Option<T>),
}

struct Slot<T> {
    state: Mutex<State<T>>,
    given: Condvar,
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The giving end. Dropping it without giving tells the other end so.
pub(crate) struct Giver<T> {
    slot: Arc<Slot<T>>,
}

impl<T> Giver<T> {
    pub(crate) fn give(self, value: T) {
        self.settle(Some(value));
    }

    fn settle(&self, value: Option<T>) {
        let mut state = self.slot.lock();
        if let State::Waiting(waker) = &mut *state {
            let waker = waker.take();
            *state = State::Given(value);
            drop(state);
            self.slot.given.notify_all();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        self.settle(None);
    }
}

/// The awaiting end; `None` when the giver went away.
pub(crate) struct Promise<T> {
    slot: Arc<Slot<T>>,
}

pub(crate) fn promise<T>() -> (Giver<T>, Promise<T>) {
    let slot = Arc::new(Slot { state: Mutex::new(State::Waiting(None)), given: Condvar::new() });
    (Giver { slot: Arc::clone(&slot) }, Promise { slot })
}

impl<T: Clone> Promise<T> {
    /// Blocks this thread until the value is there.
    pub(crate) fn wait(&self) -> Option<T> {
        let mut state = self.slot.lock();
        loop {
            match &*state {
                State::Given(value) => return value.clone(),
                State::Waiting(_) => {
                    state = self.slot.given.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl<T: Clone> Future for Promise<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self.slot.lock() {
            State::Given(value) => Poll::Ready(value.clone()),
            State::Waiting(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::thread;

    use super::*;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_blocked_thread_gets_the_value() {
        let (giver, promise) = promise();
        let waiting = thread::spawn(move || promise.wait());
        giver.give(7);
        assert_eq!(waiting.join().unwrap(), Some(7));
    }

    #[test]
    fn a_future_is_woken_once_and_then_ready() {
        let (giver, mut promise) = promise();
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        assert_eq!(Pin::new(&mut promise).poll(&mut context), Poll::Pending);
        giver.give(7);
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert_eq!(Pin::new(&mut promise).poll(&mut context), Poll::Ready(Some(7)));
    }

    #[test]
    fn a_giver_that_goes_away_leaves_nobody_waiting() {
        let (giver, promise) = promise::<u8>();
        drop(giver);
        assert_eq!(promise.wait(), None);
    }
}
