//! The usual titles of columns: those of exports from Outlook and Google Contacts, and the plain
//! words that people use, in English, German, French and Italian.
//!
//! Titles are compared as [`folded`] makes them.

/// The file's own id.
pub(crate) const ID: &[&str] = &[
    "id",
    "uid",
    "contactid",
    "recordid",
    "kontaktid",
    "identifiant",
];
/// A full name; see also [`LAST_NAME_BESIDE_FIRST`].
pub(crate) const NAME: &[&str] = &[
    "fullname",
    "displayname",
    "contactname",
    "name",
    "contact",
    "kontakt",
    "kontaktname",
    "ansprechpartner",
    "anzeigename",
    "vollständigername",
    "nomcomplet",
    "nomaffiché",
    "nomecompleto",
    "nominativo",
    "nom",
    "nome",
];
/// A first name.
pub(crate) const FIRST_NAME: &[&str] = &[
    "firstname",
    "givenname",
    "forename",
    "vorname",
    "prénom",
    "prenom",
    "nome",
];
/// A last name.
pub(crate) const LAST_NAME: &[&str] = &[
    "lastname",
    "familyname",
    "surname",
    "nachname",
    "familienname",
    "nomdefamille",
    "cognome",
];
/// These mean the last name in a table that has first names and no other last names:
/// `Vorname;Name`, `Prénom;Nom`.
pub(crate) const LAST_NAME_BESIDE_FIRST: &[&str] = &["name", "nom"];
/// A company.
pub(crate) const COMPANY: &[&str] = &[
    "company",
    "companyname",
    "organization",
    "organisation",
    "organizationname",
    "organization1name",
    "account",
    "accountname",
    "firma",
    "firmenname",
    "unternehmen",
    "société",
    "societe",
    "entreprise",
    "raisonsociale",
    "azienda",
    "società",
    "societa",
    "ditta",
    "ragionesociale",
];
/// A link to the contact.
pub(crate) const CONTACT_URL: &[&str] = &[
    "contacturl",
    "contacturi",
    "contactlink",
    "recordurl",
    "kontaktlink",
    "url",
    "link",
    "website",
    "webpage",
    "webseite",
    "website1value",
    "siteweb",
    "pageweb",
    "sitoweb",
    "paginaweb",
];
/// A link to the company.
pub(crate) const COMPANY_URL: &[&str] = &["companyurl", "companyuri", "companylink", "firmenlink"];
/// When the contact was changed.
pub(crate) const MODIFIED: &[&str] = &[
    "modified",
    "modifiedat",
    "lastmodified",
    "datemodified",
    "updated",
    "updatedat",
    "geändert",
    "geändertam",
    "letzteänderung",
    "änderungsdatum",
    "modifié",
    "modifiéle",
    "modificato",
    "ultimamodifica",
];
/// A word of a title that begins like this is about a telephone.
const PHONE_WORDS: &[&str] = &[
    "mobil",
    "handy",
    "natel",
    "cell",
    "portable",
    "gsm",
    "rufnummer",
    "festnetz",
    "durchwahl",
    "direktwahl",
    "zentrale",
    "switchboard",
];
/// A title that contains one of these is about a telephone.
const PHONE_PARTS: &[&str] = &["phone", "telefon", "telephon", "téléphon"];
/// A title that contains one of these is no number that the contact calls from.
const NO_PHONE_PARTS: &[&str] = &[
    "fax",
    "phonetic",
    "pager",
    "assistant",
    "assistent",
    "extension",
    "nebenstelle",
];
/// A title with one of these words describes another column.
const LABEL_WORDS: &[&str] = &["label", "type", "typ", "ext"];

/// A title as it is compared: letters and digits, in lower case.
pub(crate) fn folded(title: &str) -> String {
    let letters = title.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn words(title: &str) -> Vec<String> {
    title
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_owned)
        .collect()
}

/// Whether the column holds numbers that the contact calls from.
pub(crate) fn is_phone(title: &str) -> bool {
    let lower = title.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let words = words(title);
    let is_phone_word = |word: &String| {
        matches!(word.as_str(), "tel" | "tél")
            || PHONE_WORDS.iter().any(|start| word.starts_with(start))
    };
    (has(PHONE_PARTS) || words.iter().any(is_phone_word))
        && !has(NO_PHONE_PARTS)
        && !is_label(&words)
}

/// Whether the column holds e-mail addresses.
pub(crate) fn is_email(title: &str) -> bool {
    const ADDRESS: &[&str] = &[
        "email",
        "courriel",
        "adressedemessagerie",
        "postaelettronica",
    ];
    let folded = folded(title);
    let is_address = ADDRESS.iter().any(|part| folded.contains(part)) || folded == "mail";
    is_address && !is_label(&words(title))
}

fn is_label(words: &[String]) -> bool {
    words
        .iter()
        .any(|word| LABEL_WORDS.contains(&word.as_str()))
}
