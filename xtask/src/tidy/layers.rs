//! A crate uses only crates below it; `ls crates` is the story of a request.

use super::{File, Finding};

/// The crates from the ground up.
pub const ORDER: [&str; 13] = [
    "terms",
    "law",
    "decide",
    "bylaws",
    "ledger",
    "wire",
    "people",
    "screening",
    "guard",
    "store",
    "replay",
    "server",
    "douane",
];

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Reads every crate manifest.
pub fn check(files: &[File]) -> Vec<Finding> {
    let manifests = files.iter().filter(|file| is_crate_manifest(&file.path));
    manifests.flat_map(|file| check_manifest(&file.path, &file.text)).collect()
}

fn is_crate_manifest(path: &str) -> bool {
    path.starts_with("crates/") && path.ends_with("/Cargo.toml")
}

fn check_manifest(path: &str, text: &str) -> Vec<Finding> {
    let manifest: toml::Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::failure(path, 0, format!("manifest is not readable: {error}"))],
    };
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let Some((name, height)) = name.and_then(|name| Some((name, height(name)?))) else {
        let text = "this crate has no place in the order (xtask/src/tidy/layers.rs, ARCHITECTURE.md)";
        return vec![Finding::failure(path, 0, text)];
    };
    let used = used_packages(&manifest);
    let upward = used.iter().filter(|used| self::height(used).is_some_and(|other| other >= height));
    upward
        .map(|used| Finding::failure(path, 0, format!("upward edge: `{name}` may not use `{used}`")))
        .collect()
}

fn height(name: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == name)
}

/// Packages named in any dependency table, also those for one platform only, under their real names.
fn used_packages(manifest: &toml::Table) -> Vec<String> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table);
    let platforms = platforms.into_iter().flat_map(|all| all.values()).filter_map(toml::Value::as_table);
    let holders = std::iter::once(manifest).chain(platforms);
    let tables = holders.flat_map(|holder| TABLES.iter().filter_map(|table| holder.get(*table)?.as_table()));
    tables.flatten().map(|(key, value)| package_name(key, value)).collect()
}

fn package_name(key: &str, value: &toml::Value) -> String {
    value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_edges(name: &str, tables: &str, upward: &[&str]) {
        let text = format!("[package]\nname = \"{name}\"\n{tables}");
        let found: Vec<_> =
            check_manifest("crates/x/Cargo.toml", &text).into_iter().map(|f| f.text).collect();
        let expected: Vec<_> =
            upward.iter().map(|used| format!("upward edge: `{name}` may not use `{used}`")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn downward_edges_pass() {
        check_edges(
            "decide",
            "[dependencies]\nterms.workspace = true\nlaw.workspace = true\nserde = \"1\"\n",
            &[],
        );
        check_edges("douane", "[dependencies]\nserver.workspace = true\n", &[]);
    }

    #[test]
    fn upward_edges_fail_in_every_table() {
        check_edges("terms", "[dependencies]\nlaw.workspace = true\n", &["law"]);
        check_edges("law", "[dev-dependencies]\ndecide = { path = \"../decide\" }\n", &["decide"]);
        check_edges("law", "[build-dependencies]\nserver.workspace = true\n", &["server"]);
        check_edges("law", "[target.'cfg(unix)'.dependencies]\nstore.workspace = true\n", &["store"]);
        check_edges("law", "[dependencies]\nroom = { package = \"store\", version = \"1\" }\n", &["store"]);
        check_edges("law", "[dependencies]\nlaw.workspace = true\n", &["law"]);
    }

    #[test]
    fn a_crate_without_a_place_or_a_broken_manifest_fails() {
        assert_eq!(check_manifest("crates/x/Cargo.toml", "[package]\nname = \"helpers\"\n").len(), 1);
        assert_eq!(check_manifest("crates/x/Cargo.toml", "[package").len(), 1);
    }

    #[test]
    fn only_crate_manifests_are_read() {
        assert!(is_crate_manifest("crates/law/Cargo.toml"));
        assert!(!is_crate_manifest("xtask/Cargo.toml") && !is_crate_manifest("Cargo.toml"));
    }
}
