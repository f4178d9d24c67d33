//! Texts in quotes.

/// Appends `text` in quotes if it is printable ASCII without backslash, as nearly all are: then
/// Rust's and JSON's ways to write it agree, and nothing but quotes needs care. Returns whether it
/// was; nothing is appended otherwise.
pub(super) fn push(line: &mut String, text: &str) -> bool {
    // Without early end, so that many bytes are looked at in one instruction.
    let is_plain = |byte| matches!(byte, b' '..=b'[' | b']'..=b'~');
    if !text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        return false;
    }
    line.push('"');
    let mut start = 0;
    for quote in memchr::memchr_iter(b'"', text.as_bytes()) {
        line.push_str(text.get(start..quote).unwrap_or_default());
        line.push('\\');
        start = quote;
    }
    line.push_str(text.get(start..).unwrap_or_default());
    line.push('"');
    true
}
