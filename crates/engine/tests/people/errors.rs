//! What happens to a name on its way into a CRM.

use whocalls_core::ContactRecord;

use super::{Dice, Person, names};

/// Short forms that colleagues use, from the author's own address book of sorts: some of them no
/// list of nicknames has.
const CALLED: [(&str, &[&str]); 34] = [
    ("Thomas", &["Tom", "Thömu"]),
    ("Daniel", &["Dani", "Dan"]),
    ("Michael", &["Michi", "Mike"]),
    ("Andreas", &["Andi", "Res"]),
    ("Peter", &["Pit", "Pesche"]),
    ("Johannes", &["Hannes", "Hans"]),
    ("Josef", &["Sepp", "Jos"]),
    ("Ulrich", &["Ueli", "Uli"]),
    ("Heinrich", &["Heiri", "Heinz"]),
    ("Walter", &["Walti"]),
    ("Jürg", &["Jürgen", "Jüre"]),
    ("Matthias", &["Mätthu", "Matti"]),
    ("Stefan", &["Steff", "Stephan"]),
    ("Christoph", &["Chris", "Stöff"]),
    ("Giuseppe", &["Beppe", "Pino"]),
    ("Giovanni", &["Gianni", "Nanni"]),
    ("Alessandro", &["Sandro", "Ale"]),
    ("William", &["Bill", "Will"]),
    ("Robert", &["Bob", "Röbi"]),
    ("James", &["Jim"]),
    ("Edward", &["Ted", "Ed"]),
    ("Katharina", &["Käthi", "Kathi", "Trina"]),
    ("Elisabeth", &["Lisbeth", "Betty", "Sisi"]),
    ("Verena", &["Vreni"]),
    ("Barbara", &["Babs", "Bäbi"]),
    ("Susanne", &["Susi", "Sanne"]),
    ("Margaret", &["Maggie", "Peggy"]),
    ("Rebecca", &["Becky"]),
    ("Francesca", &["Franca", "Cesca"]),
    ("Martina", &["Tina"]),
    ("Michaela", &["Michi", "Ela"]),
    ("Friedrich", &["Fritz", "Fredy"]),
    ("Franz", &["Franzl"]),
    ("Karl", &["Kari", "Charly"]),
];
const TITLES: [&str; 9] = [
    "Dr.",
    "Prof. Dr.",
    "Dr. med.",
    "Dipl. Ing.",
    "lic. iur.",
    "Ing.",
    "Me",
    "Dott.",
    "Avv.",
];
const TOWNS: [&str; 8] = [
    "Zürich",
    "Bern",
    "Genève",
    "Lugano",
    "Olten",
    "Gümligen",
    "Brig",
    "Kreuzlingen",
];
/// The rows of a Swiss keyboard: a wrong key is a neighbour.
const ROWS: [&str; 3] = ["qwertzuiopü", "asdfghjklöä", "yxcvbnm"];

fn chance(rng: &mut Dice, percent: u8) -> bool {
    rng.u8(..100) < percent
}

/// The name as somebody typed or imported it.
pub(crate) fn written(rng: &mut Dice, person: &Person) -> String {
    let mut given = person.given.clone();
    let mut family = person.family.clone();
    if chance(rng, 6)
        && let Some((_, called)) = CALLED.iter().find(|(name, _)| *name == given)
    {
        given = names::pick(rng, called).to_owned();
    }
    if chance(rng, 12) {
        (given, family) = (transliterated(&given), transliterated(&family));
    } else if chance(rng, 10) {
        (given, family) = (stripped(&given), stripped(&family));
    }
    if chance(rng, 3) {
        family = mistyped(rng, &family);
    }
    if chance(rng, 2) {
        given = mistyped(rng, &given);
    }
    if chance(rng, 20) {
        given = given.replace('-', if rng.bool() { " " } else { "" });
    }
    if chance(rng, 3) {
        let second = names::given(rng, person.is_female);
        given = format!("{given} {second}");
    }
    if chance(rng, 2) {
        let own = names::family(rng);
        family = format!("{family}-{own}");
    }
    if chance(rng, 1) {
        given = format!("{}.", given.chars().next().unwrap_or('X'));
    }
    let suffix = if person.suffix.is_empty() {
        String::new()
    } else {
        format!(" {}", person.suffix)
    };
    let mut name = match rng.u8(..100) {
        0..12 => format!("{family}{suffix}, {given}"),
        12..20 => format!("{family} {given}{suffix}"),
        _ => format!("{given} {family}{suffix}"),
    };
    if chance(rng, 8) {
        name = format!("{} {name}", names::pick(rng, &TITLES));
    }
    if chance(rng, 6) {
        let address = if person.is_female { "Frau" } else { "Herr" };
        name = format!("{address} {name}");
    }
    if chance(rng, 5) {
        name = name.to_uppercase();
    } else if chance(rng, 4) {
        name = name.to_lowercase();
    }
    if chance(rng, 3) {
        name.push_str(" (privat)");
    }
    if chance(rng, 1) {
        // A field of a mainframe.
        name = name.chars().take(18).collect();
    }
    name
}

/// The other fields, some of them missing, some of them different.
pub(crate) fn fill(rng: &mut Dice, person: &Person, record: &mut ContactRecord) {
    if let Some(company) = &person.company
        && !chance(rng, 20)
    {
        record.company = Some(company_written(rng, company));
    }
    for email in &person.emails {
        if !chance(rng, 45) {
            let is_shouted = chance(rng, 5);
            let email = if is_shouted {
                email.to_uppercase()
            } else {
                email.clone()
            };
            record.emails.push(email);
        }
    }
    if let Some(company) = &person.company
        && chance(rng, 10)
    {
        record.emails = vec![format!("info@{}", names::domain(company))];
    }
    for number in &person.phones {
        if !chance(rng, 60) {
            record.phones.push(number.clone());
        }
    }
}

fn company_written(rng: &mut Dice, company: &str) -> String {
    let mut words: Vec<&str> = company.split(' ').collect();
    if chance(rng, 25) && words.len() > 1 {
        words.pop();
        if words.last() == Some(&"Co.") {
            words.truncate(words.len() - 2);
        }
    }
    let mut name = words.join(" ");
    if chance(rng, 12) {
        name = format!("{name}, {}", names::pick(rng, &TOWNS));
    }
    if chance(rng, 10) {
        name = stripped(&name);
    }
    if chance(rng, 5) {
        name = mistyped(rng, &name);
    }
    if chance(rng, 5) {
        name = name.to_uppercase();
    }
    name
}

/// As passports write it (ICAO Doc 9303, part 3, table 3).
fn transliterated(text: &str) -> String {
    let letters = text.chars().map(|c| match c {
        'ä' | 'æ' => "ae".to_owned(),
        'ö' | 'ø' => "oe".to_owned(),
        'ü' => "ue".to_owned(),
        'ß' => "ss".to_owned(),
        'å' => "aa".to_owned(),
        'Ö' => "Oe".to_owned(),
        'Å' => "Aa".to_owned(),
        'ı' => "i".to_owned(),
        'ş' => "s".to_owned(),
        'ł' => "l".to_owned(),
        'Ł' => "L".to_owned(),
        other => stripped(&other.to_string()),
    });
    letters.collect()
}

/// As a program writes it that knows ASCII only and looks for the nearest letter.
fn stripped(text: &str) -> String {
    let nearest = |c: char| match c {
        'ä' | 'à' | 'â' | 'á' | 'å' => 'a',
        'ö' | 'ó' | 'ò' | 'ô' | 'ø' => 'o',
        'ü' | 'ú' | 'ù' => 'u',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ç' | 'ć' | 'č' => 'c',
        'š' | 'ş' | 'ß' => 's',
        'ž' => 'z',
        'í' | 'ï' | 'î' | 'ı' => 'i',
        'ñ' => 'n',
        'ł' => 'l',
        'Ö' => 'O',
        'Å' => 'A',
        'Ü' => 'U',
        'Š' => 'S',
        'Ł' => 'L',
        'É' => 'E',
        other => other,
    };
    text.chars().map(nearest).collect()
}

/// One slip of the fingers.
fn mistyped(rng: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let position = rng.usize(1..letters.len());
    match rng.u8(..4) {
        0 => {
            letters.remove(position);
        }
        1 => letters.insert(position, letters[position]),
        2 => letters.swap(position - 1, position),
        _ => {
            let letter = letters[position];
            if let Some(row) = ROWS.iter().find(|row| row.contains(letter)) {
                let keys: Vec<char> = row.chars().collect();
                let place = keys.iter().position(|key| *key == letter).unwrap();
                letters[position] = keys[if place == 0 { 1 } else { place - 1 }];
            }
        }
    }
    letters.into_iter().collect()
}
