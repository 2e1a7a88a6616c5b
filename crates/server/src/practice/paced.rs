//! A streamed answer at its pace.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep_until};
use wire::practice::{Frames, PracticeRequest};

use super::stats::{Counters, OpenStream};

/// When each frame is due. Counted from the first one, so that late frames do not delay those after them.
#[derive(Clone, Copy, Debug)]
struct Pace {
    first: Instant,
    interval: Duration,
}

impl Pace {
    /// `frame` counts from 0.
    fn due(&self, frame: u32) -> Instant {
        self.first + self.interval.saturating_mul(frame)
    }
}

/// The frames of one answer, each when it is due.
pub(super) struct PacedBody {
    frames: Frames,
    next: Option<Bytes>,
    sent: u32,
    pace: Pace,
    timer: Pin<Box<Sleep>>,
    stream: OpenStream,
}

impl PacedBody {
    /// Begins at `start`; the first frame follows after `request.delay_ms`, one frame per `request.interval_ms`.
    pub(super) fn begin(
        mut frames: Frames,
        request: &PracticeRequest,
        start: Instant,
        counters: &Arc<Counters>,
    ) -> Self {
        let pace = Pace {
            first: start + Duration::from_millis(request.delay_ms.into()),
            interval: Duration::from_millis(request.interval_ms.into()),
        };
        Self {
            next: frames.next(),
            frames,
            sent: 0,
            pace,
            timer: Box::pin(sleep_until(pace.first)),
            stream: OpenStream::begin(counters),
        }
    }

    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let due = self.pace.due(self.sent);
        // The timer rounds up to its next tick; a frame that is due must not wait for that.
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        if self.timer.deadline() != due {
            self.timer.as_mut().reset(due);
        }
        self.timer.as_mut().poll(context)
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.next.is_none() {
            return Poll::Ready(None);
        }
        ready!(this.poll_due(context));
        let frame = this.next.take();
        this.next = this.frames.next();
        this.sent = this.sent.saturating_add(1);
        if this.next.is_none() {
            this.stream.finish();
        }
        Poll::Ready(frame.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_counted_from_the_start() {
        let first = Instant::now();
        let pace = Pace { first, interval: Duration::from_millis(40) };
        assert_eq!(pace.due(0), first);
        assert_eq!(pace.due(1_000) - first, Duration::from_secs(40));
        let still = Pace { first, interval: Duration::ZERO };
        assert_eq!(still.due(u32::MAX), first);
    }
}
