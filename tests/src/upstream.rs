//! A model provider that notes everything it is asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// An answer that both dialects can read.
const WHOLE: &str = r#"{"id":"u-1","object":"chat.completion","type":"message","role":"assistant","model":"m","created":1,"choices":[{"index":0,"message":{"role":"assistant","content":"upstream-was-here"},"finish_reason":"stop"}],"content":[{"type":"text","text":"upstream-was-here"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#;

/// One request as it reached the upstream.
#[derive(Clone, Debug)]
pub struct Received {
    /// Request line and headers, as sent.
    pub head: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

type Reply = dyn Fn(&Received) -> Vec<u8> + Send + Sync;

/// A provider on a loopback port of its own.
pub struct Upstream {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    stopped: Arc<AtomicBool>,
}

impl Upstream {
    /// Answers every request at once, in both dialects.
    pub fn start() -> Self {
        Self::answering(|_| Self::json(WHOLE))
    }

    /// Answers with these bytes, head and body; the connection is kept.
    pub fn answering(reply: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let upstream = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            stopped: Arc::default(),
        };
        let (received, stopped) = (Arc::clone(&upstream.received), Arc::clone(&upstream.stopped));
        let reply: Arc<Reply> = Arc::new(reply);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (received, reply) = (Arc::clone(&received), Arc::clone(&reply));
                thread::spawn(move || converse(stream, &received, reply.as_ref()));
            }
        });
        upstream
    }

    /// A whole answer of status 200 with a JSON body.
    pub fn json(body: &str) -> Vec<u8> {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
            .into_bytes()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything it was asked, in order of arrival.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

fn converse(stream: TcpStream, received: &Mutex<Vec<Received>>, reply: &Reply) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        received.lock().unwrap().push(request.clone());
        if reader.get_mut().write_all(&reply(&request)).is_err() {
            return;
        }
    }
}

/// The next request; the gateway always states a length.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut head = String::new();
    loop {
        let before = head.len();
        reader.read_line(&mut head).ok()?;
        match &head[before..] {
            "" => return None,
            "\r\n" => break,
            _ => {}
        }
    }
    let mut request = Received { head, body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
