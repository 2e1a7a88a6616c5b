//! Issuers of the tests: keys, tokens, proofs, and a server that publishes keys and answers about opaque tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What callers call the gateway.
pub const GATEWAY: &str = "https://gate.test";
/// The clock at the start of each test, Unix seconds (noon of 13 June 2026).
pub const NOW: i64 = 1_781_352_000;

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key under a name.
pub struct Key {
    kid: &'static str,
    key: SigningKey,
}

impl Key {
    pub fn new(kid: &'static str) -> Self {
        Self { kid, key: SigningKey::from_bytes(&Sha256::digest(kid).into()) }
    }

    fn x(&self) -> String {
        encode(self.key.verifying_key().as_bytes())
    }

    pub fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": self.x(), "kid": self.kid})
    }

    pub fn jwks(&self) -> Value {
        json!({"keys": [self.jwk()]})
    }

    /// The thumbprint (RFC 7638).
    pub fn jkt(&self) -> String {
        encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x())))
    }

    pub fn sign(&self, header: &Value, payload: &Value) -> String {
        let input = format!("{}.{}", encode(header.to_string()), encode(payload.to_string()));
        format!("{input}.{}", encode(self.key.sign(input.as_bytes()).to_bytes()))
    }

    /// An end-user assertion for the key `ak_acme`, after an edit of header and payload.
    pub fn assertion(&self, sub: &str, claims: Value, edit: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": "EdDSA", "typ": "douane-eua+jwt", "kid": self.kid});
        let mut payload = json!({
            "iss": "https://hr.acme.test", "sub": sub, "aud": GATEWAY, "iat": NOW - 5, "exp": NOW + 200,
            "jti": unique(), "org": "acme", "api_key_id": "ak_acme", "claims": claims,
        });
        edit(&mut header, &mut payload);
        self.sign(&header, &payload)
    }

    /// An access token that states one nationality, after an edit.
    pub fn access(&self, country: &str, edit: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid});
        let mut payload = json!({
            "iss": "https://idp.test", "sub": "u-1", "aud": GATEWAY, "client_id": "app", "iat": NOW - 5,
            "exp": NOW + 600, "jti": unique(), "verified_claims": verified(country),
        });
        edit(&mut header, &mut payload);
        self.sign(&header, &payload)
    }

    /// A DPoP proof for a token, after an edit.
    pub fn proof(&self, url: &str, token: Option<&str>, edit: impl FnOnce(&mut Value)) -> String {
        let mut jwk = self.jwk();
        jwk.as_object_mut().unwrap().remove("kid");
        let header = json!({"alg": "EdDSA", "typ": "dpop+jwt", "jwk": jwk});
        let mut payload = json!({"jti": unique(), "htm": "POST", "htu": url, "iat": NOW});
        if let Some(token) = token {
            payload["ath"] = json!(encode(Sha256::digest(token)));
        }
        edit(&mut payload);
        self.sign(&header, &payload)
    }
}

pub fn verified(country: &str) -> Value {
    json!({
        "verification": {"trust_framework": "eidas", "assurance_level": "high", "time": "2026-06-01T00:00:00Z"},
        "claims": {"nationalities": [country]},
    })
}

pub fn unique() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("id-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A server that answers every request with what it was last told, and counts.
#[derive(Clone)]
pub struct Site {
    pub address: SocketAddr,
    answer: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Site {
    pub async fn start(answer: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::new(Mutex::new(answer.into())),
            asked: Arc::default(),
        };
        let serving = site.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                serving.asked.fetch_add(1, Ordering::SeqCst);
                let body = serving.answer.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    // Long enough that requests at one time meet each other.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    let length = body.len();
                    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        site
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn tell(&self, answer: impl Into<String>) {
        *self.answer.lock().unwrap() = answer.into();
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
