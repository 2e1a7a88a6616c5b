//! The data port: callers in, upstreams out.

mod answer;
mod caller;
mod hygiene;
pub mod live;
mod models;
mod relay;
mod serve;
mod verdicts;

pub use relay::GateBody;
pub(crate) use verdicts::{by_law, request_for};

use crate::house::House;
use crate::identity::Peer;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use terms::limits;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Connections served at once; the next one waits in the kernel's queue.
pub const CONNECTIONS: usize = 65_536;
/// Longest wait for a whole request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for requests under way after the stop signal.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves callers until `stop` is done, then lets requests under way finish for a few seconds.
pub async fn serve(house: Arc<House>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let sweeper = tokio::spawn(live::sweep(Arc::clone(&house)));
    let watcher = tokio::spawn(crate::identity::watch(Arc::clone(&house)));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let closing = watch::Sender::new(false);
    tokio::pin!(stop);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let stream = (stream, peer);
                    drop(tokio::spawn(connection(Arc::clone(&house), stream, place, closing.subscribe())));
                }
                Err(error) => {
                    // Out of file descriptors: give connections time to end instead of spinning.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    closing.send_replace(true);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(DRAIN, places.acquire_many(all)).await;
    sweeper.abort();
    watcher.abort();
}

async fn connection(
    house: Arc<House>,
    (stream, peer): (TcpStream, SocketAddr),
    _place: OwnedSemaphorePermit,
    mut closing: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
        let house = Arc::clone(&house);
        request.extensions_mut().insert(Peer(peer));
        async move { Ok::<_, Infallible>(serve::request(house, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(128)
        .max_buf_size(limits::HEAD_BYTES.saturating_add(4096))
        .serve_connection(TokioIo::new(stream), service);
    let closed = async move { drop(closing.wait_for(|closing| *closing).await) };
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = closed => {
            // One that idles ends at once, one with a request under way after its answer.
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
