//! One request: read, decide, record, pass on.

use super::answer;
use super::caller::Voice;
use super::live;
use super::relay::{GateBody, Relay};
use super::verdicts::{Case, Finding};
use super::{hygiene, models, verdicts};
use crate::asked::Circumstances;
use crate::catalogue::Entry;
use crate::directory::Credential;
use crate::house::{House, InForce};
use crate::identity::{self, Caller, identify};
use crate::outbound::CallError;
use crate::record::{Asked, Pending, ended};
use bytes::Bytes;
use decide::Outcome;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use ledger::leaf::OutcomeKind;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use terms::{ClockReading, limits};
use wire::code::Code;
use wire::dialect::{Route, route};
use wire::peek::{Peek, peek};
use wire::refusal::Refusal;

/// Serves one request. Never fails: whatever goes wrong is an answer.
pub(super) async fn request(house: Arc<House>, request: Request<Incoming>) -> Response<GateBody> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let voice = Voice::of(target, &parts.headers);
    if let Err(unclean) = hygiene::check(&parts) {
        return answer::unserved(unclean.code, Some(unclean.header), voice);
    }
    if parts.uri.path() == identity::TOKEN_PATH {
        return match read(body).await {
            Ok(body) => identity::exchange(&house, &parts, &body).await,
            Err(code) => answer::unserved(code, None, voice),
        };
    }
    if parts.uri.path() == identity::KEYS_PATH {
        return identity::exchange_keys(&house, &parts);
    }
    if crate::cure::is_page(&house, parts.uri.path()) {
        return crate::cure::answer(&house, &parts, body).await;
    }
    let route = match route(parts.method.as_str(), target, parts.headers.contains_key("anthropic-version")) {
        Ok(route) => route,
        Err(error) => return answer::refused(&Refusal::of_route(&error, ""), voice),
    };
    let voice = Voice { dialect: route.dialect(), ..voice };
    let caller = match identify(&house, &parts).await {
        Ok(caller) => caller,
        Err(refusal) => return answer::refused(&refusal, voice),
    };
    let Some((credential, _)) = caller.now(&house) else {
        return answer::unserved(Code::InvalidApiKey, None, voice);
    };
    match route {
        Route::ListModels { page, .. } => models::list(&house, &credential, voice, &page),
        Route::OneModel { id, .. } => models::one(&house, &credential, voice, &id),
        Route::ChatCompletions | Route::Messages { .. } => {
            serve(&house, &caller, voice, &parts, body).await.unwrap_or_else(|answer| *answer)
        }
        Route::Responses | Route::Embeddings | Route::CountTokens { .. } | Route::StoredResponse { .. } => {
            answer::unserved(Code::RouteNotServed, None, voice)
        }
    }
}

/// Reads the body, then decides on what is on file by then: an upload can take long, and a key may be withdrawn or its
/// facts may change meanwhile.
async fn serve(
    house: &Arc<House>,
    caller: &Arc<Caller>,
    voice: Voice,
    parts: &Parts,
    body: Incoming,
) -> Result<Response<GateBody>, Refused> {
    let body = read(body).await.map_err(|code| Box::new(answer::unserved(code, None, voice)))?;
    // Before the facts are read: a change after this is seen by the stream itself.
    let generation = house.live.generation();
    let Some((credential, _)) = caller.now(house) else {
        return Err(Box::new(answer::unserved(Code::InvalidApiKey, None, voice)));
    };
    Call { house, caller, credential: &credential, generation, voice, parts }.serve(body).await
}

async fn read(body: Incoming) -> Result<Bytes, Code> {
    match Limited::new(body, limits::BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Code::BodyTooLarge),
        Err(_) => Err(Code::BadRequest),
    }
}

/// A refusal or failure, ready to be sent. Boxed: it is the rare way out.
type Refused = Box<Response<GateBody>>;

/// What one request carries through.
struct Call<'a> {
    house: &'a Arc<House>,
    caller: &'a Arc<Caller>,
    credential: &'a Arc<Credential>,
    /// Of law and people, read before the credential was.
    generation: u64,
    voice: Voice,
    parts: &'a Parts,
}

/// A verdict with the law and the moment it was reached under.
struct Judged<'a> {
    law: Arc<InForce>,
    clock: ClockReading,
    entry: &'a Entry,
    streaming: bool,
    finding: Finding,
}

impl<'a> Call<'a> {
    async fn serve(&self, body: Bytes) -> Result<Response<GateBody>, Refused> {
        let peeked = peek(&body)
            .map_err(|error| Box::new(answer::refused(&Refusal::of_peek(&error, ""), self.voice)))?;
        let entries = self.resolve(&peeked)?;
        let judged = self.judge(&entries, peeked.stream)?;
        let pending = self.record(&judged, &peeked, &body);
        match judged.finding.code() {
            Some(code) => Err(self.refused(&judged, code, pending).await),
            None => self.pass_on(&judged, pending, &peeked, &entries, body).await,
        }
    }

    fn refuse(&self, code: Code, param: Option<&str>) -> Refused {
        Box::new(answer::unserved(code, param, self.voice))
    }

    /// Every model the body names, the one asked for first.
    fn resolve(&self, peeked: &Peek) -> Result<Vec<&'a Entry>, Refused> {
        let names =
            std::iter::once(&peeked.model).chain(peeked.other_models.iter().map(|other| &other.model));
        let entries: Result<Vec<&Entry>, Refused> = names
            .map(|name| {
                self.house.catalogue.find(name).ok_or_else(|| {
                    let refusal =
                        Refusal { model: name.clone(), ..Refusal::new(Code::ModelNotInCatalogue, "") };
                    Box::new(answer::refused(&refusal, self.voice))
                })
            })
            .collect();
        let entries = entries?;
        let served = |entry: &&Entry| {
            entry.speaks(self.voice.dialect)
                && Some(&entry.model.upstream) == entries.first().map(|e| &e.model.upstream)
        };
        if entries.iter().all(served) { Ok(entries) } else { Err(self.refuse(Code::DialectNotServed, None)) }
    }

    /// Decides on every model named; the first that is refused decides.
    fn judge(&self, entries: &[&'a Entry], streaming: bool) -> Result<Judged<'a>, Refused> {
        let (law, clock) = (self.house.law.load_full(), self.house.clock.read());
        let mut judged = None;
        for entry in entries {
            if clock.uncertainty_us > limits::CLOCK_UNCERTAINTY_US && verdicts::restricted(&law, entry, clock)
            {
                return Err(self.refuse(Code::DecisionUnavailable, None));
            }
            let (house, credential) = (self.house, self.credential);
            let finding = Case { house, law: &law, credential, entry, streaming, clock }.judge();
            let refused = finding.verdict.outcome != Outcome::Permit;
            if judged.is_none() || refused {
                judged = Some((*entry, finding));
            }
            if refused {
                break;
            }
        }
        let (entry, finding) = judged.ok_or_else(|| self.refuse(Code::ModelMissing, None))?;
        Ok(Judged { law, clock, entry, streaming, finding })
    }

    fn record(&self, judged: &Judged<'_>, peeked: &Peek, body: &Bytes) -> Pending {
        let asked = verdicts::request_for(judged.entry);
        let circumstances =
            Circumstances::of(&asked, judged.clock.uncertainty_us, self.caller.brings_facts());
        let request =
            crate::asked::write(self.parts.uri.path(), &Sha256::digest(body).into(), &circumstances);
        self.house.record.decision(&Asked {
            at: judged.clock.at,
            credential: self.credential,
            regime: &judged.law.regime,
            snapshot: judged.law.snapshot,
            model: judged.entry.model.id.as_str(),
            activity: asked.activity,
            stream: peeked.stream,
            request,
            verdict: &judged.finding.verdict,
            reason: &judged.finding.reason(),
        })
    }

    /// The index of the decision once it is on disk. `None`: the log is closed, and the model is one that may be
    /// served all the same.
    async fn recorded(&self, judged: &Judged<'_>, pending: Pending) -> Result<Option<u64>, Refused> {
        match self.house.record.durable(pending).await {
            Ok(index) => Ok(Some(index)),
            Err(error) => {
                let restricted = verdicts::restricted(&judged.law, judged.entry, judged.clock);
                tracing::error!(%error, restricted, "a decision could not be recorded");
                if restricted || !self.house.settings.serve_unrestricted_unrecorded {
                    return Err(self.refuse(Code::RecordUnavailable, None));
                }
                self.house.record.count_unrecorded();
                Ok(None)
            }
        }
    }

    async fn refused(&self, judged: &Judged<'_>, code: Code, pending: Pending) -> Refused {
        let index = match self.recorded(judged, pending).await {
            Ok(index) => index,
            Err(answer) => return answer,
        };
        let instance = index.map(|index| self.house.record.receipt_id(index)).unwrap_or_default();
        let refusal = Refusal { instance, ..self.case(judged).refusal(&judged.finding, code) };
        Box::new(answer::refused(&self.caller.challenged(self.house, self.credential, refusal), self.voice))
    }

    fn case<'b>(&'b self, judged: &'b Judged<'_>) -> Case<'b> {
        Case {
            house: self.house,
            law: &judged.law,
            credential: self.credential,
            entry: judged.entry,
            streaming: judged.streaming,
            clock: judged.clock,
        }
    }

    /// Calls the upstream while the record reaches the disk; nothing is sent to the caller before both are there.
    async fn pass_on(
        &self,
        judged: &Judged<'_>,
        pending: Pending,
        peeked: &Peek,
        entries: &[&Entry],
        body: Bytes,
    ) -> Result<Response<GateBody>, Refused> {
        let body = rewrite(body, peeked, entries).map_err(|_| self.refuse(Code::BadRequest, None))?;
        let target = self.parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let headers = hygiene::towards_upstream(self.parts.headers.clone());
        let call = self.house.upstreams.post(&judged.entry.model.upstream, target, headers, body);
        let (recorded, called) = tokio::join!(self.recorded(judged, pending), call);
        let index = recorded?;
        let receipt = index.map(|index| self.house.record.receipt_id(index)).unwrap_or_default();
        match called {
            Ok(response) => self.relay(judged, index, &receipt, response),
            Err(error) => Err(self.upstream_failed(index, &receipt, &error)),
        }
    }

    fn upstream_failed(&self, index: Option<u64>, receipt: &str, error: &CallError) -> Refused {
        tracing::warn!(%error, source = std::error::Error::source(error), "upstream call failed");
        let code = match error {
            CallError::Timeout => Code::UpstreamTimeout,
            _ => Code::UpstreamUnreachable,
        };
        self.close(index, OutcomeKind::Failed, code);
        Box::new(answer::refused(&Refusal::new(code, receipt), self.voice))
    }

    fn close(&self, index: Option<u64>, result: OutcomeKind, code: Code) {
        let Some(index) = index else { return };
        let mut ended = ended(self.house.clock.read().at, index, result);
        ended.reason = Some(crate::record::ident(code.as_str()));
        self.house.record.outcome(ended);
    }

    /// The refusal, where law or people have changed since the verdict so that it would be another now.
    fn refused_meanwhile(&self, judged: &Judged<'_>, index: Option<u64>, receipt: &str) -> Option<Refused> {
        let Some((credential, _)) = self.caller.now(self.house) else {
            self.close(index, OutcomeKind::Cut, Code::InvalidApiKey);
            return Some(self.refuse(Code::InvalidApiKey, None));
        };
        let (law, clock) = (self.house.law.load_full(), self.house.clock.read());
        let (entry, streaming) = (judged.entry, judged.streaming);
        let case = Case { house: self.house, law: &law, credential: &credential, entry, streaming, clock };
        let finding = case.judge();
        let code = finding.code()?;
        self.close(index, OutcomeKind::Cut, code);
        let refusal = Refusal { instance: receipt.to_owned(), ..case.refusal(&finding, code) };
        let refusal = self.caller.challenged(self.house, &credential, refusal);
        Some(Box::new(answer::refused(&refusal, self.voice)))
    }

    fn relay(
        &self,
        judged: &Judged<'_>,
        index: Option<u64>,
        receipt: &str,
        response: Response<Incoming>,
    ) -> Result<Response<GateBody>, Refused> {
        // The upstream may have taken minutes: what was permitted then may be refused now.
        if let Some(refused) = self.refused_meanwhile(judged, index, receipt) {
            return Err(refused);
        }
        let (head, upstream) = response.into_parts();
        let is_stream = is_event_stream(&head.headers);
        if head.status.is_informational() || (is_stream && head.headers.contains_key(CONTENT_ENCODING)) {
            self.close(index, OutcomeKind::Failed, Code::UpstreamUnreachable);
            return Err(Box::new(answer::refused(
                &Refusal::new(Code::UpstreamUnreachable, receipt),
                self.voice,
            )));
        }
        let model = &judged.entry.model.id;
        let mut headers = hygiene::towards_caller(head.headers);
        headers.insert(
            answer::SERVED_MODEL,
            HeaderValue::from_str(model.as_str()).unwrap_or(HeaderValue::from_static("-")),
        );
        if is_stream {
            headers.remove(CONTENT_LENGTH);
        }
        let since = (self.generation, judged.clock);
        let ticket = live::register(self.house, self.caller, model, index, judged.streaming, since);
        let relay = Relay::new(upstream, is_stream, head.status.as_u16(), ticket, self.voice);
        let mut response = Response::new(GateBody::Relay(Box::new(relay)));
        *response.status_mut() = head.status;
        *response.headers_mut() = headers;
        answer::with_receipt(&mut response, if receipt.is_empty() { "none" } else { receipt });
        Ok(response)
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
}

/// Writes the decided models, as their upstream names them, where the body names them.
fn rewrite(body: Bytes, peeked: &Peek, entries: &[&Entry]) -> Result<Bytes, wire::peek::SpliceError> {
    let ranges =
        std::iter::once(&peeked.model_range).chain(peeked.other_models.iter().map(|other| &other.range));
    let edits: Vec<_> = ranges.cloned().zip(entries.iter().map(|entry| entry.upstream_name())).collect();
    wire::splice::with_models(body, &edits)
}
