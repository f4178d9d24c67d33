//! How people and machines write a number into a field of a CRM: seen in contact lists, imports,
//! signatures and business cards (`crm-apis.md` §5.1, §5.6, §7).

use crate::{number::Number, random::Random};

/// Between area code and subscriber number. Most people type a blank.
const AREA_GAPS: [&str; 14] = [
    " ", " ", " ", " ", "/", "/", "-", "-", ".", " / ", " - ", "", "\u{a0}", "–",
];
/// Between groups of digits.
const GAPS: [&str; 16] = [
    " ", " ", " ", " ", " ", "", "", ".", "-", "\u{a0}", "\u{202f}", "\u{2009}", "\u{2011}", "–",
    "'", "·",
];
/// Before a number with its country; `C` is the country code.
const ABROAD: [&str; 16] = [
    "+C ", "+C ", "+C ", "+C", "+C", "00C ", "00C ", "00C", "00 C ", "(+C) ", "(00C) ", "+C-",
    "+C.", "+ C ", "+C/", "+(C) ",
];
/// The same where the trunk zero is in brackets, or was left where it stood.
const ABROAD_WITH_ZERO: [&str; 9] = [
    "+C (0)", "+C (0)", "+C(0)", "+C (0) ", "00C (0)", "00C(0)", "+C-(0)", "+C 0", "C (0)",
];
/// What stands before a number.
const LABELS: [&str; 30] = [
    "Tel. ",
    "Tel: ",
    "Tel.: ",
    "TEL ",
    "T ",
    "T: ",
    "M ",
    "M: ",
    "Mobile: ",
    "Mobil ",
    "Natel ",
    "Handy: ",
    "G: ",
    "P ",
    "Büro ",
    "Bureau: ",
    "Ufficio: ",
    "cell. ",
    "tél. ",
    "Phone: ",
    "☎ ",
    "📞",
    "privat: ",
    "Fax ",
    "(privat) ",
    "[Büro] ",
    "Zentrale: ",
    "tel:",
    "Móvil ",
    "тел. ",
];
/// What stands behind it.
const NOTES: [&str; 24] = [
    " (privat)",
    " (Büro)",
    " privat",
    " [alt]",
    " (nur vormittags)",
    " (ab 18 Uhr)",
    " - Frau Muster",
    " *",
    " (Mo-Fr 8-17)",
    " (2. Stock)",
    " (8-12)",
    " bitte nicht vor 9 Uhr",
    " (G)",
    ", privat",
    "; Büro",
    " !",
    " (mobile)",
    " (bureau, le matin)",
    " (solo mattina)",
    " <neu>",
    " (seit 2021)",
    " = Zentrale",
    "?",
    " (sic)",
];
/// Before an extension.
const EXTENSIONS: [&str; 34] = [
    " ext. ",
    " ext ",
    " Ext: ",
    " extension ",
    "x",
    " x",
    " x.",
    " #",
    "#",
    ", ",
    ",",
    ",,",
    ";ext=",
    " DW ",
    " DW-",
    " Durchwahl ",
    " Nst. ",
    " Nebenstelle ",
    " int. ",
    " intern ",
    " poste ",
    " p. ",
    " interno ",
    " anexo ",
    " ramal ",
    " toestel ",
    " tst. ",
    " wew. ",
    " linka ",
    " доб. ",
    " mellék ",
    " (DW ",
    " (ext. ",
    " (intern ",
];
/// Between two numbers in one field.
const BETWEEN: [&str; 25] = [
    " / ",
    " / ",
    "/",
    "; ",
    ";",
    ", ",
    " | ",
    " oder ",
    " und ",
    " or ",
    " ou ",
    " o ",
    " & ",
    "\n",
    "\r\n",
    "\t",
    " - ",
    "  ",
    "   ",
    " (privat) ",
    " (G), ",
    " Mobile: ",
    ", Fax: ",
    " resp. ",
    " + Natel ",
];
/// Marks that nobody sees and that copying brings along: before and behind.
const INVISIBLE: [(&str, &str); 4] = [
    ("\u{202a}", "\u{202c}"),
    ("\u{200e}", ""),
    ("\u{feff}", ""),
    ("", "\u{200b}"),
];

/// The number with its country.
pub(crate) fn abroad(number: &Number, random: &mut Random) -> String {
    let keeps_zero = number.area.starts_with('0');
    let has_trunk_zero = number.country.trunk == "0";
    let (prefix, area) = if (keeps_zero || has_trunk_zero) && random.percent(25) {
        let prefix = random.pick(&ABROAD_WITH_ZERO);
        (prefix, number.area.trim_start_matches('0'))
    } else {
        (random.pick(&ABROAD), number.area.as_str())
    };
    let prefix = prefix.replace('C', number.country.code);
    let area = if random.percent(10) && !prefix.contains("(0)") && !prefix.ends_with('0') {
        format!("({area})")
    } else {
        area.to_owned()
    };
    format!("{prefix}{area}{}", local(number, random))
}

/// The number as it is dialled inside its country.
pub(crate) fn at_home(number: &Number, random: &mut Random) -> String {
    let (trunk, area) = (number.country.trunk, &number.area);
    // Americans leave the 1 out.
    let trunk = if trunk == "1" && random.percent(80) {
        ""
    } else {
        trunk
    };
    let start = match random.below(12) {
        0 | 1 => format!("({trunk}{area})"),
        2 if !trunk.is_empty() => format!("({trunk}){area}"),
        3 if trunk.len() != 1 || trunk != "0" => format!("{trunk} {area}"),
        _ => format!("{trunk}{area}"),
    };
    format!("{start}{}", local(number, random))
}

/// What a spreadsheet makes of a number: digits alone, the first zeros lost.
pub(crate) fn from_spreadsheet(number: &Number, random: &mut Random) -> String {
    let digits = match random.below(3) {
        0 => format!("{}{}", number.area, number.local()),
        1 => number.national(),
        _ => number.digits(),
    };
    digits.trim_start_matches('0').to_owned()
}

fn local(number: &Number, random: &mut Random) -> String {
    let area_gap = random.pick(&AREA_GAPS);
    let gap = random.pick(&GAPS);
    // Where there is no gap behind the area code, there are none behind it either, mostly.
    let gap = if area_gap.is_empty() && random.percent(80) {
        ""
    } else {
        gap
    };
    format!("{area_gap}{}", number.groups.join(gap))
}

/// A link that a program wrote.
pub(crate) fn link(number: &Number, random: &mut Random) -> String {
    let digits = number.digits();
    let (area, local) = (&number.area, number.groups.join("-"));
    let code = number.country.code;
    match random.below(9) {
        0 => format!("tel:+{digits}"),
        1 => format!("tel:+{code}-{area}-{local}"),
        2 => format!("tel:+{digits};ext={}", random.digits(3)),
        3 => format!("tel:%2B{code}%20{area}%20{}", number.local()),
        4 => format!("callto:+{digits}"),
        5 => format!("sip:+{digits}@pbx1.example.ch;user=phone"),
        6 => format!("\"Anna Muster\" <sip:+{digits}@192.0.2.17:5060>"),
        7 => format!("https://wa.me/{digits}"),
        _ => format!("tel:{area}-{local};phone-context=+{code}"),
    }
}

/// Puts around a number what people put there.
pub(crate) fn dressed(text: String, number: &Number, random: &mut Random) -> String {
    let mut text = text;
    match random.below(100) {
        0..15 => text.push_str(random.pick(&NOTES)),
        15..25 => text = with_extension(&text, random),
        // More digits than a number has can only be dialled afterwards.
        25..27 if number.country.is_closed => {
            let digits = 2 + random.below(2);
            text = format!("{text}-{}", random.digits(digits));
        }
        _ => {}
    }
    if random.percent(15) {
        text = format!("{}{text}", random.pick(&LABELS));
    }
    text
}

fn with_extension(text: &str, random: &mut Random) -> String {
    let marker = random.pick(&EXTENSIONS);
    let digits = 2 + random.below(3);
    let close = if marker.contains('(') { ")" } else { "" };
    format!("{text}{marker}{}{close}", random.digits(digits))
}

/// One field with several numbers.
pub(crate) fn joined(texts: &[String], random: &mut Random) -> String {
    texts.join(random.pick(&BETWEEN))
}

/// The same text as another keyboard or a clipboard gives it.
pub(crate) fn transcribed(text: String, random: &mut Random) -> String {
    match random.below(100) {
        0..2 => text.chars().map(|c| shifted(c, 0xFF10)).collect(),
        2 => text.chars().map(|c| shifted(c, 0x0660)).collect(),
        3 => text.chars().map(|c| shifted(c, 0x0966)).collect(),
        4..6 => {
            let (before, behind) = INVISIBLE[random.below(INVISIBLE.len())];
            format!("{before}{text}{behind}")
        }
        6..8 => format!(" {text} "),
        _ => text,
    }
}

fn shifted(c: char, zero: u32) -> char {
    c.to_digit(10)
        .and_then(|digit| char::from_u32(zero + digit))
        .unwrap_or(c)
}
