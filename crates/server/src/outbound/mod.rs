//! The one client for everything fetched. It reaches only the upstreams named in the configuration.
//!
//! No redirects are followed, no cookies are kept, nothing a caller sends chooses the host.

pub mod fetch;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::collections::HashMap;
use std::time::Duration;
use terms::UpstreamId;

/// How an upstream wants its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyHeader {
    /// `Authorization: Bearer`.
    Bearer,
    /// `x-api-key`.
    XApiKey,
}

/// One upstream as configured.
#[derive(Clone)]
pub struct UpstreamSettings {
    /// Its name.
    pub id: UpstreamId,
    /// Scheme, host, port and an optional path prefix without the final `/v1`.
    pub url: String,
    /// Its key, read from where the configuration points.
    pub key: Option<String>,
    /// Where the key goes.
    pub key_header: KeyHeader,
    /// Longest wait for the head of an answer.
    pub head_timeout: Duration,
}

/// An upstream's URL cannot be used. The operator's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUpstream {
    /// Not an absolute http or https URL.
    #[error("upstream {id}: `{url}` is no absolute http or https URL such as https://api.example.com")]
    Url {
        /// Which.
        id: UpstreamId,
        /// What was given.
        url: String,
    },
    /// Credentials, query or fragment in the URL.
    #[error("upstream {0}: give the key by key_env or key_file, and no query in the URL")]
    Decorated(UpstreamId),
    /// Plain http to another machine.
    #[error("upstream {0}: plain http is for loopback only; use https")]
    PlainText(UpstreamId),
    /// The key has characters no header can carry.
    #[error("upstream {0}: its key cannot be sent in a header; check the file or variable it comes from")]
    Key(UpstreamId),
    /// Two with one name.
    #[error("two upstreams are named {0}")]
    Twice(UpstreamId),
    /// The machine has no usable root certificates.
    #[error("no root certificates: install the package ca-certificates ({0})")]
    Roots(String),
}

struct Upstream {
    scheme: Scheme,
    authority: Authority,
    prefix: String,
    key: Option<(HeaderName, HeaderValue)>,
    head_timeout: Duration,
}

/// The upstreams and the connections to them.
pub struct Upstreams {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    by_id: HashMap<UpstreamId, Upstream>,
}

/// Why an upstream gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The catalogue names an upstream the configuration lacks. Ours.
    #[error("no upstream is named {0} in the configuration")]
    Unknown(UpstreamId),
    /// It could not be reached or did not speak HTTP.
    #[error("the upstream cannot be reached")]
    Unreachable(#[source] hyper_util::client::legacy::Error),
    /// No head in time.
    #[error("the upstream did not answer in time")]
    Timeout,
    /// The request could not be written.
    #[error("the request cannot be sent on")]
    Request(#[from] http::Error),
}

impl Upstreams {
    /// Checks the settings and prepares the client.
    pub fn new(settings: Vec<UpstreamSettings>) -> Result<Self, BadUpstream> {
        let mut by_id = HashMap::new();
        for upstream in settings {
            let id = upstream.id.clone();
            if by_id.insert(id.clone(), Upstream::new(upstream)?).is_some() {
                return Err(BadUpstream::Twice(id));
            }
        }
        Ok(Self { client: client(&by_id)?, by_id })
    }

    /// Whether there is an upstream of that name.
    pub fn knows(&self, id: &UpstreamId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Sends a body on. `target` is path and query; `headers` are already cleared of what belongs to one hop.
    pub async fn post(
        &self,
        id: &UpstreamId,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Incoming>, CallError> {
        let upstream = self.by_id.get(id).ok_or_else(|| CallError::Unknown(id.clone()))?;
        let request = upstream.request(target, headers, body)?;
        match tokio::time::timeout(upstream.head_timeout, self.client.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(CallError::Unreachable(error)),
            Err(_) => Err(CallError::Timeout),
        }
    }
}

impl Upstream {
    fn new(settings: UpstreamSettings) -> Result<Self, BadUpstream> {
        let UpstreamSettings { id, url, key, key_header, head_timeout } = settings;
        let bad = || BadUpstream::Url { id: id.clone(), url: url.clone() };
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(bad()) };
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if authority.as_str().contains('@') || path.query().is_some() {
            return Err(BadUpstream::Decorated(id));
        }
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(bad());
        }
        if scheme == Scheme::HTTP && !is_loopback(&authority) {
            return Err(BadUpstream::PlainText(id));
        }
        let key = key.map(|key| key_value(&key, key_header).ok_or(BadUpstream::Key(id))).transpose()?;
        let path = path.path().trim_end_matches('/');
        let prefix = path.strip_suffix("/v1").unwrap_or(path).to_owned();
        Ok(Self { scheme, authority, prefix, key, head_timeout })
    }

    fn request(
        &self,
        target: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, http::Error> {
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{target}", self.prefix))
            .build()?;
        headers.insert(HOST, HeaderValue::from_str(self.authority.as_str())?);
        if let Some((name, value)) = &self.key {
            headers.insert(name.clone(), value.clone());
        }
        let mut request = Request::post(uri).body(Full::new(body))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn key_value(key: &str, header: KeyHeader) -> Option<(HeaderName, HeaderValue)> {
    let (name, text) = match header {
        KeyHeader::Bearer => (AUTHORIZATION, format!("Bearer {}", key.trim())),
        KeyHeader::XApiKey => (HeaderName::from_static("x-api-key"), key.trim().to_owned()),
    };
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn client(
    upstreams: &HashMap<UpstreamId, Upstream>,
) -> Result<Client<HttpsConnector<HttpConnector>, Full<Bytes>>, BadUpstream> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(Duration::from_secs(5)));
    let needs_tls = upstreams.values().any(|upstream| upstream.scheme == Scheme::HTTPS);
    let tls = tls(needs_tls)?;
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Ok(Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(1024)
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_timer(TokioTimer::new())
        .build(https))
}

/// Root certificates are read only where some upstream needs them, so that a machine without any can still practise.
fn tls(needed: bool) -> Result<rustls::ClientConfig, BadUpstream> {
    use hyper_rustls::ConfigBuilderExt;
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| BadUpstream::Roots(error.to_string()))?;
    if needed {
        let builder = builder.with_native_roots().map_err(|error| BadUpstream::Roots(error.to_string()))?;
        return Ok(builder.with_no_client_auth());
    }
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(url: &str) -> Result<Upstream, BadUpstream> {
        Upstream::new(UpstreamSettings {
            id: UpstreamId::parse("maker").unwrap(),
            url: url.to_owned(),
            key: Some("sk-1".to_owned()),
            key_header: KeyHeader::Bearer,
            head_timeout: Duration::from_secs(1),
        })
    }

    #[test]
    fn urls_are_plain_and_encrypted_off_the_machine() {
        for good in
            ["http://127.0.0.1:9", "http://[::1]:9/", "https://api.example.com/v1", "http://localhost:1/base"]
        {
            assert!(upstream(good).is_ok(), "{good}");
        }
        for bad in [
            "api.example.com",
            "/v1",
            "http://api.example.com",
            "https://u:p@api.example.com",
            "https://a.example/?x=1",
            "ftp://127.0.0.1",
            "http://127.0.0.1.example.com",
            "",
        ] {
            assert!(upstream(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_target_is_appended_to_the_prefix_and_the_key_replaces_the_callers() {
        let upstream = upstream("https://api.example.com/base/v1/").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer callers-key"));
        let request = upstream.request("/v1/messages?beta=true", headers, Bytes::new()).unwrap();
        assert_eq!(request.uri(), "https://api.example.com/base/v1/messages?beta=true");
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer sk-1");
        assert_eq!(request.headers()[HOST], "api.example.com");
    }
}
