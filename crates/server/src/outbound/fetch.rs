//! What is fetched from addresses that issuers publish: key sets, introspection answers, status lists.
//!
//! Only https, and plain http to loopback in practice. A name that leads to a private address is refused, and the
//! connection goes to the very address that was looked at, so that a second look-up cannot lead elsewhere. No redirect
//! is followed, and size and time are bounded.

use bytes::Bytes;
use http::header::{ACCEPT, HOST, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Longest time for one fetch, from the look-up to the last byte.
const WITHIN: Duration = Duration::from_secs(5);

/// Fetches under the one policy.
pub struct Fetcher {
    tls: Option<TlsConnector>,
    loopback_http: bool,
}

/// What to fetch.
pub struct Errand<'a> {
    /// From where.
    pub url: &'a str,
    /// How.
    pub method: Method,
    /// Headers beside `Host`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    /// Most bytes of the answer.
    pub max_bytes: usize,
}

impl<'a> Errand<'a> {
    /// A plain `GET` of what has this media type.
    pub fn get(url: &'a str, accept: &'static str, max_bytes: usize) -> Self {
        let headers = vec![(ACCEPT, HeaderValue::from_static(accept))];
        Self { url, method: Method::GET, headers, body: Bytes::new(), max_bytes }
    }
}

/// Nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No URL that may be fetched. The operator's or the issuer's to mend.
    #[error("only https URLs without credentials are fetched")]
    Url,
    /// The address is one inside the operator's network.
    #[error("the address is not a public one")]
    Forbidden,
    /// The name leads nowhere.
    #[error("the name cannot be resolved")]
    Name,
    /// No connection, no TLS, or no HTTP.
    #[error("the other side cannot be reached: {0}")]
    Unreachable(String),
    /// Not within the time.
    #[error("the other side did not answer in time")]
    Timeout,
    /// Another status than 200; redirects are not followed.
    #[error("the other side answered with status {0}")]
    Status(u16),
    /// Over the bound, or broken off.
    #[error("the answer is too large or broken off")]
    Body,
}

fn unreachable(error: impl std::fmt::Display) -> FetchError {
    FetchError::Unreachable(error.to_string())
}

/// Where an errand leads.
struct Place {
    tls: bool,
    host: String,
    port: u16,
}

impl Fetcher {
    /// With the machine's root certificates. `loopback_http`: plain http to loopback is allowed (practice).
    pub fn new(loopback_http: bool) -> Self {
        // A machine without root certificates can still practise; every https errand fails there.
        let tls = super::tls(true).ok().map(|config| TlsConnector::from(Arc::new(config)));
        Self { tls, loopback_http }
    }

    /// Runs an errand and gives the body of a 200.
    ///
    /// # Errors
    /// [`FetchError`]; nothing of the answer is given then.
    pub async fn run(&self, errand: Errand<'_>) -> Result<Bytes, FetchError> {
        match self.run_any(errand).await? {
            (200, body) => Ok(body),
            (status, _) => Err(FetchError::Status(status)),
        }
    }

    /// Runs an errand and gives status and body, whatever the status.
    ///
    /// # Errors
    /// [`FetchError`]; nothing of the answer is given then.
    pub async fn run_any(&self, errand: Errand<'_>) -> Result<(u16, Bytes), FetchError> {
        match tokio::time::timeout(WITHIN, self.run_unbounded(errand)).await {
            Ok(done) => done,
            Err(_) => Err(FetchError::Timeout),
        }
    }

    async fn run_unbounded(&self, errand: Errand<'_>) -> Result<(u16, Bytes), FetchError> {
        let uri: Uri = errand.url.parse().map_err(|_| FetchError::Url)?;
        let place = self.place(&uri)?;
        let stream = TcpStream::connect(self.address(&place).await?).await.map_err(unreachable)?;
        let request = request(&uri, errand.method, errand.headers, errand.body)?;
        if !place.tls {
            return exchange(stream, request, errand.max_bytes).await;
        }
        let connector = self.tls.as_ref().ok_or_else(|| unreachable("no root certificates"))?;
        let name = ServerName::try_from(place.host).map_err(|_| FetchError::Url)?;
        let stream = connector.connect(name, stream).await.map_err(unreachable)?;
        exchange(stream, request, errand.max_bytes).await
    }

    fn place(&self, uri: &Uri) -> Result<Place, FetchError> {
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or(FetchError::Url)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        match uri.scheme_str() {
            Some("https") => Ok(Place { tls: true, host, port: authority.port_u16().unwrap_or(443) }),
            Some("http") if self.loopback_http && super::is_loopback(authority) => {
                Ok(Place { tls: false, host, port: authority.port_u16().unwrap_or(80) })
            }
            _ => Err(FetchError::Url),
        }
    }

    /// The first address of the place. One forbidden address among them forbids the place.
    async fn address(&self, place: &Place) -> Result<SocketAddr, FetchError> {
        let found = tokio::net::lookup_host((place.host.as_str(), place.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|_| FetchError::Name)?.collect();
        let allowed = |address: &SocketAddr| {
            let ip = address.ip();
            if place.tls {
                is_public(ip) || (self.loopback_http && ip.is_loopback())
            } else {
                ip.is_loopback()
            }
        };
        if !found.iter().all(allowed) {
            return Err(FetchError::Forbidden);
        }
        found.first().copied().ok_or(FetchError::Name)
    }
}

fn request(
    uri: &Uri,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, FetchError> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let host = uri.authority().ok_or(FetchError::Url)?.as_str();
    let mut request = Request::builder().method(method).uri(target).header(HOST, host);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Full::new(body)).map_err(|_| FetchError::Url)
}

async fn exchange(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    max_bytes: usize,
) -> Result<(u16, Bytes), FetchError> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
    let answered = async {
        let response = sender.send_request(request).await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), max_bytes).collect().await;
        Ok((status, body.map_err(|_| FetchError::Body)?.to_bytes()))
    };
    tokio::pin!(answered, connection);
    let mut open = true;
    loop {
        tokio::select! {
            done = &mut answered => return done,
            _ = &mut connection, if open => open = false,
        }
    }
}

/// Whether an address is one of the public Internet (IANA special-purpose registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let assigned = a == 192 && b == 0 && c == 0;
    let benchmarks = a == 198 && (18..20).contains(&b);
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || assigned
        || benchmarks)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let [.., c, d] = ip.segments();
    let embedded = || {
        let ([e, f], [g, h]) = (c.to_be_bytes(), d.to_be_bytes());
        Ipv4Addr::new(e, f, g, h)
    };
    // NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to IPv4 addresses.
    if let Some(ip) = ip.to_ipv4_mapped() {
        return is_public_v4(ip);
    }
    if a == 0x64 && b == 0xff9b {
        return is_public_v4(embedded());
    }
    // Global unicast is 2000::/3; Teredo, documentation and 6to4 lie in it.
    a & 0xe000 == 0x2000 && !(a == 0x2001 && (b == 0 || b == 0xdb8)) && a != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fetch(url: &str, loopback_http: bool) -> FetchError {
        Fetcher::new(loopback_http).run(Errand::get(url, "*/*", 10)).await.unwrap_err()
    }

    #[tokio::test]
    async fn nothing_inside_is_reached() {
        for url in [
            "http://127.0.0.1:9/",
            "http://example.com/",
            "ftp://example.com/",
            "https://u:p@example.com/",
            "/jwks",
            "file:///etc/passwd",
        ] {
            assert!(matches!(fetch(url, false).await, FetchError::Url), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/",
            "https://192.168.1.1/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://0.0.0.0/",
            "https://100.64.0.1/",
        ] {
            assert!(matches!(fetch(url, false).await, FetchError::Forbidden), "{url}");
        }
        assert!(matches!(fetch("http://10.0.0.1/", true).await, FetchError::Url));
        assert!(matches!(fetch("http://127.0.0.1.example.com/", true).await, FetchError::Url));
    }

    #[test]
    fn public_addresses_are_public() {
        for ip in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
