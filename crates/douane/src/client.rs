//! A client of the control port.

use crate::config::Config;
use crate::dir::DataDir;
use anyhow::{Context, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::control::api::Problem;
use std::net::SocketAddr;

/// Speaks to the control port of a running server.
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: String,
    token: String,
}

impl Client {
    /// Of the server that runs on this directory.
    pub fn of(dir: &DataDir) -> anyhow::Result<Self> {
        Self::at(dir, Config::read(dir.path())?.control.listen)
    }

    /// Of the server at this address.
    pub fn at(dir: &DataDir, address: SocketAddr) -> anyhow::Result<Self> {
        let http = Http::builder(TokioExecutor::new()).build_http();
        Ok(Self { http, base: format!("http://{address}"), token: dir.token()? })
    }

    /// Reads.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        json(&self.send(Method::GET, path, Bytes::new()).await?)
    }

    /// Reads text.
    pub async fn text(&self, path: &str) -> anyhow::Result<String> {
        Ok(String::from_utf8(self.send(Method::GET, path, Bytes::new()).await?.to_vec())?)
    }

    /// Changes.
    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> anyhow::Result<T> {
        json(&self.send(Method::POST, path, serde_json::to_vec(body)?.into()).await?)
    }

    /// Sends bytes as they are.
    pub async fn upload<T: DeserializeOwned>(&self, path: &str, body: Bytes) -> anyhow::Result<T> {
        json(&self.send(Method::POST, path, body).await?)
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> anyhow::Result<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let answer = self.http.request(request).await.with_context(|| {
            format!("no server answers at {}: start one with `douane serve --dir DIR`", self.base)
        })?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status.is_success() { Ok(body) } else { Err(problem(status.as_u16(), &body)) }
    }
}

fn json<T: DeserializeOwned>(body: &Bytes) -> anyhow::Result<T> {
    serde_json::from_slice(body).context("the control port gave an answer this release does not understand")
}

fn problem(status: u16, body: &Bytes) -> anyhow::Error {
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return anyhow!("the control port answered {status}: {}", String::from_utf8_lossy(body));
    };
    let points: String = problem.points.iter().map(|point| format!("\n  - {point}")).collect();
    anyhow!("{}{points}", problem.detail)
}
