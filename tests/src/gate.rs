//! A gate between threads.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Longest wait before a closed gate.
const LONGEST: Duration = Duration::from_secs(30);

/// Closed until somebody opens it.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Lets everybody through from now on.
    pub fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Returns when the gate is open.
    pub fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        let (open, _) = self.0.1.wait_timeout_while(open, LONGEST, |open| !*open).unwrap();
        assert!(*open, "nobody opened the gate in {LONGEST:?}");
    }
}
