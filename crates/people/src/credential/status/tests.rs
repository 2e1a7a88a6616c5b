use super::super::samples::{LIST, NOW, PID, PROVIDER, World, changed, jwt};
use super::*;
use crate::x509::samples::{Key, Spec};
use serde_json::{Value as Json, json};

/// Status values 0, 1, 2, 3, one for each index.
const VALUES: [u8; 1] = [0b11_10_01_00];

fn packed(bytes: &[u8]) -> String {
    jose::encode(&miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6))
}

fn payload(with: Json) -> Json {
    let plain = json!({"sub": LIST, "iat": NOW - 60, "exp": NOW + 600, "ttl": 60,
        "status_list": {"bits": 2, "lst": packed(&VALUES)}});
    changed(plain, with)
}

/// Looks an index up in a list with this payload, signed by the issuer.
fn outcome(with: Json, index: u64) -> Result<StatusRef, Refusal> {
    let mut world = World::new();
    world.list = Some(jwt(&world.header("statuslist+jwt"), &payload(with), &world.signer));
    look_up(&world, index)
}

fn look_up(world: &World, index: u64) -> Result<StatusRef, Refusal> {
    let reference = Reference { uri: LIST.to_owned(), index };
    reference.check(world.registry.issuer(PID).unwrap(), &world.context())
}

#[track_caller]
fn unavailable(outcome: Result<StatusRef, Refusal>) {
    assert_eq!(outcome.map_err(|refusal| refusal.code()), Err("status_unavailable"));
}

#[test]
fn zero_passes_one_is_revoked_all_others_are_suspended() {
    let entry = |index| outcome(json!({}), index).map_err(|refusal| refusal.code());
    assert_eq!(entry(0).map(|status| status.valid_until), Ok(plus_s(Instant::from_micros(0), NOW + 600)));
    assert_eq!(entry(1), Err("revoked"));
    assert_eq!(entry(2), Err("suspended"));
    assert_eq!(entry(3), Err("suspended"));
    assert_eq!(entry(4), Err("status_unavailable"));
    assert_eq!(entry(u64::MAX), Err("status_unavailable"));
}

#[test]
fn entries_of_each_width_start_at_the_lowest_bits() {
    // The list of the draft, section 4.1: 1 0 0 1 1 1 0 1, 1 1 0 0 0 1 0 1.
    let bits = [0xb9, 0xa3];
    let read = (0..16).map(|index| entry_at(&bits, index, 1).unwrap()).collect::<Vec<_>>();
    assert_eq!(read, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    assert_eq!(
        [entry_at(&bits, 0, 4), entry_at(&bits, 1, 4), entry_at(&bits, 1, 8)],
        [Some(9), Some(0xb), Some(0xa3)]
    );
    assert_eq!((entry_at(&bits, 16, 1), entry_at(&bits, u64::MAX, 8)), (None, None));
}

#[test]
fn each_check_of_the_list_refuses() {
    for with in [
        json!({"sub": "https://lists.test/2"}),
        json!({"sub": "absent"}),
        json!({"iat": "absent"}),
        json!({"iat": NOW + 61}),
        json!({"exp": NOW - 61}),
        json!({"exp": "soon"}),
        json!({"ttl": "60"}),
        json!({"ttl": -1}),
        json!({"status_list": "absent"}),
        json!({"status_list": {"bits": 3, "lst": packed(&VALUES)}}),
        json!({"status_list": {"bits": 2, "lst": "AAAA"}}),
        json!({"status_list": {"bits": 2, "lst": 1}}),
    ] {
        unavailable(outcome(with, 0));
    }
    assert!(outcome(json!({"exp": NOW - 60}), 0).is_ok());
    assert!(outcome(json!({"exp": "absent", "ttl": "absent"}), 0).is_ok());
}

#[test]
fn the_inflated_size_is_bounded() {
    let bytes = |count: usize| json!({"status_list": {"bits": 8, "lst": packed(&vec![0; count])}});
    let mut world = World::new();
    world.profile.status_list_max_bytes = 1000;
    for (count, passes) in [(1000, true), (1001, false), (1_000_000, false)] {
        world.list = Some(jwt(&world.header("statuslist+jwt"), &payload(bytes(count)), &world.signer));
        assert_eq!(look_up(&world, 0).is_ok(), passes, "{count}");
    }
}

#[test]
fn the_list_is_signed_for_the_issuer_or_its_own_host() {
    let mut world = World::new();
    unavailable(look_up(&world, 0));
    let header = world.header("statuslist+jwt");
    let sealed = |world: &World, header: &Json| jwt(header, &payload(json!({})), &world.signer);
    world.list = Some(sealed(&world, &world.header("JWT")));
    unavailable(look_up(&world, 0));
    world.list = Some(sealed(&world, &changed(header.clone(), json!({"crit": ["exp"]}))));
    unavailable(look_up(&world, 0));
    world.list = Some(jwt(&header, &payload(json!({})), &Key::new()));
    unavailable(look_up(&world, 0));
    world.list = Some(sealed(&world, &changed(header, json!({"x5c": "absent", "kid": "k"}))));
    unavailable(look_up(&world, 0));
    for (name, passes) in [("lists.test", true), ("wallet.test", false)] {
        world.certify(&Spec { dns: vec![name], ..Spec::leaf() });
        world.list = Some(sealed(&world, &world.header("statuslist+jwt")));
        assert_eq!(look_up(&world, 0).is_ok(), passes, "{name}");
    }
}

#[test]
fn the_list_uses_an_algorithm_the_issuer_is_registered_for() {
    let mut world = World::new();
    world.certify(&Spec { dns: vec!["lists.test"], ..Spec::leaf() });
    world.list = Some(jwt(&world.header("statuslist+jwt"), &payload(json!({})), &world.signer));
    let reference = Reference { uri: LIST.to_owned(), index: 0 };
    for (iss, passes) in [(PID, true), (PROVIDER, false)] {
        let looked_up = reference.check(world.registry.issuer(iss).unwrap(), &world.context());
        assert_eq!(looked_up.is_ok(), passes, "{iss}");
    }
}

#[test]
fn the_reference_is_read_from_the_claim() {
    let read = |status: Json| {
        let claims = crate::json::parse_object(json!({"status": status}).to_string().as_bytes()).unwrap();
        Reference::read(&claims)
            .map(|reference| reference.map(|reference| reference.index))
            .map_err(|refusal| refusal.code())
    };
    assert_eq!(read(json!({"status_list": {"idx": 7, "uri": LIST}})), Ok(Some(7)));
    assert_eq!(read(json!({"status_list": {"idx": "7", "uri": LIST}})), Err("claim_type"));
    assert_eq!(read(json!({"status_list": {"idx": -7, "uri": LIST}})), Err("claim_value"));
    assert_eq!(read(json!({"status_list": {"uri": LIST}})), Err("missing_claim"));
    assert_eq!(read(json!({"status_list": {"idx": 7}})), Err("missing_claim"));
    assert_eq!(read(json!({"another": {}})), Err("status_unavailable"));
    assert_eq!(read(json!("x")), Err("claim_type"));
    assert_eq!(Reference::read(&Object::new()), Ok(None));
}

#[test]
fn a_list_is_relied_on_longer_than_it_is_kept_unasked() {
    let world = World::new();
    let list = |with| {
        let token = jwt(&world.header("statuslist+jwt"), &payload(with), &world.signer);
        StatusList::verify(LIST, world.registry.issuer(PID).unwrap(), &token, &world.context()).unwrap()
    };
    let times = |with| {
        let list = list(with);
        [list.refresh_at(), list.until()].map(|at| at.as_micros() / 1_000_000 - NOW)
    };
    assert_eq!(times(json!({})), [60, 600]);
    assert_eq!(times(json!({"ttl": 6000})), [600, 600]);
    assert_eq!(times(json!({"ttl": "absent"})), [600, 600]);
    assert_eq!(times(json!({"exp": "absent"})), [60, 60]);
    assert_eq!(times(json!({"ttl": "absent", "exp": "absent"})), [DEFAULT_TTL_S, DEFAULT_TTL_S]);
    let said = [0, 1, 2, 3, 4].map(|index| list(json!({})).status(index));
    use Status::{Revoked, Suspended, Valid};
    assert_eq!(said, [Some(Valid), Some(Revoked), Some(Suspended), Some(Suspended), None]);
}

#[test]
fn a_list_counts_for_registered_issuers_of_credentials_only() {
    let world = World::new();
    let token = jwt(&world.header("statuslist+jwt"), &payload(json!({})), &world.signer);
    let verifier = crate::Verifier::new(world.registry.clone(), world.profile.clone());
    let code = |issuer: &str| {
        let list = verifier.status_list(LIST, issuer, &token, world.context().now);
        list.map(|list| list.status(0)).map_err(|refusal| refusal.code())
    };
    assert_eq!(code(PID), Ok(Some(Status::Valid)));
    assert_eq!(
        (code(PROVIDER), code("https://gone.test")),
        (Err("untrusted_issuer"), Err("untrusted_issuer"))
    );
}
