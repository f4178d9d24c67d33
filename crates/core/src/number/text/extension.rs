//! The words that people write before an extension.

/// In lower case: English, German, French, Italian, Spanish, Portuguese, Dutch, Polish, Czech,
/// Swedish, Danish and Norwegian, Finnish, Hungarian, Turkish, Greek, Russian, Ukrainian, Japanese,
/// Chinese (`crm-apis.md` §5.6).
const MARKERS: &[&str] = &[
    "x",
    "ext",
    "extn",
    "xtn",
    "extension",
    "dw",
    "durchwahl",
    "nst",
    "nebenstelle",
    "intern",
    "int",
    "klappe",
    "apparat",
    "poste",
    "interne",
    "interno",
    "derivazione",
    "extensión",
    "anexo",
    "ramal",
    "toestel",
    "tst",
    "doorkies",
    "wew",
    "wewn",
    "wewnętrzny",
    "linka",
    "klapka",
    "ankn",
    "anknytning",
    "lokal",
    "alanumero",
    "mellék",
    "dahili",
    "dah",
    "εσωτ",
    "εσωτερικό",
    "доб",
    "добавочный",
    "внутр",
    "вн",
    "дод",
    "内線",
    "内线",
    "转",
    "轉",
    "分机",
    "分機",
];

/// Words that announce an extension or label another number: abbreviations, and the letters that a
/// telephone dials as a pause.
const AMBIGUOUS: &[&str] = &["p", "pp", "w", "r", "kl", "app", "lok", "local", "direct"];

/// Words that may stand between the marker and the digits: `Durchwahl Nr. 12`.
const FILLERS: &[&str] = &["nr", "no", "n", "num", "number", "nummer"];

/// Whether a word announces an extension.
pub(super) fn is_marker(word: &str) -> bool {
    MARKERS.contains(&word)
}

/// Whether a word announces an extension if few digits follow.
pub(super) fn is_ambiguous(word: &str) -> bool {
    AMBIGUOUS.contains(&word)
}

/// Whether a word changes nothing about what the next digits are.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}
