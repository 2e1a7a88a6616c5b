use super::samples::database;
use super::*;
use http::{HeaderName, HeaderValue};

fn places() -> Places {
    let database = database(Ipv4Addr::new(203, 0, 112, 0), 24, "FR");
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    Places::new(&PlaceSettings { database, trusted_proxies }).unwrap()
}

fn seen(peer: &str, lines: &[(&'static str, &str)]) -> Option<Country> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    places().of(Some(&Peer(SocketAddr::new(peer.parse().unwrap(), 1))), &headers)
}

#[test]
fn the_nearest_address_that_is_no_trusted_proxy_counts() {
    let france = Country::parse("FR").ok();
    let via = |value| [("x-forwarded-for", value)];
    assert_eq!(seen("203.0.112.9", &[]), france);
    assert_eq!(seen("127.0.0.1", &via("203.0.112.9")), france);
    assert_eq!(seen("::ffff:127.0.0.1", &via("203.0.112.9:4711")), france);
    assert_eq!(seen("127.0.0.1", &via("8.8.8.8, 203.0.112.9, 10.1.2.3")), france);
    assert_eq!(
        seen("127.0.0.1", &[("forwarded", "for=203.0.112.9;proto=https, for=\"10.0.0.1:80\"")]),
        france
    );
    // An untrusted peer may say what it likes.
    assert_eq!(seen("8.8.8.8", &via("203.0.112.9")), None);
    assert_eq!(seen("127.0.0.1", &via("203.0.112.9, 8.8.8.8")), None);
    for unreadable in ["unknown", "203.0.112.9, _hidden", "", "203.0.112.9,,"] {
        assert_eq!(seen("127.0.0.1", &via(unreadable)), None, "{unreadable}");
    }
    let both = [("x-forwarded-for", "203.0.112.9"), ("forwarded", "for=203.0.112.9")];
    assert_eq!(seen("127.0.0.1", &both), None);
}

#[test]
fn networks_are_read_strictly() {
    let holds = |network: &str, ip: &str| network.parse::<Network>().unwrap().contains(ip.parse().unwrap());
    assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
    assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
    assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.6"));
    assert!(holds("2001:db8::/32", "2001:db8:ffff::1") && holds("::/0", "2001::"));
    for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/8/8", "a"] {
        assert!(bad.parse::<Network>().is_err(), "{bad}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let settings = PlaceSettings { database: b"not a database".to_vec(), trusted_proxies: Vec::new() };
    assert!(Places::new(&settings).is_err());
}
