//! A server whose answers a test computes.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One request: first line, head and body.
pub struct Request {
    pub line: String,
    pub head: String,
    pub body: String,
}

impl Request {
    /// A field of the form.
    pub fn field(&self, name: &str) -> Option<String> {
        let pair = |pair: &str| pair.strip_prefix(&format!("{name}=")).map(str::to_owned);
        self.body.split('&').find_map(pair)
    }
}

/// Serves on loopback; the address is known before the answers are made.
pub async fn serve<F>(make: impl FnOnce(SocketAddr) -> F) -> String
where
    F: Fn(Request) -> (u16, String) + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(make(address));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let (status, body) = answer(read(&mut stream).await);
                let length = body.len();
                let whole = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}");
                let _ = stream.write_all(whole.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}

async fn read(stream: &mut tokio::net::TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                let line = head.lines().next().unwrap().to_owned();
                return Request { line, head: head.to_owned(), body: body.to_owned() };
            }
        }
        let mut more = [0; 4096];
        let read = stream.read(&mut more).await.unwrap();
        assert!(read > 0, "broken off: {text}");
        bytes.extend(&more[..read]);
    }
}
