//! `docs/connect-your-crm.md`, followed by a shell from its first line: every command is run, and
//! prints what the chapter shows.
//!
//! Runs when `WHOCALLS_POCKETBASE` is the path of PocketBase; see `scripts/install-pocketbase`.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use whocalls_testkit::port::ReservedPort;

use crate::{
    commands::{fine, folder_with},
    harness::UNHURRIED,
};

const CHAPTER: &str = include_str!("../../docs/connect-your-crm.md");
/// PocketBase in the chapter.
const ADDRESS: &str = "127.0.0.1:8090";
/// Stands between what two blocks of commands print.
const RULE: &str = "\n----------------\n";

/// A fenced block: its language and its text.
type Block<'a> = (&'a str, &'a str);

#[test]
fn the_chapter_can_be_followed() {
    let Some(pocketbase) = env::var_os("WHOCALLS_POCKETBASE") else {
        eprintln!("skipped: WHOCALLS_POCKETBASE is not set; see scripts/install-pocketbase");
        return;
    };
    let blocks = blocks(CHAPTER);
    let shown = shown(&blocks);
    assert!(shown.len() > 10, "the chapter has commands");

    let printed = follow(&script(&blocks), Path::new(&pocketbase));
    let printed: Vec<&str> = printed.split(RULE).collect();
    assert_eq!(printed.len(), shown.len() + 1, "{printed:#?}");
    for (printed, (commands, shown)) in printed.iter().zip(&shown) {
        assert!(
            is_shown(printed, shown),
            "{commands}\nprints\n{printed}\nand not\n{shown}"
        );
    }
    let login = printed.last().unwrap();
    assert!(login.contains("accepts the credential"), "{login}");
}

#[test]
fn the_preset_of_the_chapter_is_a_whole_configuration() {
    let blocks = blocks(CHAPTER);
    let (_, preset) = blocks
        .iter()
        .find(|(_, text)| text.contains("preset = "))
        .unwrap();
    fine(&["check", "--offline"], folder_with(preset).path());
}

#[test]
fn what_the_chapter_shows_otherwise_is_noticed() {
    let object = "object    1fj5u4t7ua1ak2b\n{\"id\":\"1fj5u4t7ua1ak2b\"}";
    let letters = object.replace("1fj5u4t7ua1ak2b", "xgbfelrqizlzawn");
    assert!(is_shown(&letters, object));
    assert!(!is_shown(&letters.replace("wn", "w"), object));
    let printed = "ok, 6.5 ms\nid 0wfz3zlvo2b81uk\nphone 021\nend";
    for shown in [
        "ok, 9 ms\nid v0aanojh856lb1r\nphone 021\nend",
        "…\nphone 021\n…",
    ] {
        assert!(is_shown(printed, shown), "{shown}");
    }
    for shown in [
        "",
        "ok, 9 ms",
        "…\nphone 022\n…",
        "…\nphone 021\n…\nok, 6.5 ms",
        "ok, 9 s\nid v0aanojh856lb1r\nphone 021\nend",
    ] {
        assert!(!is_shown(printed, shown), "{shown}");
    }
}

/// What the script prints in an empty folder. PocketBase has an address of its own.
fn follow(script: &str, pocketbase: &Path) -> String {
    let port = ReservedPort::new();
    let address = port.address().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("follow.sh");
    fs::write(file, script.replace(ADDRESS, &address)).unwrap();
    let programs = [Path::new(env!("CARGO_BIN_EXE_whocalls")), pocketbase];
    let mut path: Vec<_> = programs.iter().filter_map(|file| file.parent()).collect();
    let inherited = env::var_os("PATH").unwrap();
    let inherited: Vec<_> = env::split_paths(&inherited).collect();
    path.extend(inherited.iter().map(PathBuf::as_path));
    let output = Command::new("bash")
        .arg("follow.sh")
        .current_dir(&folder)
        .env("PATH", env::join_paths(path).unwrap())
        .env("POCKETBASE_PASSWORD", "pocketbase-test")
        .envs(UNHURRIED)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).replace(&address, ADDRESS);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{error}");
    printed
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let fences = document.split("\n```").skip(1).step_by(2);
    fences
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

/// The commands, each block with what the chapter says that it prints.
fn shown<'a>(blocks: &[Block<'a>]) -> Vec<(&'a str, &'a str)> {
    let next = blocks.iter().skip(1).map(Some).chain([None]);
    let commands = blocks
        .iter()
        .zip(next)
        .filter(|((language, _), _)| *language == "sh");
    commands
        .map(|((_, commands), next)| match next {
            Some(("text", shown)) => (*commands, *shown),
            _ => (*commands, ""),
        })
        .collect()
}

/// The chapter as a script. Its descriptions are of the adapter `pocketbase`; where one has another
/// credential, it is tried out at the end.
fn script(blocks: &[Block<'_>]) -> String {
    // The server ends with the script.
    let mut script = "set -eu\ntrap 'kill $(jobs -p)' EXIT\n".to_owned();
    let mut files = Vec::new();
    for (language, text) in blocks {
        match *language {
            "sh" => write!(script, "{text}\nprintf '{}'\n", RULE.replace('\n', "\\n")).unwrap(),
            "toml" if text.contains("[adapters.pocketbase.settings") => {
                if text.contains("kind = \"session\"") {
                    files.push(*text);
                } else {
                    write!(script, "cat >> adapters.toml <<'END'\n{text}\nEND\n").unwrap();
                }
            }
            _ => {}
        }
    }
    for file in files {
        write!(
            script,
            "grep -v '^credential' adapters.toml > login.toml
cat >> login.toml <<'END'\n{file}\nEND
env -u POCKETBASE_TOKEN whocalls check --config login.toml\n"
        )
        .unwrap();
    }
    script
}

/// Whether this was printed: `…` stands for any lines, times and made-up ids may differ.
fn is_shown(printed: &str, shown: &str) -> bool {
    let mut rest = masked(printed);
    let parts = masked(shown);
    let parts: Vec<&[String]> = parts.split(|line| line == "…").collect();
    let is_whole = parts.len() == 1;
    for part in parts {
        let found = (0..=rest.len()).find(|start| rest[*start..].starts_with(part));
        let Some(start) = found else {
            return false;
        };
        if is_whole && (start > 0 || rest.len() != part.len()) {
            return false;
        }
        rest.drain(..start + part.len());
    }
    true
}

/// The lines, without what differs from one run to the next: the words that end an id of 15
/// characters or a number of milliseconds.
fn masked(text: &str) -> Vec<String> {
    let lines = text.trim().lines();
    lines.map(|line| mask_words(line.trim_end())).collect()
}

fn mask_words(line: &str) -> String {
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '.');
    let mut masked = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(is_end).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end.max(first.len_utf8()));
        let is_time = after.starts_with(" ms") && word.starts_with(|c: char| c.is_ascii_digit());
        // One in 120 of the ids that PocketBase makes up has no digit.
        let is_named = ["object    ", "\"id\":\""]
            .iter()
            .any(|name| masked.ends_with(name));
        let is_made_up = is_named || word.contains(|c: char| c.is_ascii_digit());
        let is_id = matches!(word.len(), 15 | 32) && is_made_up && !word.contains("00000");
        masked.push_str(if is_time || is_id { "*" } else { word });
        rest = after;
    }
    masked
}
