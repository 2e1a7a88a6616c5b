//! Mode `streams`: every stream open at once, each on a connection of its own.

use std::{io::Write, sync::Arc};

use anyhow::{Context as _, Result};
use http_body_util::BodyExt as _;
use hyper::{Response, body::Incoming};
use serde::Serialize;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, timeout_at},
};
use wire::practice::read_text;

use super::{
    client::{Connection, Target, now_us, receipt_of},
    judge::Effect,
    plan::Line,
    received::{ANSWER_BYTES, End, Received},
    report::StreamsReport,
    say,
};

/// How the opening of a stream went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// Its first text came.
    Opened,
    /// It was answered with another status than 200.
    Refused,
    /// Neither.
    Failed,
}

/// The line with `"phase":"open"`.
#[derive(Debug, Default, Serialize)]
struct OpenPhase {
    phase: &'static str,
    opened: usize,
    refused: usize,
    failed: usize,
}

/// How streams are opened and how long all may take.
pub(super) struct Pace {
    /// Streams being opened at once.
    pub(super) at_once: usize,
    /// When whatever is still open is given up.
    pub(super) deadline: Instant,
}

/// Opens all streams, tells `out` when they are open, learns the effect, waits until they ended, and reports.
pub(super) async fn run(
    target: Target,
    plan: Vec<Line>,
    pace: Pace,
    effect: impl Future<Output = Result<Effect>>,
    out: &mut impl Write,
) -> Result<StreamsReport> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(pace.at_once.max(1)));
    let target = Arc::new(target);
    let mut clients = JoinSet::new();
    for (at, line) in plan.into_iter().enumerate() {
        let client = Client { target: target.clone(), gate: gate.clone(), tell: Some(tell.clone()) };
        clients.spawn(client.stream(at, line, pace.deadline));
    }
    drop(tell);
    say(out, &count(&mut told).await)?;
    let effect = timeout_at(pace.deadline, effect).await.context("no time of effect was given")??;
    let mut streams = clients.join_all().await;
    streams.sort_unstable_by_key(|(at, _)| *at);
    let streams: Vec<_> = streams.into_iter().map(|(_, stream)| stream).collect();
    let report = StreamsReport::of(&streams, effect);
    say(out, &report)?;
    Ok(report)
}

/// Waits until each stream has told how its opening went.
async fn count(told: &mut mpsc::UnboundedReceiver<Opening>) -> OpenPhase {
    let mut phase = OpenPhase { phase: "open", ..OpenPhase::default() };
    while let Some(opening) = told.recv().await {
        match opening {
            Opening::Opened => phase.opened += 1,
            Opening::Refused => phase.refused += 1,
            Opening::Failed => phase.failed += 1,
        }
    }
    phase
}

struct Client {
    target: Arc<Target>,
    gate: Arc<Semaphore>,
    /// Taken by the one message that is sent.
    tell: Option<mpsc::UnboundedSender<Opening>>,
}

impl Client {
    async fn stream(mut self, at: usize, line: Line, deadline: Instant) -> (usize, (Line, Received)) {
        let mut received = Received::default();
        let result = timeout_at(deadline, self.receive(&line, &mut received)).await;
        self.tell(Opening::Failed);
        match result {
            Ok(Ok(end)) => received.end = end,
            Ok(Err(fault)) => received.end = End::Harness(format!("{fault:#}")),
            Err(_) => received.end = End::Harness("it was still open at the deadline".to_owned()),
        }
        (at, (line, received))
    }

    fn tell(&mut self, opening: Opening) {
        if let Some(tell) = self.tell.take() {
            // Nobody listens any more only when the run was given up.
            tell.send(opening).unwrap_or_default();
        }
    }

    async fn receive(&mut self, line: &Line, received: &mut Received) -> Result<End> {
        let turn = self.gate.clone().acquire_owned().await?;
        let mut connection = Connection::open(&self.target).await?;
        let response = connection.send(&self.target, line, true).await?;
        received.head = Some((response.status().as_u16(), now_us()));
        received.receipt = receipt_of(&response);
        drop(turn);
        if received.status() != Some(200) {
            self.tell(Opening::Refused);
        }
        self.read(line, response, received).await
    }

    async fn read(
        &mut self,
        line: &Line,
        response: Response<Incoming>,
        received: &mut Received,
    ) -> Result<End> {
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return Ok(End::Torn(error.to_string())),
            };
            let Ok(data) = frame.into_data() else { continue };
            if received.body.len() + data.len() > ANSWER_BYTES {
                return Ok(End::Harness(format!("the answer is longer than {ANSWER_BYTES} bytes")));
            }
            received.take(&data, now_us());
            if self.tell.is_some() && read_text(line.dialect, &received.body).chunks > 0 {
                self.tell(Opening::Opened);
            }
        }
        Ok(End::Clean)
    }
}
