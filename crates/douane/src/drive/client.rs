//! The client's side of HTTP: where to, and one connection.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, Uri, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use super::plan::Line;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The gateway under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Host and port.
    authority: String,
}

impl Target {
    /// Reads `http://HOST:PORT`.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is no address"))?;
        ensure!(uri.scheme_str() == Some("http"), "`{url}`: only http:// is driven");
        ensure!(matches!(uri.path(), "" | "/") && uri.query().is_none(), "`{url}`: give host and port only");
        let Some(authority) = uri.authority().filter(|authority| authority.port_u16().is_some()) else {
            bail!("`{url}` names no port")
        };
        Ok(Self { authority: authority.to_string() })
    }

    fn request(&self, line: &Line, stream: bool) -> Result<Request<Full<Bytes>>> {
        let (path, headers) = line.route();
        let mut builder = Request::post(path)
            .header("host", &self.authority)
            .header("user-agent", "douane-drive")
            .header("content-type", "application/json");
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        Ok(builder.body(Full::new(line.body(stream)))?)
    }
}

/// One TCP connection. Dropping it closes it.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    _driver: JoinSet<()>,
}

impl Connection {
    pub(super) async fn open(target: &Target) -> Result<Self> {
        let connecting = TcpStream::connect(&target.authority);
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .context("connecting took too long")?
            .context("no connection")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        // A connection that fails is seen where its answer is read.
        driver.spawn(async { drop(connection.await) });
        Ok(Self { sender, _driver: driver })
    }

    /// This connection for another request, or a new one where the other side closed it.
    pub(super) async fn or_new(mut self, target: &Target) -> Result<Self> {
        if self.sender.ready().await.is_ok() { Ok(self) } else { Self::open(target).await }
    }

    pub(super) async fn send(
        &mut self,
        target: &Target,
        line: &Line,
        stream: bool,
    ) -> Result<Response<Incoming>> {
        let request = target.request(line, stream)?;
        self.sender.send_request(request).await.context("the request got no answer")
    }
}

/// The `Douane-Receipt` header.
pub(super) fn receipt_of(response: &Response<Incoming>) -> Option<String> {
    response.headers().get("douane-receipt").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Microseconds since 1970-01-01T00:00:00Z by the clock of this process.
pub(super) fn now_us() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the binary may read the wall clock; receive instants are compared with the effect"
    )]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_plain_addresses() {
        assert_eq!(Target::parse("http://127.0.0.1:8451").unwrap().authority, "127.0.0.1:8451");
        assert_eq!(Target::parse("http://[::1]:8451/").unwrap().authority, "[::1]:8451");
        for wrong in ["https://h:1", "http://h", "127.0.0.1:8451", "http://h:1/v1", "http://h:1/?x", ""] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
