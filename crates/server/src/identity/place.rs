//! Where a caller is, as far as the network tells: a fact of level `ip`, which can only count against a request.

use maxminddb::Reader;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use terms::Country;

use http::HeaderMap;

/// Headers of proxies longer than this are not read.
const HOPS: usize = 32;

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Networks whose proxies are believed about who called them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network such as 10.0.0.0/8 or 2001:db8::/32")]
pub struct BadNetwork(String);

impl std::str::FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().map_err(|_| bad())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(whole);
        if prefix <= whole { Ok(Self { address, prefix }) } else { Err(bad()) }
    }
}

impl Network {
    fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let outside = u32::from(self.prefix);
                let differ = Ipv4Addr::to_bits(network) ^ Ipv4Addr::to_bits(ip);
                differ.checked_shr(32 - outside).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let outside = u32::from(self.prefix);
                let differ = Ipv6Addr::to_bits(network) ^ Ipv6Addr::to_bits(ip);
                differ.checked_shr(128 - outside).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// What the operator configured about places.
#[derive(Clone)]
pub struct PlaceSettings {
    /// A database in MaxMind's format with `country.iso_code`.
    pub database: Vec<u8>,
    /// Proxies whose headers are read.
    pub trusted_proxies: Vec<Network>,
}

/// The database cannot be used. The operator's to mend.
#[derive(Debug, thiserror::Error)]
#[error("place.database is no database in MaxMind's format: {0}")]
pub struct BadDatabase(#[from] maxminddb::MaxMindDbError);

/// Tells countries by address.
pub struct Places {
    reader: Reader<Vec<u8>>,
    trusted: Arc<[Network]>,
}

/// The part of a record that is read.
#[derive(Deserialize)]
struct Record {
    country: Option<Coded>,
}

#[derive(Deserialize)]
struct Coded {
    iso_code: Option<String>,
}

impl Places {
    /// Reads the database.
    ///
    /// # Errors
    /// [`BadDatabase`].
    pub fn new(settings: &PlaceSettings) -> Result<Self, BadDatabase> {
        let reader = Reader::from_source(settings.database.clone())?;
        Ok(Self { reader, trusted: settings.trusted_proxies.as_slice().into() })
    }

    /// The country that a request seems to come from; `None` when that cannot be told.
    pub(crate) fn of(&self, peer: Option<&Peer>, headers: &HeaderMap) -> Option<Country> {
        self.country(self.client(peer?.0.ip(), headers)?)
    }

    fn country(&self, ip: IpAddr) -> Option<Country> {
        let found = self.reader.lookup(ip).ok()?;
        let record: Record = found.decode().ok()??;
        Country::parse(&record.country?.iso_code?).ok()
    }

    /// The caller's address: the nearest one that is no trusted proxy. What an untrusted peer says about others is not
    /// read, and neither are two kinds of header at once.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let hops = match (headers.contains_key("x-forwarded-for"), headers.contains_key("forwarded")) {
            (true, true) => return None,
            (true, false) => hops(headers, "x-forwarded-for", |hop| Some(hop.to_owned()))?,
            (false, true) => hops(headers, "forwarded", forwarded_for)?,
            (false, false) => return Some(peer),
        };
        for hop in hops.iter().rev() {
            let ip = address(hop)?;
            if !self.trusts(ip) {
                return Some(ip);
            }
        }
        None
    }

    fn trusts(&self, ip: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(ip))
    }
}

/// Every hop, the nearest last; `None` when one cannot be read.
fn hops(headers: &HeaderMap, name: &str, read: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let lines: Option<Vec<&str>> = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect();
    let hops: Vec<String> =
        lines?.iter().flat_map(|line| line.split(',')).map(|hop| read(hop.trim())).collect::<Option<_>>()?;
    (hops.len() <= HOPS).then_some(hops)
}

/// The value of `for` (RFC 7239, 5.2).
fn forwarded_for(hop: &str) -> Option<String> {
    let mut pairs = hop.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// An address with or without port.
fn address(text: &str) -> Option<IpAddr> {
    let plain = || text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    plain().or_else(with_port).or_else(bracketed).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
