//! `[identity]`: how callers show who they are besides API keys.

use anyhow::{Context, bail, ensure};
use people::Profile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use server::cure::CureSettings;
use server::identity::IdentitySettings;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How callers show who they are besides API keys.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// File of the trust registry, relative to the data directory: issuers with their keys, what each may assert, how
    /// far it is believed, and under `accounts` whose people it knows.
    pub trust: PathBuf,
    /// The address that callers use: what tokens and assertions are made for, such as `https://gateway.example`
    pub audience: String,
    /// Whether proofs of possession must carry a nonce of the gateway's (RFC 9449, 8).
    #[serde(default)]
    pub dpop_nonce: bool,
    /// How far the clocks of issuers may differ from this one, seconds.
    #[serde(default = "clock_skew_s")]
    pub clock_skew_s: u32,
    /// Greatest age of a proof of possession, seconds.
    #[serde(default = "proof_age_s")]
    pub proof_age_s: u32,
    /// Client secrets by the name that the trust registry uses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Secret>,
    /// Pages at `/cure/` on which callers show what is missing; absent = there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<Cure>,
}

/// Pages on which callers show what is missing.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cure {
    /// What signs requests to wallets; absent = they are not signed, which fewer wallets take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet: Option<Wallet>,
}

/// What signs requests to wallets (OpenID4VP 1.0, client identifier prefix `x509_san_dns`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wallet {
    /// Certificate chain, PEM, the leaf first, relative to the data directory. The leaf names the host of `audience`.
    pub certificate: PathBuf,
    /// Its private key: PKCS #8 PEM on the curve P-256.
    pub key: Secret,
}

/// Where a secret is; never the secret.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Environment variable that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// File that holds it, relative to the data directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

const fn clock_skew_s() -> u32 {
    60
}

const fn proof_age_s() -> u32 {
    300
}

impl Identity {
    /// Bounds that no operator may widen: a tolerance beyond them makes replay memories and short lives worthless.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(self.clock_skew_s <= 300, "identity.clock_skew_s must be at most 300");
        ensure!((1..=600).contains(&self.proof_age_s), "identity.proof_age_s must be from 1 to 600");
        Ok(())
    }

    /// What the server needs to know.
    pub fn settings(&self, dir: &Path) -> anyhow::Result<IdentitySettings> {
        let path = dir.join(&self.trust);
        let trust = std::fs::read(&path)
            .with_context(|| format!("identity.trust: cannot read {}", path.display()))?;
        let secrets = self
            .secrets
            .iter()
            .map(|(name, secret)| Ok((name.clone(), secret.read(&format!("identity.secrets.{name}"), dir)?)));
        Ok(IdentitySettings {
            trust,
            profile: Profile {
                gateway: self.audience.clone(),
                clock_skew_s: self.clock_skew_s.into(),
                dpop_max_age_s: self.proof_age_s.into(),
                ..Profile::default()
            },
            dpop_nonce: self.dpop_nonce,
            secrets: secrets.collect::<anyhow::Result<_>>()?,
            cure: self.cure.as_ref().map(|cure| cure.settings(dir)).transpose()?,
        })
    }
}

impl Cure {
    fn settings(&self, dir: &Path) -> anyhow::Result<CureSettings> {
        let wallet = self.wallet.as_ref().map(|wallet| {
            let path = dir.join(&wallet.certificate);
            let chain = std::fs::read_to_string(&path)
                .with_context(|| format!("identity.cure.wallet: cannot read {}", path.display()))?;
            anyhow::Ok((chain, wallet.key.read("identity.cure.wallet.key", dir)?))
        });
        Ok(CureSettings { wallet: wallet.transpose()? })
    }
}

impl Secret {
    fn read(&self, name: &str, dir: &Path) -> anyhow::Result<String> {
        let text = match (&self.env, &self.file) {
            (Some(variable), None) => std::env::var(variable)
                .with_context(|| format!("{name}: the environment variable {variable} is not set"))?,
            (None, Some(file)) => {
                let path = dir.join(file);
                std::fs::read_to_string(&path)
                    .with_context(|| format!("{name}: cannot read {}", path.display()))?
            }
            _ => bail!("{name}: give either env or file"),
        };
        Ok(text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<IdentitySettings, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("trust.json"), r#"{"issuers": []}"#).unwrap();
        std::fs::write(dir.path().join("idp.secret"), "s3cret\n").unwrap();
        let identity: Identity = toml::from_str(text).map_err(|error| error.to_string())?;
        let settings = identity.check().and_then(|()| identity.settings(dir.path()));
        settings.map_err(|error| format!("{error:#}"))
    }

    const HEAD: &str = "trust = \"trust.json\"\naudience = \"https://gate.example\"\n";

    #[test]
    fn limits_have_defaults_and_secrets_come_from_where_they_are() {
        let plain = read(HEAD).unwrap();
        assert_eq!((plain.profile.clock_skew_s, plain.profile.dpop_max_age_s), (60, 300));
        assert_eq!(plain.profile.gateway, "https://gate.example");
        let with = read(&format!("{HEAD}[secrets.idp]\nfile = \"idp.secret\"\n")).unwrap();
        assert_eq!(with.secrets["idp"], "s3cret");
        assert!(with.cure.is_none() && plain.cure.is_none());
    }

    #[test]
    fn pages_are_there_where_they_are_configured() {
        assert!(read(&format!("{HEAD}[cure]\n")).unwrap().cure.unwrap().wallet.is_none());
        let wallet =
            format!("{HEAD}[cure.wallet]\ncertificate = \"trust.json\"\nkey.file = \"idp.secret\"\n");
        let expected = (r#"{"issuers": []}"#.to_owned(), "s3cret".to_owned());
        assert_eq!(read(&wallet).unwrap().cure.unwrap().wallet, Some(expected));
    }

    #[test]
    fn what_cannot_stand_is_named() {
        for (line, expected) in [
            ("clock_skew_s = 301", "clock_skew_s"),
            ("proof_age_s = 0", "proof_age_s"),
            ("[secrets.idp]\n", "either env or file"),
            ("[secrets.idp]\nenv = \"A\"\nfile = \"b\"", "either env or file"),
            ("[secrets.idp]\nfile = \"absent\"", "cannot read"),
            ("secret = \"plain\"", "unknown field"),
            ("[cure.wallet]\ncertificate = \"none\"\nkey.env = \"A\"", "identity.cure.wallet: cannot read"),
            ("[cure]\nkey = \"plain\"", "unknown field"),
        ] {
            let refused = read(&format!("{HEAD}{line}")).err().unwrap();
            assert!(refused.contains(expected), "{line}: {refused}");
        }
        let absent = read("trust = \"none.json\"\naudience = \"https://gate.example\"").err().unwrap();
        assert!(absent.contains("identity.trust: cannot read"), "{absent}");
    }
}
