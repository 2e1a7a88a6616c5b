//! The fuzz targets' bodies on generated inputs, for the stable compiler.

#[path = "../../../fuzz/targets/law_file.rs"]
mod law_file_body;
#[path = "../../../fuzz/targets/regime.rs"]
mod regime_body;

use proptest::{collection::vec, prelude::*};

const SEED: &str = include_str!("fixtures/open.toml");

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, ..ProptestConfig::default() })]

    #[test]
    fn law_file(bytes in vec(any::<u8>(), 0..400)) {
        law_file_body::run(&bytes);
    }

    #[test]
    fn law_file_near_a_real_one(cut in 0..SEED.len(), bytes in vec(any::<u8>(), 0..20), skipped in 0..40_usize) {
        let tail = SEED.as_bytes().get(cut + skipped..).unwrap_or_default();
        law_file_body::run(&[&SEED.as_bytes()[..cut], &bytes, tail].concat());
    }

    #[test]
    fn regime(bytes in vec(any::<u8>(), 0..33)) {
        regime_body::run(&bytes);
    }
}

#[test]
fn the_unedited_file_passes_and_compiles() {
    regime_body::run(&[]);
}
