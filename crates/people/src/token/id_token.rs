//! ID tokens (OpenID Connect Core 1.0, 2) with verified claims, fetched by the gateway itself after a sign-in.
//!
//! Such a token is no bearer token: it came straight from the provider, over TLS, for a code or device code that only
//! the gateway could use. So the ceiling for bearer tokens does not apply.

use super::Context;
use super::verified_claims::Verified;
use crate::evidence::{Binding, Commitment, Draft, Evidence, Method};
use crate::jose::Compact;
use crate::json::{self, Members, Object};
use crate::limits::SIGNED_IN_S;
use crate::refusal::Refusal;
use crate::times::{Times, audience, plus_s, required};
use crate::trust::{Issuer, IssuerKind};

/// What a sign-in brought.
#[derive(Clone, Copy)]
pub struct IdToken<'a> {
    /// The token.
    pub token: &'a str,
    /// The provider that was asked; a token of any other is refused.
    pub issuer: &'a str,
    /// The gateway's client id there.
    pub client_id: &'a str,
    /// The nonce of the request; `None` for the device flow, which has none.
    pub nonce: Option<&'a str>,
    /// What the userinfo endpoint answered for the access token of the same answer, where it was asked.
    pub userinfo: Option<&'a [u8]>,
}

/// Verifies it in the normative order.
pub(crate) fn verify(context: &Context<'_>, presented: &IdToken<'_>) -> Result<Evidence, Refusal> {
    let token = Compact::parse(presented.token)?;
    let asked = |issuer: &Issuer| {
        issuer.iss() == presented.issuer && matches!(issuer.kind(), IssuerKind::Oidc | IssuerKind::Kyc)
    };
    let issuer = context.authentic_as(&token, asked, |token| token.typ_if_any(&["JWT"]))?;
    let claims = Claims::read(token.payload())?;
    let sub = claims.check(context, presented)?;
    let userinfo = presented.userinfo.map(|body| userinfo(body, sub)).transpose()?;
    let (asserted, level) =
        Verified::read(userinfo.as_ref().unwrap_or_else(|| token.payload()))?.judge(context, issuer)?;
    let parts = [presented.token.as_bytes(), presented.userinfo.unwrap_or_default()];
    Ok(Evidence::establish(Draft {
        asserted,
        level,
        issuer: issuer.iss().to_owned(),
        method: Method::IdToken,
        subject: Some(sub.to_owned()),
        actor: Vec::new(),
        org: issuer.org().map(str::to_owned),
        valid_until: plus_s(context.now, SIGNED_IN_S),
        verified_at: context.now,
        binding: Binding::default(),
        status: None,
        commitment: Commitment::to(Method::IdToken, &parts),
    }))
}

/// OpenID Connect Core 1.0, 5.3.2: the answer must be about the subject of the ID token.
fn userinfo(body: &[u8], sub: &str) -> Result<Object, Refusal> {
    let body = json::parse_object(body)?;
    let about = required(body.text("sub")?, "sub")?;
    if about == sub { Ok(body) } else { Err(Refusal::BindingMismatch("userinfo of another subject")) }
}

/// The claims about the token itself.
struct Claims<'a> {
    times: Times,
    sub: Option<&'a str>,
    aud: Option<Vec<&'a str>>,
    azp: Option<&'a str>,
    nonce: Option<&'a str>,
}

impl<'a> Claims<'a> {
    /// Types only.
    fn read(payload: &'a Object) -> Result<Self, Refusal> {
        Ok(Self {
            times: Times::read(payload)?,
            sub: payload.text("sub")?,
            aud: payload.text_or_texts("aud")?,
            azp: payload.text("azp")?,
            nonce: payload.text("nonce")?,
        })
    }

    /// Presence, times, audience (OpenID Connect Core 1.0, 3.1.3.7) and nonce; gives the subject.
    fn check(&self, context: &Context<'_>, presented: &IdToken<'_>) -> Result<&'a str, Refusal> {
        required(self.times.exp, "exp")?;
        required(self.times.iat, "iat")?;
        let sub = required(self.sub, "sub")?;
        let aud = required(self.aud.as_deref(), "aud")?;
        self.times.check(context.now, context.profile.clock_skew_s)?;
        audience(aud, presented.client_id)?;
        let azp = self.azp.or((aud.len() == 1).then_some(presented.client_id));
        if azp != Some(presented.client_id) {
            return Err(Refusal::WrongAudience);
        }
        if presented.nonce.is_some() && self.nonce != presented.nonce {
            return Err(Refusal::NonceMismatch);
        }
        Ok(sub)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Bench, EMPLOYER, GATEWAY, IDP, NOW, now, verified};
    use crate::{Answer, Predicate, Replay};
    use serde_json::{Value, json};
    use terms::{Country, Level};

    fn token(bench: &Bench, edit: impl FnOnce(&mut Value, &mut Value)) -> String {
        bench.access(|header, payload| {
            header["typ"] = json!("JWT");
            payload["aud"] = json!("gate");
            payload["nonce"] = json!("n-1");
            edit(header, payload);
        })
    }

    fn shown(token: &str) -> IdToken<'_> {
        IdToken { token, issuer: IDP, client_id: "gate", nonce: Some("n-1"), userinfo: None }
    }

    fn verify(bench: &Bench, presented: &IdToken<'_>) -> Result<Evidence, Refusal> {
        bench.verifier.id_token(presented, now(), &Replay::default())
    }

    #[track_caller]
    fn check(edit: impl FnOnce(&mut Value, &mut Value), expected: Result<Level, &str>) {
        let bench = Bench::new();
        let outcome = verify(&bench, &shown(&token(&bench, edit)));
        assert_eq!(outcome.map(|evidence| evidence.level()).map_err(|refusal| refusal.code()), expected);
    }

    #[test]
    fn a_sign_in_is_no_bearer_token() {
        check(|_, _| {}, Ok(Level::Credential));
        check(|header, _| drop(header.as_object_mut().unwrap().remove("typ")), Ok(Level::Credential));
        check(|_, payload| payload["aud"] = json!(["gate"]), Ok(Level::Credential));
        let both = json!(["gate", "other"]);
        check(|_, payload| payload["aud"] = both.clone(), Err("wrong_audience"));
        let named = |_: &mut Value, payload: &mut Value| {
            payload["aud"] = both;
            payload["azp"] = json!("gate");
        };
        check(named, Ok(Level::Credential));
    }

    #[test]
    fn what_was_made_for_somebody_or_something_else_is_refused() {
        check(|_, payload| payload["aud"] = json!(GATEWAY), Err("wrong_audience"));
        check(|_, payload| payload["azp"] = json!("other"), Err("wrong_audience"));
        check(|_, payload| payload["nonce"] = json!("n-2"), Err("nonce_mismatch"));
        check(|_, payload| drop(payload.as_object_mut().unwrap().remove("nonce")), Err("nonce_mismatch"));
        check(|header, _| header["typ"] = json!("at+jwt"), Err("wrong_type"));
        check(|header, _| header["crit"] = json!(["b64"]), Err("unsupported_crit"));
        check(|_, payload| payload["exp"] = json!(NOW - 61), Err("expired"));
        check(|_, payload| drop(payload.as_object_mut().unwrap().remove("iat")), Err("missing_claim"));
        check(|_, payload| payload["iss"] = json!(EMPLOYER), Err("untrusted_issuer"));
        let bench = Bench::new();
        let token = token(&bench, |_, _| {});
        let of_another = IdToken { issuer: EMPLOYER, ..shown(&token) };
        assert_eq!(verify(&bench, &of_another).unwrap_err().code(), "untrusted_issuer");
    }

    #[test]
    fn userinfo_counts_for_the_same_subject_only() {
        let bench = Bench::new();
        let bare =
            token(&bench, |_, payload| drop(payload.as_object_mut().unwrap().remove("verified_claims")));
        assert_eq!(verify(&bench, &shown(&bare)), Err(Refusal::MissingClaim("nationalities")));
        let about = |sub: &str| json!({"sub": sub, "verified_claims": verified("high", &["FR"])}).to_string();
        let (own, other) = (about("u-1"), about("u-2"));
        let with = |body: &'static str, of: &str| {
            let body = if body.is_empty() { of } else { body };
            verify(&bench, &IdToken { userinfo: Some(body.as_bytes()), ..shown(&bare) })
        };
        let evidence = with("", &own).unwrap();
        let france = Predicate::NationalOf(Country::parse("FR").unwrap());
        assert_eq!((evidence.level(), evidence.answer(&france)), (Level::Credential, Answer::Yes));
        assert_eq!(with("", &other).unwrap_err().code(), "binding_mismatch");
        assert_eq!(with(r#"{"sub":"u-1","sub":"u-1"}"#, "").unwrap_err().code(), "malformed");
    }
}
