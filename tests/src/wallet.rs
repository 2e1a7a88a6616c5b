//! A wallet of other people's making, and the state that issues what is in it.

use crate::certificates::{Key, Spec, pem};
use crate::node::Node;
use crate::server::Server;
use serde_json::{Value, json};

/// The issuer of person identification data.
const STATE: &str = "https://pid.state.test";

/// A wallet with one credential.
pub struct Wallet {
    node: Node,
    anchor: String,
    /// The credential as issued, with every disclosure.
    pub credential: String,
}

impl Wallet {
    /// Issues a credential with these claims to a new wallet.
    pub fn start(server: &Server, person: &Value) -> Self {
        let (anchor, signer) = (Key::new(), Key::new());
        let leaf = Spec { uris: vec![STATE], ..Spec::leaf() }.signed(&signer, &anchor);
        let issuer = json!({"iss": STATE, "key": signer.pem(), "chain": [pem(&leaf)]});
        let plan = json!({"now": server.now().to_string(), "issuer": issuer, "person": person});
        let (node, ready) = Node::start("wallet.mjs", &plan);
        let credential = ready["credential"].as_str().unwrap().to_owned();
        Self { node, anchor: pem(&Spec::anchor().signed(&anchor, &anchor)), credential }
    }

    /// What a trust registry says of the state.
    pub fn entry(&self) -> Value {
        json!({"iss": STATE, "kind": "pid", "x5c_anchor": "state", "algs": ["ES256"], "max_strength": "S4",
            "may_assert": ["nationalities"]})
    }

    /// Its anchors.
    pub fn anchors(&self) -> Value {
        json!({"state": self.anchor})
    }

    /// Makes a good answer to the request behind a link and keeps it.
    pub fn make(&mut self, link: &str) -> String {
        let kept = self.node.ask(&json!({"link": link, "keep": true}));
        kept["presentation"].as_str().unwrap().to_owned()
    }

    /// Answers the request behind a link; `wrong` makes it a bad answer (see `tests/node/wallet.mjs`).
    pub fn present(&mut self, link: &str, wrong: Value) -> Presented {
        let mut ask = wrong;
        ask["link"] = link.into();
        Presented(self.node.ask(&ask))
    }
}

/// What became of a presentation.
pub struct Presented(Value);

impl Presented {
    /// The gateway's status and code; the code is empty where it has none.
    pub fn outcome(&self) -> (u64, &str) {
        (self.0["status"].as_u64().unwrap(), self.0["body"]["code"].as_str().unwrap_or_default())
    }

    /// What was asked of the credential (OpenID4VP 1.0, 6.3).
    pub fn asked(&self) -> &Value {
        &self.0["asked"]
    }

    /// The name of the request that was answered.
    pub fn state(&self) -> &str {
        self.0["state"].as_str().unwrap()
    }

    /// What was posted.
    pub fn text(&self) -> &str {
        self.0["presentation"].as_str().unwrap()
    }

    /// Whether a verifier built on the wallet's library alone would have taken it.
    pub fn library_accepts(&self) -> bool {
        self.0["library_accepts"].as_bool().unwrap()
    }
}
