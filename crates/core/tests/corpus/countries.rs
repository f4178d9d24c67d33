//! How numbers look in the countries of the corpus, from their published numbering plans (ITU-T
//! E.164, national numbering plans) and telephone directories.

/// A country.
#[derive(Debug)]
pub(crate) struct Country {
    pub(crate) region: &'static str,
    pub(crate) code: &'static str,
    /// What is dialled before the area code inside the country.
    pub(crate) trunk: &'static str,
    /// Whether every number has the same length, so that more digits are an extension.
    pub(crate) is_closed: bool,
    pub(crate) lines: &'static [Line],
}

/// Area or network codes, and how the digits behind them are grouped: `322` is `123 45 67`.
#[derive(Debug)]
pub(crate) struct Line(pub(crate) &'static str, pub(crate) &'static str);

const fn country(
    region: &'static str,
    code: &'static str,
    trunk: &'static str,
    lines: &'static [Line],
) -> Country {
    Country {
        region,
        code,
        trunk,
        is_closed: true,
        lines,
    }
}

const fn open(
    region: &'static str,
    code: &'static str,
    trunk: &'static str,
    lines: &'static [Line],
) -> Country {
    Country {
        region,
        code,
        trunk,
        is_closed: false,
        lines,
    }
}

pub(crate) const COUNTRIES: [Country; 22] = [
    country(
        "CH",
        "41",
        "0",
        &[
            Line(
                "21 22 26 27 31 32 33 34 41 43 44 52 55 56 61 62 71 81 91",
                "322 34 7",
            ),
            Line("76 77 78 79", "322 34 7"),
        ],
    ),
    open(
        "DE",
        "49",
        "0",
        &[
            Line("30 40 69 89", "44 2222 34 322 8 7"),
            Line("221 711 911 6221", "222 33 6 7 34"),
            Line("151 170 171 176", "44 34 2222 8"),
        ],
    ),
    open(
        "AT",
        "43",
        "0",
        &[
            Line("1", "34 322 7"),
            Line("316 512 662 732", "222 33 6"),
            Line("650 664 676", "34 322 7"),
        ],
    ),
    country("FR", "33", "0", &[Line("1 2 3 4 5 6 9", "2222 8 44")]),
    open(
        "IT",
        "39",
        "",
        &[
            Line("02 06", "44 8 2222 34"),
            Line("011 051 055 081", "34 7 322 33 6"),
            Line("320 328 335 338 347 348 349", "34 7 322"),
        ],
    ),
    country(
        "LI",
        "423",
        "",
        &[Line("232 233 237 238", "22 4"), Line("791 792", "22 4")],
    ),
    country(
        "GB",
        "44",
        "0",
        &[
            Line("20", "44 8"),
            Line("121 131 161", "34 7"),
            Line("1223 1865", "33 6"),
            Line("7712 7801 7540 7921", "33 6"),
        ],
    ),
    country(
        "IE",
        "353",
        "0",
        &[Line("1 21", "34 7 322"), Line("85 86 87", "34 7")],
    ),
    country(
        "US",
        "1",
        "1",
        &[Line("212 312 415 503 617 650 713", "34 7")],
    ),
    country(
        "ES",
        "34",
        "",
        &[
            Line("91 93", "322 34 7 223"),
            Line("612 620 655 666", "33 222 6"),
        ],
    ),
    country(
        "PT",
        "351",
        "",
        &[Line("21 22", "34 322 7"), Line("91 93 96", "34 322 7")],
    ),
    country(
        "NL",
        "31",
        "0",
        &[Line("10 20 30 70", "34 322 7"), Line("6", "44 2222 8")],
    ),
    country(
        "BE",
        "32",
        "0",
        &[
            Line("2 3 9", "322 34 7"),
            Line("470 475 486 497", "222 33 6"),
        ],
    ),
    country(
        "PL",
        "48",
        "",
        &[Line("12 22 61", "322 7"), Line("501 602 691", "33 6")],
    ),
    country(
        "CZ",
        "420",
        "",
        &[Line("222 233 541", "33 6"), Line("603 724 777", "33 6")],
    ),
    open(
        "SE",
        "46",
        "0",
        &[
            Line("8", "323 33 6 8"),
            Line("31 40", "222 322 7"),
            Line("70 73 76", "322 34 7"),
        ],
    ),
    country("DK", "45", "", &[Line("31 33 40 51 70", "222 6 33")]),
    country(
        "NO",
        "47",
        "",
        &[Line("22 55", "222 6"), Line("412 905 934", "23 5")],
    ),
    country(
        "HU",
        "36",
        "06",
        &[Line("1", "34 7"), Line("20 30 70", "34 7")],
    ),
    country(
        "RU",
        "7",
        "8",
        &[Line("495 812", "322 7 34"), Line("903 916 926", "322 7 34")],
    ),
    country(
        "TR",
        "90",
        "0",
        &[Line("212 216 312", "322 7"), Line("532 542 555", "322 7")],
    ),
    country(
        "AU",
        "61",
        "0",
        &[Line("2 3 7 8", "44 8"), Line("412 418", "33 6")],
    ),
];
