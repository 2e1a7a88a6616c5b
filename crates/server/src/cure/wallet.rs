//! Presenting a credential: OpenID4VP 1.0 with `direct_post`, asking for the one predicate that is missing (DCQL).

use super::need::Offer;
use super::page::{Page, closed, json};
use super::session::Session;
use super::{Answer, BadCure, Trouble, Visit};
use crate::identity::form;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use people::{Evidence, Profile, Transaction};
use qrcode::render::svg;
use serde_json::{Map, Value, json as object};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A presentation that was asked for.
pub(super) struct Asked {
    session: Arc<Session>,
    nonce: String,
}

/// Signs requests, so that a wallet can tell who asks.
pub(super) struct Signer {
    key: EcdsaKeyPair,
    chain: Vec<String>,
}

impl Signer {
    pub(super) fn new(chain: &str, key: &str) -> Result<Self, BadCure> {
        let bad = |what| move |_| BadCure::Wallet(what);
        let certificates = people::certificates_from_pem(chain);
        let certificates = certificates.filter(|all| !all.is_empty());
        let certificates = certificates.ok_or(BadCure::Wallet("certificate is no PEM certificate chain"))?;
        let lines: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(lines.trim()).map_err(bad("key is no PEM private key"))?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        let key = key.map_err(|_| BadCure::Wallet("key is no PKCS #8 key on the curve P-256"))?;
        Ok(Self { key, chain: certificates.iter().map(|der| STANDARD.encode(der)).collect() })
    }

    /// A signed request object (RFC 9101, OpenID4VP 1.0, 5).
    fn sign(&self, request: &Value) -> Option<String> {
        let header = object!({"alg": "ES256", "typ": "oauth-authz-req+jwt", "x5c": self.chain});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&header), part(request));
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes()).ok()?;
        Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// What is asked for: any one of the credentials that tell it, and of each the one claim (OpenID4VP 1.0, 6).
fn query(profile: &Profile, missing: &[String]) -> Value {
    let formats = |vct: &[String]| object!({"vct_values": vct});
    let mut credentials = vec![
        object!({"id": "pid", "format": "dc+sd-jwt", "meta": formats(&profile.pid_vct),
            "claims": [{"path": ["nationalities", null]}]}),
        object!({"id": "mdoc", "format": "mso_mdoc", "meta": {"doctype_value": profile.pid_doctype},
            "claims": [{"path": [profile.pid_doctype, "nationality"], "intent_to_retain": false}]}),
    ];
    let is_status = |vct: &&String| vct.split(':').nth(2) == Some("us-person");
    let status: Vec<String> = profile.predicate_vct.iter().filter(is_status).cloned().collect();
    if missing.iter().any(|fact| fact == "us_status") && !status.is_empty() {
        let asked = object!({"id": "us_person", "format": "dc+sd-jwt", "meta": formats(&status),
            "claims": [{"path": ["us_person"]}]});
        credentials.insert(0, asked);
    }
    let options: Vec<_> = credentials.iter().map(|one| object!([one["id"]])).collect();
    object!({"credentials": credentials, "credential_sets": [{"options": options}]})
}

impl Visit<'_> {
    fn response_uri(&self) -> String {
        self.identity.url("/cure/response")
    }

    fn client_id(&self) -> String {
        let host = super::need::site(&self.identity.url("")).to_owned();
        match &self.cure.signer {
            Some(_) => format!("x509_san_dns:{}", host.split(':').next().unwrap_or(&host)),
            None => format!("redirect_uri:{}", self.response_uri()),
        }
    }

    /// The request (OpenID4VP 1.0, 5).
    fn request(&self, state: &str, asked: &Asked) -> Map<String, Value> {
        let verifier = self.identity.trust.verifier();
        let algs = ["ES256", "EdDSA"];
        let formats = object!({
            "dc+sd-jwt": {"sd-jwt_alg_values": algs, "kb-jwt_alg_values": algs},
            "mso_mdoc": {"issuerauth_alg_values": [-7], "deviceauth_alg_values": [-7]},
        });
        let members = [
            ("client_id", Value::from(self.client_id())),
            ("response_type", "vp_token".into()),
            ("response_mode", "direct_post".into()),
            ("response_uri", self.response_uri().into()),
            ("nonce", asked.nonce.as_str().into()),
            ("state", state.into()),
            ("dcql_query", query(verifier.profile(), &asked.session.about.missing)),
            ("client_metadata", object!({"vp_formats_supported": formats})),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Makes a request and shows it: as a code to scan, and as a link for a wallet on this device.
    pub(super) fn ask_wallet(&self, session: &Arc<Session>) -> Answer {
        if !Offer::of(&self.identity.trust, &session.about).wallet {
            return Err(Trouble::Gone);
        }
        let nonce = crate::identity::sts::random().map_err(|_| Trouble::NotFiled)?;
        let asked = Asked { session: Arc::clone(session), nonce: URL_SAFE_NO_PAD.encode(nonce) };
        let put = self.cure.asked.put(self.now, |_| Arc::new(asked));
        let (state, asked) = put.ok_or(Trouble::TooMany)?;
        let link = self.wallet_link(&state, &asked);
        if self.as_json() {
            return Ok(json(StatusCode::OK, &object!({"link": link})));
        }
        let code = qrcode::QrCode::new(&link).map_err(|_| Trouble::Form)?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(260, 260).build();
        Ok(Page::new(self.lang, "page_title")
            .heading("page_wallet", &[])
            .text("page_wallet_scan", &[])
            .picture(&svg, "page_wallet_scan")
            .link(&link, "page_wallet_here", &[])
            .text("page_wallet_warning", &[])
            .link(&format!("/cure/{}", session.id), "page_again", &[])
            .answer(StatusCode::OK))
    }

    /// By reference where requests are signed. One that is not must be passed by value (OpenID4VP 1.0, 5.9.3).
    fn wallet_link(&self, state: &str, asked: &Asked) -> String {
        if self.cure.signer.is_some() {
            let uri = self.identity.url(&format!("/cure/request/{state}"));
            let pairs = [("client_id", self.client_id()), ("request_uri", uri)];
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            return format!("openid4vp://?{}", form::write(&pairs));
        }
        let request = self.request(state, asked);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("openid4vp://?{}", form::write(&pairs))
    }

    /// The signed request that a wallet fetches.
    pub(super) fn wallet_request(&self, state: &str) -> Answer {
        let asked = self.cure.asked.get(state, self.now).ok_or(Trouble::Gone)?;
        let signer = self.cure.signer.as_ref().ok_or(Trouble::Gone)?;
        let now = self.now.as_micros().div_euclid(1_000_000);
        let mut request = self.request(state, &asked);
        request.insert("aud".to_owned(), "https://self-issued.me/v2".into());
        request.insert("iat".to_owned(), now.into());
        request.insert("exp".to_owned(), now.saturating_add(super::STEP_S).into());
        let signed = signer.sign(&request.into()).ok_or(Trouble::NotFiled)?;
        Ok(closed(StatusCode::OK, signed, "application/oauth-authz-req+jwt"))
    }

    /// What the wallet posts (OpenID4VP 1.0, 8.2). A request is answered once, whatever the answer.
    pub(super) async fn presented(&self) -> Answer {
        let state = self.field("state")?.ok_or(Trouble::Form)?;
        let asked = self.cure.asked.take(&state, self.now).ok_or(Trouble::Gone)?;
        let back = object!({"redirect_uri": self.identity.url(&format!("/cure/{}", asked.session.id))});
        let Some(vp_token) = self.field("vp_token")? else { return Ok(json(StatusCode::OK, &back)) };
        let (id, presentation) = the_one(&vp_token).ok_or(Trouble::Form)?;
        let evidence = self.verified(&id, &presentation, &asked).await?;
        self.file(&asked.session, &evidence).await?;
        Ok(json(StatusCode::OK, &back))
    }

    async fn verified(&self, id: &str, presentation: &str, asked: &Asked) -> Result<Evidence, Trouble> {
        let (client_id, response_uri) = (self.client_id(), self.response_uri());
        let transaction =
            Transaction { client_id: &client_id, nonce: &asked.nonce, response_uri: &response_uri };
        let now = self.now;
        self.with_lists(|verifier, outside| match id {
            "mdoc" => verifier.mdoc(presentation, &transaction, now, outside),
            _ => verifier.sd_jwt_vc(presentation, &transaction, now, outside),
        })
        .await
    }
}

/// The one presentation of an answer, with the name of the query it answers.
fn the_one(vp_token: &str) -> Option<(String, String)> {
    let shown: BTreeMap<String, Vec<String>> = serde_json::from_str(vp_token).ok()?;
    let mut all = shown.into_iter().flat_map(|(id, all)| all.into_iter().map(move |one| (id.clone(), one)));
    all.next().filter(|_| all.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_claim_of_one_credential_is_asked_for() {
        let profile = Profile::default();
        let asked = query(&profile, &["us_status".to_owned()]);
        let ids: Vec<_> = asked["credentials"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, ["us_person", "pid", "mdoc"]);
        assert_eq!(asked["credentials"][1]["claims"], object!([{"path": ["nationalities", null]}]));
        assert_eq!(asked["credential_sets"][0]["options"], object!([["us_person"], ["pid"], ["mdoc"]]));
        let asked = query(&profile, &["citizenships".to_owned()]);
        assert!(!asked.to_string().contains("us_person"), "{asked}");
    }

    #[test]
    fn one_presentation_is_looked_at() {
        let one = Some(("pid".to_owned(), "a".to_owned()));
        assert_eq!(the_one(r#"{"pid": ["a"]}"#), one);
        for bad in
            [r#"{"pid": ["a", "b"]}"#, r#"{"pid": ["a"], "mdoc": ["b"]}"#, "{}", r#"{"pid": "a"}"#, "a"]
        {
            assert_eq!(the_one(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_sign_is_refused_at_the_start() {
        assert!(matches!(Signer::new("", ""), Err(BadCure::Wallet(_))));
    }
}
