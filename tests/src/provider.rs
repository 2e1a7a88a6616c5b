//! An OpenID provider of other people's making, and an app that people sign in to.

use crate::browser::{Browser, Page};
use crate::form;
use crate::holder::{Holder, encode, unique};
use crate::http::Request;
use crate::node::Node;
use crate::server::{ACCOUNT, Server};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::net::SocketAddr;

/// The gateway's client secret.
const SECRET: &str = "a-secret-between-gateway-and-provider";
/// Where the app waits for its codes. No port: no browser opens it.
const BACK: &str = "http://127.0.0.1/back";
/// The media type of signed introspection answers.
const SIGNED: &str = "application/token-introspection+jwt";

/// A provider on a loopback port of its own.
pub struct Provider {
    node: RefCell<Node>,
    /// Its identifier.
    pub issuer: String,
    gateway: String,
}

/// What an app asks for.
pub struct Wanted<'a> {
    /// Who signs in.
    pub person: &'a str,
    /// `jwt`, `opaque`, or another resource server's address.
    pub resource: &'a str,
    /// The key that the token is bound to.
    pub holder: Option<&'a Holder>,
}

impl Provider {
    /// Starts one that knows a gateway and these people; the key `k1` signs.
    pub fn start(server: &Server, people: &Value) -> Self {
        let gateway = format!("http://{}", server.gateway());
        let plan = json!({"now": server.now().to_string(), "gateway": gateway, "secret": SECRET, "keys": ["k1"],
            "people": people});
        let (node, ready) = Node::start("provider.mjs", &plan);
        let issuer = ready["issuer"].as_str().unwrap().to_owned();
        Self { node: RefCell::new(node), issuer, gateway }
    }

    /// What a trust registry says of it.
    pub fn entry(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let secret = json!({"client_id": "gate", "secret": "idp"});
        let mut introspection = secret.clone();
        introspection["url"] = at("/token/introspection").into();
        json!({"iss": self.issuer, "kind": "oidc", "algs": ["ES256"], "max_strength": "S3",
            "jwks_uri": at("/jwks"), "introspection": introspection, "sign_in": secret,
            "may_assert": ["nationalities", "us_person"], "complete_for": ["us_person"],
            "trust_frameworks": {"eidas": {"high": "S4"}}, "accounts": [{"account": ACCOUNT}]})
    }

    /// The client secret that the registry calls `idp`.
    pub fn secret(&self) -> &'static str {
        SECRET
    }

    /// Publishes these keys from now on, and signs with the first. A new name is a new key.
    pub fn publish(&self, keys: &[&str]) {
        self.node.borrow_mut().ask(&json!({ "keys": keys }));
    }

    /// The keys that it publishes.
    pub fn keys(&self) -> Value {
        Request::get("/jwks").send(self.address()).json()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> u64 {
        self.node.borrow_mut().ask(&json!({ "asked": path }))["times"].as_u64().unwrap()
    }

    fn address(&self) -> SocketAddr {
        self.issuer.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The provider's signed answer about a token (RFC 9701), made out to the gateway as a resource server.
    pub fn signed_answer(&self, token: &str) -> String {
        use base64::Engine as _;
        let pair = format!("{}:{SECRET}", form::encode(&self.gateway));
        let basic = base64::engine::general_purpose::STANDARD.encode(pair);
        let request = Request::form("/token/introspection", &[("token", token)])
            .header("authorization", &format!("Basic {basic}"))
            .header("accept", SIGNED);
        let answer = request.send(self.address());
        let media = answer.header("content-type").unwrap_or_default();
        assert!(answer.status == 200 && media.starts_with(SIGNED), "{media}: {}", answer.text());
        answer.text()
    }

    /// Signs a person in and goes on until the browser has left the provider's questions behind.
    pub fn interact(&self, browser: &mut Browser, page: Page, person: &str) -> Page {
        let mut page = page;
        while page.url.starts_with(&format!("{}/interaction/", self.issuer)) {
            let asks_who = page.text().contains("name=\"login\"");
            let who = [("login", person), ("password", "any")];
            let to = page.url.trim_start_matches(&self.issuer).to_owned();
            page = browser.submit(&page, &to, if asks_who { &who } else { &[] });
        }
        page
    }

    /// An access token for the app: authorisation code with PKCE (RFC 7636), resource (RFC 8707) and, where a key is
    /// given, DPoP (RFC 9449).
    pub fn token(&self, server: &Server, wanted: &Wanted<'_>) -> String {
        let resource = match wanted.resource {
            known @ ("jwt" | "opaque") => format!("{}/{known}", self.gateway),
            other => other.to_owned(),
        };
        self.node.borrow_mut().ask(&json!({"now": server.now().to_string()}));
        let verifier = [unique(), unique()].concat();
        let code = self.code(&resource, &verifier, wanted.person);
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "app"),
            ("code", &code),
            ("redirect_uri", BACK),
            ("code_verifier", &verifier),
            ("resource", &resource),
        ];
        let mut request = Request::form("/token", &fields);
        if let Some(holder) = wanted.holder {
            let proof = holder.proof("POST", &format!("{}/token", self.issuer), None, server.now_s());
            request = request.header("dpop", &proof);
        }
        let answer = request.set("host", &self.address().to_string()).send(self.address());
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert_eq!(answer["token_type"], if wanted.holder.is_some() { "DPoP" } else { "Bearer" }, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    fn code(&self, resource: &str, verifier: &str, person: &str) -> String {
        let challenge = encode(Sha256::digest(verifier));
        let query = form::write(&[
            ("client_id", "app"),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "openid models"),
            ("resource", resource),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let mut browser = Browser::default();
        let page = browser.open(&format!("{}/auth?{query}", self.issuer));
        let page = self.interact(&mut browser, page, person);
        page.parameter("code").unwrap_or_else(|| panic!("no code in {}: {}", page.url, page.text()))
    }

    /// The app gives a token back (RFC 7009).
    pub fn revoke(&self, token: &str) {
        let fields = [("token", token), ("client_id", "app")];
        let answer = Request::form("/token/revocation", &fields).send(self.address());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
