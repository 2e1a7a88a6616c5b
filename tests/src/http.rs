//! HTTP/1.1 byte by byte: requests exactly as a test writes them, answers as they come.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for bytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A well-formed request; every part can be changed.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A request with a `Host` header only.
    pub fn new(method: &str, target: &str) -> Self {
        let host = ("host".to_owned(), "127.0.0.1".to_owned());
        Self { method: method.into(), target: target.into(), headers: vec![host], body: Vec::new() }
    }

    /// `GET` of a target.
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// `POST` of a body; its length is stated.
    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::new("POST", target) }
    }

    /// `POST` of a form.
    pub fn form(target: &str, fields: &[(&str, &str)]) -> Self {
        let body = crate::form::write(fields);
        Self::post(target, body).header("content-type", "application/x-www-form-urlencoded")
    }

    /// A chat completion in the OpenAI dialect.
    pub fn chat(model: &str) -> Self {
        Self::chat_with(model, json!({}))
    }

    /// The same with further members.
    pub fn chat_with(model: &str, members: Value) -> Self {
        Self::post("/v1/chat/completions", body(model, &members))
    }

    /// A message in the Anthropic dialect, with further members.
    pub fn message_with(model: &str, members: Value) -> Self {
        let mut members = members;
        members["max_tokens"] = json!(64);
        Self::post("/v1/messages", body(model, &members)).header("anthropic-version", "2023-06-01")
    }

    /// Adds a header line.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a header, replacing what was there.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        self.header(name, value)
    }

    /// Carries a key as a bearer token.
    pub fn key(self, key: &str) -> Self {
        self.set("authorization", &format!("Bearer {key}"))
    }

    /// The bytes of the request.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        if !self.body.is_empty() {
            if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                bytes.extend(b"content-type: application/json\r\n");
            }
            bytes.extend(format!("content-length: {}\r\n", self.body.len()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    /// Sends it on a connection of its own and reads the whole answer.
    pub fn send(&self, to: SocketAddr) -> Answer {
        exchange(to, &self.bytes())
    }

    /// Sends it on a connection of its own and reads the head of the answer; the body is read piece by piece.
    pub fn open(&self, to: SocketAddr) -> (Answer, Wire) {
        let mut wire = Wire::open(to);
        wire.send(&self.bytes());
        let head = wire.head().expect("the server answers");
        (head, wire)
    }
}

fn body(model: &str, members: &Value) -> Vec<u8> {
    let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": "hello" }] });
    for (name, value) in members.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body.to_string().into_bytes()
}

/// Sends bytes on a new connection and reads one whole answer.
pub fn exchange(to: SocketAddr, bytes: &[u8]) -> Answer {
    let mut wire = Wire::open(to);
    wire.send(bytes);
    wire.answer().expect("the server answers")
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// What of the body has been read, without its framing.
    pub body: Vec<u8>,
    /// Whether the body ended as its framing says, not by a broken connection.
    pub is_whole: bool,
}

impl Answer {
    /// The only header line of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.iter().filter(|(have, _)| have == name).map(|(_, value)| value.as_str());
        let first = lines.next();
        assert!(lines.next().is_none(), "two lines of {name}: {:?}", self.headers);
        first
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is UTF-8")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// The reason code of a refusal.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The index named by the receipt header.
    pub fn receipt(&self) -> u64 {
        let id = self.header("douane-receipt").unwrap_or_else(|| panic!("no receipt: {:?}", self.headers));
        id.rsplit_once('#')
            .and_then(|(_, index)| index.parse().ok())
            .unwrap_or_else(|| panic!("receipt {id}"))
    }
}

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes, as one chunk of the framing carried them.
    Bytes(Vec<u8>),
    /// The body is complete.
    End,
    /// The connection broke off before the body was complete.
    Broken,
}

#[derive(Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
    UntilClosed,
}

/// One connection.
pub struct Wire {
    reader: BufReader<TcpStream>,
    framing: Framing,
}

impl Wire {
    /// Connects.
    pub fn open(to: SocketAddr) -> Self {
        Self::try_open(to).expect("the server accepts connections")
    }

    /// Connects, unless nobody listens.
    pub fn try_open(to: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Ok(Self { reader: BufReader::new(stream), framing: Framing::Length(0) })
    }

    /// Sends bytes; a server that has already answered may have stopped reading.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.reader.get_mut().write_all(bytes);
    }

    /// Reads one answer to its end; `None` when the connection closed without one.
    pub fn answer(&mut self) -> Option<Answer> {
        let mut answer = self.head()?;
        (answer.body, answer.is_whole) = self.rest();
        Some(answer)
    }

    /// Reads the head of an answer; `None` when the connection closed without one.
    pub fn head(&mut self) -> Option<Answer> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok())?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) =
                line.split_once(':').unwrap_or_else(|| panic!("a header line without colon: {line}"));
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let answer = Answer { status, headers, body: Vec::new(), is_whole: true };
        self.framing = match (answer.header("content-length"), answer.header("transfer-encoding")) {
            (Some(length), None) => Framing::Length(length.parse().unwrap()),
            (None, Some("chunked")) => Framing::Chunked,
            (None, None) => Framing::UntilClosed,
            both => panic!("the framing of the answer is ambiguous: {both:?}"),
        };
        Some(answer)
    }

    /// The next piece of the body.
    pub fn piece(&mut self) -> Piece {
        match self.framing {
            Framing::Length(0) => Piece::End,
            Framing::Length(left) => {
                let bytes = self.some(left);
                self.framing = Framing::Length(left - bytes.len());
                if bytes.is_empty() { Piece::Broken } else { Piece::Bytes(bytes) }
            }
            Framing::UntilClosed => match self.some(usize::MAX) {
                bytes if bytes.is_empty() => Piece::End,
                bytes => Piece::Bytes(bytes),
            },
            Framing::Chunked => self.chunk().unwrap_or(Piece::Broken),
        }
    }

    /// Everything to the end of the body, and whether it ended as its framing says.
    pub fn rest(&mut self) -> (Vec<u8>, bool) {
        let mut all = Vec::new();
        loop {
            match self.piece() {
                Piece::Bytes(bytes) => all.extend(bytes),
                end => return (all, end == Piece::End),
            }
        }
    }

    /// Whether the server closes the connection without another byte.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.reader.fill_buf(), Ok([]) | Err(_))
    }

    fn chunk(&mut self) -> Option<Piece> {
        let size = usize::from_str_radix(self.line()?.trim(), 16).ok()?;
        let mut bytes = vec![0; size];
        self.reader.read_exact(&mut bytes).ok()?;
        let after = self.line()?;
        assert!(after.is_empty(), "a chunk does not end where it says: {after:?}");
        Some(if size == 0 { Piece::End } else { Piece::Bytes(bytes) })
    }

    fn some(&mut self, most: usize) -> Vec<u8> {
        let ready = self.reader.fill_buf().unwrap_or_default();
        let bytes = ready[..ready.len().min(most)].to_vec();
        self.reader.consume(bytes.len());
        bytes
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).ok()?;
        let text = line.strip_suffix(b"\r\n")?;
        Some(String::from_utf8(text.to_vec()).expect("heads are ASCII"))
    }
}
