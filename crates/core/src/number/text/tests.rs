use super::*;

/// The digits and the extension of each number.
fn read(text: &str) -> Vec<(String, Option<String>)> {
    let numbers = NumberText::all(text).into_iter();
    numbers
        .map(|number| (number.digits, number.extension))
        .collect()
}

fn digits(text: &str) -> Vec<String> {
    read(text).into_iter().map(|(digits, _)| digits).collect()
}

#[test]
fn extensions_of_many_languages_are_told_from_notes() {
    let cases = [
        ("ext. 12", Some("12")),
        ("Ext: 12", Some("12")),
        ("x34", Some("34")),
        ("x. 34", Some("34")),
        ("extension 4711", Some("4711")),
        ("int. 7", Some("7")),
        ("intern 12", Some("12")),
        ("DW 12", Some("12")),
        ("DW-12", Some("12")),
        ("(DW 12)", Some("12")),
        ("Durchwahl 12", Some("12")),
        ("Durchwahl Nr. 12", Some("12")),
        ("Nst. 12", Some("12")),
        ("Klappe 12", Some("12")),
        ("poste 12", Some("12")),
        ("interno 12", Some("12")),
        ("anexo 12", Some("12")),
        ("ramal 12", Some("12")),
        ("toestel 12", Some("12")),
        ("wew. 12", Some("12")),
        ("linka 12", Some("12")),
        ("доб. 12", Some("12")),
        ("内線12", Some("12")),
        ("#12", Some("12")),
        (";ext=12", Some("12")),
        (", 12", Some("12")),
        (",,12", Some("12")),
        (", ext 123456", Some("123456")),
        ("p12", Some("12")),
        ("(Büro) DW 12", Some("12")),
        ("(privat)", None),
        ("[Büro]", None),
        ("privat", None),
        ("(ab 18 Uhr)", None),
        ("(bitte nur abends)", None),
        ("(2. Stock)", None),
        ("*", None),
        ("📞", None),
        ("– Zentrale", None),
    ];
    for (behind, extension) in cases {
        let expected = vec![("0445550123".to_owned(), extension.map(str::to_owned))];
        assert_eq!(
            read(&format!("044 555 01 23 {behind}")),
            expected,
            "{behind}"
        );
    }
}

#[test]
fn what_stands_before_a_number_is_no_part_of_it() {
    for before in [
        "Tel. ",
        "Tel:",
        "Mobile: ",
        "T ",
        "☎ ",
        "(privat) ",
        "(2. Stock) ",
        "ab 18 Uhr ",
        "Tel 2: ",
        "\"Anna\" <",
        "callto://",
        "https://wa.me/",
        "*31#",
        "#31#",
        "–",
        "\u{202a}",
    ] {
        assert_eq!(
            digits(&format!("{before}0445550123")),
            ["0445550123"],
            "{before}"
        );
    }
}

#[test]
fn a_field_holds_several_numbers() {
    for between in [
        ";",
        ", ",
        " | ",
        "\n",
        "\r\n",
        "\t",
        " & ",
        " oder ",
        " or ",
        " ou ",
        " oppure ",
        " und ",
        " bzw. ",
        " (privat) ",
        " (P), ",
        " Mobile: ",
        " DW 12, ",
    ] {
        let text = format!("044 555 01 23{between}079/123.45.67");
        assert_eq!(digits(&text), ["0445550123", "0791234567"], "{text:?}");
    }
    assert_eq!(
        digits("+41 44 555 01 23 +41 79 123 45 67"),
        ["41445550123", "41791234567"]
    );
    assert_eq!(
        digits("021/552.20.00, 079/123 45 67"),
        ["0215522000", "0791234567"]
    );
}

#[test]
fn one_number_stays_one() {
    for text in [
        "044 555 01 23",
        "044.555.01.23",
        "044/555 01 23",
        "044'555'01'23",
        "(044) 555-01-23",
        "044, 555 01 23",
        "044_555_01_23",
        "044\t555 01 23",
        "0 4 4 5 5 5 0 1 2 3",
        "[044] 5550123",
        "044·555·01·23",
        "044–555–01–23",
    ] {
        assert_eq!(digits(text), ["0445550123"], "{text:?}");
    }
    assert_eq!(digits(""), [""]);
    assert_eq!(digits("hello"), [""]);
    assert_eq!(digits("0800 FLOWER"), ["0800"]);
    assert_eq!(
        NumberText::read("0800 FLOWER").letters(),
        Some("0800 FLOWER")
    );
}

#[test]
fn the_optional_zero_is_left_out_only_behind_other_digits() {
    for text in [
        "+41 (0)21 552 20 00",
        "+41(0)215522000",
        "+41 ( 0 ) 21 552 20 00",
        "+41-(0)-21-5522000",
        "+41 [0] 21 552 20 00",
    ] {
        let number = NumberText::read(text);
        assert_eq!(number.digits(), "41215522000", "{text}");
        assert_eq!(
            number.digits_with_zero().as_deref(),
            Some("410215522000"),
            "{text}"
        );
    }
    for text in ["(021) 5522000", "(0)21 552 20 00"] {
        let number = NumberText::read(text);
        assert_eq!(number.digits(), "0215522000", "{text}");
        assert_eq!(number.digits_with_zero(), None, "{text}");
    }
}

#[test]
fn international_prefixes_are_recognised() {
    for text in [
        "+41 21 552",
        "0041 21 552",
        "00 41 21 552",
        "+0041 21 552",
        "(+41) 21 552",
        "+(41) 21552",
        "++4121552",
        "tel:+4121552",
    ] {
        assert_eq!(
            NumberText::read(text).international(),
            Some("4121552"),
            "{text}"
        );
    }
    assert_eq!(NumberText::read("021 552 20").international(), None);
}

#[test]
fn parts_keep_what_belongs_to_them() {
    let number = NumberText::read("+41 21 552 20 00 / 079 123 45 67 x 5");
    let first = number.part(0, 11);
    assert_eq!(
        (first.digits(), first.has_plus(), first.extension()),
        ("41215522000", true, None)
    );
    let second = number.part(11, 21);
    assert_eq!((second.digits(), second.has_plus()), ("0791234567", false));
    assert_eq!(second.extension(), Some("5"));
    let at: Vec<usize> = second.breaks().iter().map(|place| place.at).collect();
    assert_eq!(at, [3, 6, 8]);
}
