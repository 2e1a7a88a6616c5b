//! The practice model: an upstream that needs no key, no provider and no network beyond the loopback interface.
//!
//! It speaks both dialects like any provider, at the pace and length each request asks for (`wire::practice`), and
//! answers to every model name. For the gateway it is one more upstream, not a special path.
//!
//! ```
//! use server::practice::{Practice, bind};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let practice = Practice::new(["practice-mini".to_owned()]);
//! let listener = bind(0)?;
//! practice.serve(listener, 1_781_299_260, async {}).await;
//! assert_eq!(practice.stats().requests, 0);
//! # Ok::<(), std::io::Error>(()) })?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod paced;
mod stats;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, io, net::Ipv4Addr, pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
};
use wire::models::{Lifecycle, ModelEntry};

use stats::Counters;
pub use stats::Stats;

/// Connections served at once; further ones wait in the backlog.
const CONNECTIONS_MAX: usize = 16_384;
/// Connections the kernel holds until they are accepted.
const BACKLOG: u32 = 4_096;
/// How long a connection may take to send a request head, idle time between requests included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);
/// Pause after a failed accept (no file descriptor left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Listens on 127.0.0.1; port 0 takes any free port.
///
/// # Errors
/// When the port is taken or may not be opened.
pub fn bind(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

/// The practice model and its counters. Clones share both.
#[derive(Clone, Debug)]
pub struct Practice {
    models: Arc<[String]>,
    counters: Arc<Counters>,
}

/// What the answers of one listener need.
struct Site {
    models: Vec<ModelEntry>,
    created_unix_s: u64,
    counters: Arc<Counters>,
}

impl Practice {
    /// A practice model that lists these names. It answers to every name.
    pub fn new(models: impl IntoIterator<Item = String>) -> Self {
        Self { models: models.into_iter().collect(), counters: Arc::default() }
    }

    /// What has happened so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.read()
    }

    /// Serves HTTP/1.1 until `shutdown` resolves; then connections still open are dropped.
    /// `created_unix_s` stands in answers as the time of their creation.
    pub async fn serve(
        &self,
        listener: TcpListener,
        created_unix_s: u64,
        shutdown: impl Future<Output = ()>,
    ) {
        let site = Arc::new(self.site(created_unix_s));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                    Ok((stream, _)) => { connections.spawn(converse(site.clone(), stream)); }
                    Err(error) => {
                        tracing::warn!(%error, "the practice model could not accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn site(&self, created_unix_s: u64) -> Site {
        let entry = |id: &String| ModelEntry {
            id: id.clone(),
            display_name: id.clone(),
            created_unix_s,
            owned_by: "practice".to_owned(),
            lifecycle: Lifecycle::Active,
        };
        Site {
            models: self.models.iter().map(entry).collect(),
            created_unix_s,
            counters: self.counters.clone(),
        }
    }
}

async fn converse(site: Arc<Site>, stream: TcpStream) {
    // A frame must leave when it is due; without this option the kernel may hold it for the next one.
    let delay_off = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(answer::answer(&site, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // Clients that leave are ordinary here: each forbidden stream is cut by the gateway.
    if let Err(error) = connection.await {
        tracing::debug!(%error, ?delay_off, "a connection to the practice model ended early");
    }
}
