//! `[cache]`: personal data on disk needs a key worth the name.

use super::*;

const PHONEBOOK: &str = "[adapters.x]\nkind = \"rest\"\n";

fn cache(keys: &str) -> String {
    format!("[cache]\n{keys}\n{PHONEBOOK}")
}

#[test]
fn a_path_needs_a_key_of_some_length() {
    let no_key = "this file holds personal data and has to be encrypted; set cache.key, for \
                  example to { env = \"WHOCALLS_CACHE_KEY\" }";
    let short = "this key has less than 32 characters and could be guessed; `openssl rand \
                 -base64 32` prints a good one";
    let long = "é".repeat(32);
    for (keys, expected) in [
        (
            "path = \"answers\"".to_owned(),
            format!("2:8 cache.path: {no_key}"),
        ),
        (
            format!(
                "path = \"answers\"\nkey = {{ value = \"{}\" }}",
                "x".repeat(31)
            ),
            format!("3:7 cache.key: {short}"),
        ),
        (
            format!("path = \"answers\"\nkey = {{ value = \"{long}\" }}"),
            String::new(),
        ),
        (format!("key = {{ value = \"{long}\" }}"), String::new()),
        (
            "path = \"answers\"\nkey = { env = \"MISSING\" }".to_owned(),
            "3:15 cache.key.env: the environment variable `MISSING` is not set".to_owned(),
        ),
    ] {
        assert_eq!(problems(&cache(&keys)).join("\n"), expected, "{keys}");
    }
}

#[test]
fn the_file_lies_beside_the_configuration() {
    let text = cache("path = \"answers\"\nkey = { env = \"KEY\" }");
    let source = Source::new("adapters.toml", text, "/etc/whocalls");
    let environment: Environment = [("KEY", "0123456789abcdef0123456789abcdef")]
        .into_iter()
        .collect();
    for mode in [Mode::Full, Mode::Offline] {
        let loaded = load(&source, &environment, &kinds::registry(), mode).unwrap();
        let path = loaded.config.cache.path.unwrap();
        assert_eq!(path.to_str(), Some("/etc/whocalls/answers"));
    }
}
