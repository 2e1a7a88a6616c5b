//! Answers of the gateway's own.

use super::caller::Voice;
use super::relay::GateBody;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use wire::code::Code;
use wire::refusal::{Refusal, Rendered, render};

/// The receipt of the decision.
pub(super) const RECEIPT: HeaderName = HeaderName::from_static("douane-receipt");
/// The model that served the answer.
pub(super) const SERVED_MODEL: HeaderName = HeaderName::from_static("douane-served-model");

/// A refusal, as an HTTP answer.
pub(super) fn refused(refusal: &Refusal, voice: Voice) -> Response<GateBody> {
    let Rendered { status, headers, body } = render(refusal, voice.dialect, voice.lang);
    let mut response = Response::new(GateBody::whole(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    if !refusal.instance.is_empty() {
        with_receipt(&mut response, &refusal.instance);
    }
    response
}

/// A refusal that is not the law's: nothing was decided.
pub(super) fn unserved(code: Code, param: Option<&str>, voice: Voice) -> Response<GateBody> {
    refused(&Refusal { param: param.map(str::to_owned), ..Refusal::new(code, "") }, voice)
}

/// A JSON answer that depends on who asks.
pub(super) fn json(body: Vec<u8>) -> Response<GateBody> {
    let mut response = Response::new(GateBody::whole(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Names the receipt in the head.
pub(super) fn with_receipt(response: &mut Response<GateBody>, receipt: &str) {
    if let Ok(value) = HeaderValue::from_str(receipt) {
        response.headers_mut().insert(RECEIPT, value);
    }
}
