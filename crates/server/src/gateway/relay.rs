//! The body of an answer: whole, or passed on from an upstream event by event until it ends or is cut.

use super::caller::Voice;
use super::live::{Order, Ticket};
use crate::record::ended;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use ledger::leaf::OutcomeKind;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use wire::code::Code;
use wire::ending::cut_event;
use wire::sse::Splitter;

/// What the gateway sends.
pub enum GateBody {
    /// At hand.
    Whole(Option<Bytes>),
    /// From an upstream.
    Relay(Box<Relay>),
}

impl GateBody {
    /// A body at hand.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::Whole((!bytes.is_empty()).then_some(bytes))
    }
}

/// An answer on its way through.
pub struct Relay {
    upstream: Incoming,
    /// Present for an event stream: only whole events are passed on, so that the end can be lawful.
    splitter: Option<Splitter>,
    ticket: Ticket,
    voice: Voice,
    bytes_sent: u64,
    status: u16,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Passing,
    /// The last bytes are out; the end is next.
    Ending,
    Done,
}

impl Relay {
    /// Passes an upstream's answer on. `is_stream`: it is an event stream.
    pub(super) fn new(
        upstream: Incoming,
        is_stream: bool,
        status: u16,
        ticket: Ticket,
        voice: Voice,
    ) -> Self {
        let splitter = is_stream.then(Splitter::new);
        Self { upstream, splitter, ticket, voice, bytes_sent: 0, status, state: State::Passing }
    }

    /// Whether the stream has already said that it is complete.
    fn said_it_all(&self) -> bool {
        self.splitter.as_ref().is_some_and(|splitter| splitter.last_event_is_terminal(self.voice.dialect))
    }

    /// Ends on an order: by an event of the dialect at an event edge, else by breaking off.
    fn cut(&mut self, order: &Order) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.said_it_all() {
            self.finish(OutcomeKind::Completed, None);
            return Poll::Ready(None);
        }
        let lawful = self.splitter.as_ref().is_some_and(|splitter| !splitter.mid_event());
        self.finish(OutcomeKind::Cut, Some(order.code));
        if !lawful {
            return Poll::Ready(Some(Err(io::Error::other("the answer was ended by a directive"))));
        }
        self.state = State::Ending;
        Poll::Ready(Some(Ok(Frame::data(cut_event(&order.refusal, self.voice.dialect, self.voice.lang)))))
    }

    /// What of a chunk may be sent now.
    fn take(&mut self, chunk: Bytes) -> Bytes {
        match &mut self.splitter {
            Some(splitter) => splitter.push(chunk),
            None => chunk,
        }
    }

    fn send(&mut self, bytes: Bytes) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.bytes_sent = self.bytes_sent.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    /// The upstream has ended.
    fn end(&mut self) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let rest = self.splitter.as_mut().map(Splitter::finish).unwrap_or_default();
        if !rest.is_empty() {
            self.state = State::Ending;
            let frame = self.send(rest);
            self.finish(OutcomeKind::Completed, None);
            return frame;
        }
        self.finish(OutcomeKind::Completed, None);
        Poll::Ready(None)
    }

    /// Records the end, once.
    fn finish(&mut self, result: OutcomeKind, reason: Option<Code>) {
        if self.state == State::Done {
            return;
        }
        self.state = State::Done;
        let house = self.ticket.house();
        let Some(index) = self.ticket.index() else { return };
        let mut ended = ended(house.clock.read().at, index, result);
        ended.bytes_sent = self.bytes_sent;
        ended.events_sent = self.splitter.as_ref().map_or(0, Splitter::events_seen);
        ended.reason = match reason {
            Some(code) => Some(crate::record::ident(code.as_str())),
            None if self.status >= 400 => {
                Some(crate::record::ident(&format!("upstream_status_{}", self.status)))
            }
            None => None,
        };
        house.record.outcome(ended);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if self.state == State::Passing {
            // Nobody asks for more after the last byte of an answer of announced length, or at all for an empty one.
            let result =
                if self.upstream.is_end_stream() { OutcomeKind::Completed } else { OutcomeKind::ClientLeft };
            self.finish(result, None);
        }
    }
}

impl Body for Relay {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.state != State::Passing {
            return Poll::Ready(None);
        }
        loop {
            let polled = Pin::new(&mut self.upstream).poll_frame(context);
            // Asked after the upstream was, so that nothing that arrived after the instant is passed on.
            if let Some(order) = self.ticket.order(context) {
                return self.cut(&order);
            }
            match polled {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return self.end(),
                Poll::Ready(Some(Err(error))) => {
                    self.finish(OutcomeKind::Failed, Some(Code::UpstreamUnreachable));
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are dropped: none of the dialects has any.
                    let Ok(chunk) = frame.into_data() else { continue };
                    let passed = self.take(chunk);
                    if !passed.is_empty() {
                        return self.send(passed);
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        // A stream may end earlier than the upstream announced.
        if self.splitter.is_some() { SizeHint::default() } else { self.upstream.size_hint() }
    }
}

impl Body for GateBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Relay(relay) => Pin::new(relay.as_mut()).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Relay(relay) => relay.size_hint(),
        }
    }
}
