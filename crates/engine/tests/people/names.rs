//! Invented people.

use super::{Dice, Person};

const FEMALE: [&str; 40] = [
    "Anna",
    "Maria",
    "Julia",
    "Laura",
    "Sandra",
    "Nicole",
    "Claudia",
    "Katharina",
    "Elisabeth",
    "Verena",
    "Brigitte",
    "Françoise",
    "Chloé",
    "Amélie",
    "Mireille",
    "Geneviève",
    "Giulia",
    "Francesca",
    "Alessandra",
    "Chiara",
    "Federica",
    "Margaret",
    "Emily",
    "Charlotte",
    "Rebecca",
    "Susanne",
    "Barbara",
    "Martina",
    "Daniela",
    "Michaela",
    "Dragana",
    "Ayşe",
    "Svetlana",
    "Agnieszka",
    "Ruth",
    "Heidi",
    "Tamara",
    "Nadia",
    "Bettina",
    "Thérèse",
];
const MALE: [&str; 44] = [
    "Thomas",
    "Daniel",
    "Michael",
    "Andreas",
    "Peter",
    "Johannes",
    "Josef",
    "Ulrich",
    "Heinrich",
    "Walter",
    "Jürg",
    "Rüdiger",
    "Götz",
    "Matthias",
    "Stefan",
    "Christoph",
    "François",
    "Jérôme",
    "Olivier",
    "Étienne",
    "Giuseppe",
    "Giovanni",
    "Lorenzo",
    "Matteo",
    "Alessandro",
    "William",
    "Robert",
    "James",
    "Edward",
    "Oliver",
    "Martin",
    "Nikola",
    "Dragan",
    "Mehmet",
    "Sergej",
    "Tomasz",
    "Björn",
    "Luca",
    "Reto",
    "Urs",
    "Beat",
    "Franz",
    "Karl",
    "Friedrich",
];
const FEMALE_DOUBLE: [&str; 4] = ["Anne-Marie", "Marie-Claire", "Eva-Maria", "Anna-Lena"];
const MALE_DOUBLE: [&str; 5] = [
    "Hans-Peter",
    "Jean-Luc",
    "Karl-Heinz",
    "Pier-Paolo",
    "Hans-Jörg",
];
const FAMILY: [&str; 80] = [
    "Müller",
    "Meier",
    "Schmid",
    "Keller",
    "Weber",
    "Huber",
    "Schneider",
    "Steiner",
    "Fischer",
    "Gerber",
    "Brunner",
    "Baumann",
    "Frei",
    "Zimmermann",
    "Moser",
    "Widmer",
    "Wyss",
    "Graf",
    "Roth",
    "Suter",
    "Bühler",
    "Küng",
    "Hürlimann",
    "Schärer",
    "Röösli",
    "Stäheli",
    "Kälin",
    "Jäggi",
    "von Arx",
    "von Allmen",
    "van der Berg",
    "Favre",
    "Dubois",
    "Girard",
    "Lefèvre",
    "Béguin",
    "Chevalley",
    "d'Alembert",
    "de Courten",
    "Le Goff",
    "Rossi",
    "Bianchi",
    "Ferrari",
    "Bernasconi",
    "De Luca",
    "Della Valle",
    "D'Angelo",
    "Lo Russo",
    "Smith",
    "Jones",
    "Taylor",
    "O'Neill",
    "McCarthy",
    "Fitzgerald",
    "Petrović",
    "Jovanović",
    "Kovač",
    "Šimić",
    "Yılmaz",
    "Öztürk",
    "Shcherbakov",
    "Kowalczyk",
    "Wójcik",
    "Łukasiewicz",
    "Nguyen",
    "Silva Santos",
    "García",
    "Fernández López",
    "Ångström",
    "Sørensen",
    "Weiß",
    "Großmann",
    "Strauß",
    "Bäuerle",
    "Hofstetter",
    "Aeschbacher",
    "Oehler",
    "Uebersax",
    "Thommen",
    "Schönenberger",
];
const BRANCHES: [&str; 20] = [
    "Treuhand",
    "Bau",
    "Elektro",
    "Garage",
    "Immobilien",
    "Informatik",
    "Holzbau",
    "Consulting",
    "Logistik",
    "Sanitär",
    "Architektur",
    "Bäckerei",
    "Druckerei",
    "Metallbau",
    "Gartenbau",
    "Versicherung",
    "Advokatur",
    "Medizintechnik",
    "Optik",
    "Weinhandel",
];
const HEADS: [&str; 24] = [
    "Alpina", "Rigi", "Léman", "Säntis", "Helion", "Novatec", "Aare", "Bernina", "Montana",
    "Orbis", "Kronen", "Linth", "Delta", "Vega", "Sirius", "Tödi", "Rhône", "Merkur", "Arcadia",
    "Zenit", "Falken", "Gotthard", "Pilatus", "Ticino",
];
const FORMS: [&str; 8] = [
    "AG", "GmbH", "SA", "Sàrl", "S.r.l.", "Ltd", "KG", "& Co. AG",
];
const PROVIDERS: [&str; 6] = [
    "bluewin.ch",
    "gmail.com",
    "gmx.ch",
    "hotmail.com",
    "icloud.com",
    "libero.it",
];

/// The names that people have.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) female: &'static [&'static str],
    pub(crate) male: &'static [&'static str],
    pub(crate) female_double: &'static [&'static str],
    pub(crate) male_double: &'static [&'static str],
    pub(crate) family: &'static [&'static str],
}

pub(crate) const NEIGHBOURS: Names = Names {
    female: &FEMALE,
    male: &MALE,
    female_double: &FEMALE_DOUBLE,
    male_double: &MALE_DOUBLE,
    family: &FAMILY,
};

pub(crate) fn pick<'a>(rng: &mut Dice, list: &[&'a str]) -> &'a str {
    list[rng.usize(..list.len())]
}

pub(crate) fn given(rng: &mut Dice, is_female: bool) -> String {
    let is_double = rng.u8(..) < 20;
    let names = match (is_female, is_double) {
        (true, false) => rng.names.female,
        (true, true) => rng.names.female_double,
        (false, false) => rng.names.male,
        (false, true) => rng.names.male_double,
    };
    pick(rng, names).to_owned()
}

pub(crate) fn family(rng: &mut Dice) -> String {
    pick(rng, rng.names.family).to_owned()
}

pub(crate) fn company(rng: &mut Dice) -> String {
    let form = pick(rng, &FORMS);
    match rng.u8(..3) {
        0 => format!("{} {} {form}", pick(rng, &HEADS), pick(rng, &BRANCHES)),
        1 => format!("{} {form}", pick(rng, &HEADS)),
        _ => format!("{} {} {form}", family(rng), pick(rng, &BRANCHES)),
    }
}

/// Letters of an address: what a mail server's administrator writes.
fn ascii(text: &str) -> String {
    let mut ascii = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'ä' | 'æ' => ascii.push_str("ae"),
            'ö' | 'ø' => ascii.push_str("oe"),
            'ü' => ascii.push_str("ue"),
            'ß' => ascii.push_str("ss"),
            'é' | 'è' | 'ê' => ascii.push('e'),
            'á' | 'à' | 'å' => ascii.push('a'),
            'ç' | 'ć' | 'č' => ascii.push('c'),
            'ş' | 'š' => ascii.push('s'),
            'í' | 'ı' => ascii.push('i'),
            'ó' | 'ô' => ascii.push('o'),
            'ł' => ascii.push('l'),
            'a'..='z' | '-' => ascii.push(c),
            _ => {}
        }
    }
    ascii
}

pub(crate) fn domain(company: &str) -> String {
    let head = company.split(' ').next().unwrap_or_default();
    format!("{}.example", ascii(head))
}

pub(crate) fn work_email(person: &Person) -> Option<String> {
    let company = person.company.as_deref()?;
    let (given, family) = (ascii(&person.given), ascii(&person.family));
    Some(format!("{given}.{family}@{}", domain(company)))
}

pub(crate) fn private_email(rng: &mut Dice, person: &Person) -> String {
    let (given, family) = (ascii(&person.given), ascii(&person.family));
    let local = match rng.u8(..5) {
        0 => format!("{given}{}", rng.u16(1950..2005)),
        1 => format!("{given}.{family}"),
        2 => format!("{family}{}", rng.u8(1..99)),
        3 => format!("{}{family}", given.get(..1).unwrap_or_default()),
        _ => format!("sunny{}", rng.u16(..)),
    };
    format!("{local}@{}", pick(rng, &PROVIDERS))
}

/// Somebody with addresses and a further number.
pub(crate) fn person(rng: &mut Dice, company: Option<&str>) -> Person {
    let is_female = rng.bool();
    let mut person = Person {
        given: given(rng, is_female),
        family: family(rng),
        company: company.map(str::to_owned),
        is_female,
        ..Person::default()
    };
    equip(rng, &mut person);
    person
}

/// Gives somebody addresses and a further number.
pub(crate) fn equip(rng: &mut Dice, person: &mut Person) {
    person.emails.extend(work_email(person));
    if person.emails.is_empty() || rng.u8(..) < 60 {
        let private = private_email(rng, person);
        person.emails.push(private);
    }
    let number = format!("+41 44 555 {:02} {:02}", rng.u8(..100), rng.u8(..100));
    person.phones.push(number);
}
