//! Callers: many at once, over real sockets, until the server is gone.

use crate::dice::Dice;
use ledger::leaf::Verdict;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use system_tests::http::{Answer, Request, Wire};

/// A kind of request, and the one status that is right for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Ask {
    person: &'static str,
    /// Model asked for.
    pub model: &'static str,
    /// Whether the answer is streamed, how many chunks, milliseconds between them.
    pub stream: Option<(u32, u32)>,
    /// Status of the answer.
    pub status: u16,
}

impl Ask {
    const fn whole(person: &'static str, model: &'static str, status: u16) -> Self {
        Self { person, model, stream: None, status }
    }

    const fn streamed(person: &'static str, chunks: u32, interval_ms: u32) -> Self {
        Self { person, model: "fable-5", stream: Some((chunks, interval_ms)), status: 200 }
    }

    /// The verdict that the record must show.
    pub fn verdict(&self) -> Verdict {
        match self.status {
            200 => Verdict::Permit,
            451 => Verdict::Deny,
            _ => Verdict::VerifyFirst,
        }
    }

    fn request(&self, key: &str, in_anthropic: bool) -> Request {
        let members = match self.stream {
            Some((chunks, ms)) => json!({"stream": true, "practice": {"chunks": chunks, "interval_ms": ms}}),
            None => json!({"practice": {"chunks": 2}}),
        };
        let request = if in_anthropic { Request::message_with } else { Request::chat_with };
        request(self.model, members).key(key)
    }
}

/// Under the letter of 12 June: a citizen is served, a French engineer is not, somebody unknown must verify first. A
/// model no directive names is served to all.
const QUICK: [Ask; 7] = [
    Ask::whole("p-001", "fable-5", 200),
    Ask::whole("p-008", "mythos-5", 200),
    Ask::whole("p-002", "fable-5", 451),
    Ask::whole("p-009", "mythos-5", 451),
    Ask::whole("p-006", "fable-5", 401),
    Ask::whole("p-009", "practice-mini", 200),
    Ask::streamed("p-001", 3, 2),
];

/// Streams under way at the moment of the kill.
const SLOW: [Ask; 2] = [Ask::streamed("p-001", 60, 10), Ask::streamed("p-008", 25, 20)];

/// One who sends the next request when the last is answered.
const QUICK_CALLERS: usize = 4;
/// One who reads a stream at its pace.
const SLOW_CALLERS: usize = 4;

/// A response whose head reached its caller.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Number of its receipt.
    pub index: u64,
    /// What had been asked.
    pub ask: &'static Ask,
    /// Bytes of the body that arrived.
    pub bytes: u64,
    /// Whether the body ended as its framing says.
    pub is_whole: bool,
}

/// Callers at work.
pub struct Load(Vec<JoinHandle<Vec<Seen>>>);

impl Load {
    /// Begins to call. Once `is_dying`, a broken connection is no failure.
    pub fn start(
        gateway: SocketAddr,
        keys: &BTreeMap<String, String>,
        dice: &mut Dice,
        is_dying: &Arc<AtomicBool>,
    ) -> Self {
        let asks = [QUICK.as_slice(); QUICK_CALLERS].into_iter().chain([SLOW.as_slice(); SLOW_CALLERS]);
        let callers = asks.map(|asks| {
            let mut caller = Caller {
                gateway,
                keys: keys.clone(),
                asks,
                dice: dice.fork(),
                is_dying: Arc::clone(is_dying),
            };
            thread::spawn(move || caller.call())
        });
        Self(callers.collect())
    }

    /// Everything that reached the callers, once the server is dead.
    pub fn finish(self) -> Vec<Seen> {
        self.0.into_iter().flat_map(|caller| caller.join().expect("a caller got a wrong answer")).collect()
    }
}

struct Caller {
    gateway: SocketAddr,
    keys: BTreeMap<String, String>,
    asks: &'static [Ask],
    dice: Dice,
    is_dying: Arc<AtomicBool>,
}

impl Caller {
    fn call(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut wire = Wire::try_open(self.gateway).ok();
        while let Some(open) = &mut wire {
            let ask = self.dice.pick(self.asks);
            let request = ask.request(&self.keys[ask.person], self.dice.below(2) == 0);
            open.send(&request.bytes());
            let Some(head) = open.head() else { break };
            check(&head, ask);
            let index = head.receipt();
            let (body, is_whole) = open.rest();
            seen.push(Seen { index, ask, bytes: body.len() as u64, is_whole });
            if !is_whole {
                break;
            }
        }
        assert!(self.is_dying.load(Ordering::SeqCst), "a connection broke while the server was alive");
        seen
    }
}

fn check(head: &Answer, ask: &Ask) {
    assert_eq!(head.status, ask.status, "{ask:?}: {head:?}");
}
