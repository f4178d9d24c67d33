use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value as Json, json};

use super::*;
use crate::account::Account;

const SECRET: &str = "hook-secret-0123456789";
const TIME: &str = "1795336200";

fn shared() -> Arc<Shared> {
    let mut problems = Problems::default();
    let given = serde_json::from_value(json!({ "module": "person" })).unwrap();
    let account = Account::compile(&indexmap::IndexMap::new(), &given, &mut problems);
    let shared = Shared::compile(account, &indexmap::IndexMap::new(), &mut problems);
    assert_eq!(problems.into_found(), []);
    shared
}

fn compiled(settings: Json) -> (Receiver, Vec<(String, String)>) {
    let settings: NotificationSettings = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let receiver = Receiver::compile(&settings, &shared(), &mut problems);
    let found = problems.into_found().into_iter();
    let found = found.map(|problem| (problem.path, problem.message));
    (receiver, found.collect())
}

/// The receiver of a description whose proof is a secret at the end of the URL.
fn receiver(settings: &Json) -> Receiver {
    let mut all = json!({ "proof": { "kind": "url", "secret": { "value": SECRET } } });
    for (key, value) in settings.as_object().unwrap() {
        all[key] = value.clone();
    }
    let (receiver, problems) = compiled(all);
    assert_eq!(problems, []);
    receiver
}

fn sent(tail: &str, headers: &[(&str, &str)], body: &str) -> Notification {
    Notification {
        method: "POST".into(),
        path_and_query: format!("/notifications/crm/{tail}"),
        tail: tail.into(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: body.as_bytes().to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
    }
}

/// What is forgotten after this body: the ids, the numbers, and `*` for everything.
fn forgotten(receiver: &Receiver, headers: &[(&str, &str)], body: &str) -> Result<String, Refusal> {
    let changes = receiver.read(&sent(SECRET, headers, body))?;
    let mut words = changes.records;
    words.extend(changes.numbers);
    words.extend(changes.everything.then(|| "*".to_owned()));
    Ok(words.join(" "))
}

#[test]
fn the_records_of_an_event_are_forgotten() {
    let pipedrive = json!({
        "when": "event.meta.entity in [account.module, 'organization']",
        "records": { "template": "{% if event.meta.entity == 'person' %}{{ event.meta.entity_id }}{% endif %}" },
        "numbers": "$.data.phones[*].value",
    });
    let list = json!({ "events": "$[*]", "records": ["$.objectId", "$.mergedObjectIds"] });
    let header = json!({ "records": { "header": "X-Record", "pattern": "/(\\d+)$" } });
    for (settings, body, expected) in [
        (json!({}), r#"{"any": "thing"}"#, "*"),
        (
            json!({ "records": "$.data.id" }),
            r#"{"data": {"id": 51}}"#,
            "51",
        ),
        (
            json!({ "records": "$.data.id" }),
            r#"{"data": {"id": null}}"#,
            "*",
        ),
        (
            json!({ "records": "$[*].id" }),
            r#"[{"id": "b"}, {"id": "a"}, {"id": "b"}]"#,
            "a b",
        ),
        (
            list.clone(),
            r#"[{"objectId": 1}, {"objectId": 2, "mergedObjectIds": [3, 4]}]"#,
            "1 2 3 4",
        ),
        (
            list.clone(),
            r#"[{"objectId": 1}, {"companyId": 2}]"#,
            "1 *",
        ),
        (list, "[]", ""),
        (
            pipedrive.clone(),
            r#"{"meta": {"entity": "person", "entity_id": "11"}, "data": {"phones": [{"value": "079 123 45 67"}]}}"#,
            "11 079 123 45 67",
        ),
        (
            pipedrive.clone(),
            r#"{"meta": {"entity": "organization", "entity_id": "5"}}"#,
            "*",
        ),
        (
            pipedrive.clone(),
            r#"{"meta": {"entity": "deal", "entity_id": "7"}}"#,
            "",
        ),
        (pipedrive, r#"{"ping": true}"#, ""),
        (header, "{}", "17"),
    ] {
        let headers = [("x-record", "contacts/17")];
        let found = forgotten(&receiver(&settings), &headers, body);
        assert_eq!(found.as_deref(), Ok(expected), "{body}");
    }
}

#[test]
fn a_form_is_read_like_a_document() {
    let receiver = receiver(&json!({ "records": "$['data[FIELDS][ID]']" }));
    let body = "event=ONCRMCONTACTUPDATE&data%5BFIELDS%5D%5BID%5D=275&data%5BFIELDS%5D%5BID%5D=3";
    for kind in [FORM, "Application/x-www-form-urlencoded; charset=utf-8"] {
        let found = forgotten(&receiver, &[("content-type", kind)], body);
        assert_eq!(found.as_deref(), Ok("275 3"), "{kind}");
    }
    let found = forgotten(&receiver, &[("content-type", "application/json")], body);
    assert_eq!(found, Err(Refusal::Unreadable));
}

#[test]
fn a_body_of_another_shape_is_refused() {
    let receiver = receiver(&json!({ "events": "$.events[*]", "records": "$.id" }));
    for (body, expected) in [
        ("", Refusal::Unreadable),
        ("no JSON", Refusal::Unreadable),
        ("{}", Refusal::NoEvents(NoList("$.events".into()))),
        (
            r#"{"events": "x"}"#,
            Refusal::NoEvents(NoList("$.events".into())),
        ),
    ] {
        assert_eq!(forgotten(&receiver, &[], body), Err(expected), "{body}");
    }
}

fn tag(algorithm: hmac::Algorithm, secret: &str, signed: &str) -> Vec<u8> {
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let digits = digits.map(|digit| char::from_digit(digit.into(), 16).unwrap());
    digits.collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(bytes)
}

/// Whether a receiver with this proof believes a notification.
fn is_believed(proof: &Json, tail: &str, headers: &[(&str, &str)], body: &str) -> bool {
    let (receiver, problems) = compiled(json!({ "proof": proof }));
    assert_eq!(problems, []);
    match receiver.read(&sent(tail, headers, body)) {
        Ok(changes) => changes.everything,
        Err(Refusal::Unproven(_)) => false,
        Err(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn a_signature_is_checked_as_the_description_says() {
    const BODY: &str = r#"{"id": 1}"#;
    let sha256 = tag(hmac::HMAC_SHA256, SECRET, BODY);
    let sha1 = tag(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET, BODY);
    let sha512 = tag(hmac::HMAC_SHA512, SECRET, BODY);
    let timed = tag(hmac::HMAC_SHA256, SECRET, &format!("{TIME}{BODY}"));
    let foreign = tag(hmac::HMAC_SHA256, "another-secret", BODY);
    let base64_settings = json!({ "encoding": "base64", "prefix": "v1," });
    let timed_settings = json!({ "signed_header": "X-Time", "encoding": "base64" });
    for (settings, signature, expected) in [
        (json!({}), hex(&sha256), true),
        (json!({}), hex(&sha256).to_uppercase(), true),
        (json!({}), hex(&sha1), false),
        (json!({}), hex(&foreign), false),
        (json!({}), base64(&sha256), false),
        (json!({}), format!("sha256={}", hex(&sha256)), false),
        (json!({}), hex(&sha256[1..]), false),
        (json!({}), format!("{}0", hex(&sha256)), false),
        (json!({}), String::new(), false),
        (
            json!({ "prefix": "sha256=" }),
            format!("sha256={}", hex(&sha256)),
            true,
        ),
        (json!({ "prefix": "sha256=" }), hex(&sha256), false),
        (json!({ "hash": "sha1" }), hex(&sha1), true),
        (json!({ "hash": "sha512" }), hex(&sha512), true),
        (base64_settings, format!("v1,{}", base64(&sha256)), true),
        (timed_settings.clone(), base64(&timed), true),
        (timed_settings, base64(&sha256), false),
        (json!({ "signed_header": "X-Nothing" }), hex(&sha256), false),
    ] {
        let mut proof =
            json!({ "kind": "hmac", "header": "X-Signature", "secret": { "value": SECRET } });
        for (key, value) in settings.as_object().unwrap() {
            proof[key] = value.clone();
        }
        let headers = [("x-signature", signature.as_str()), ("x-time", TIME)];
        let found = is_believed(&proof, "", &headers, BODY);
        assert_eq!(found, expected, "{settings} {signature}");
        assert!(!is_believed(&proof, "", &headers, "{}"), "another body");
        assert!(!is_believed(&proof, "", &[], BODY), "no signature");
    }
}

/// The end of the URL, the headers and the body of a notification.
type Sent<'s> = (&'s str, &'s [(&'s str, &'s str)], &'s str);

#[test]
fn a_secret_counts_where_the_description_says_and_nowhere_else() {
    let secret = json!({ "value": SECRET });
    let bearer = format!("Bearer {SECRET}");
    let body = json!({ "token": SECRET }).to_string();
    let url = json!({ "kind": "url", "secret": secret });
    let header =
        json!({ "kind": "header", "name": "X-Token", "prefix": "Bearer ", "secret": secret });
    let in_body = json!({ "kind": "body", "path": "$.token", "secret": secret });
    let everywhere: [Sent<'_>; 3] = [
        (SECRET, &[], "{}"),
        ("", &[("x-token", &bearer)], "{}"),
        ("", &[], &body),
    ];
    for (right, proof) in [url, header, in_body].iter().enumerate() {
        for (place, (tail, headers, body)) in everywhere.iter().enumerate() {
            let found = is_believed(proof, tail, headers, body);
            assert_eq!(found, place == right, "{proof} {place}");
        }
        let (longer, bare) = (format!("{SECRET}0"), [("x-token", SECRET)]);
        assert!(!is_believed(proof, &longer, &bare, r#"{"token": ["", 7]}"#));
    }
    assert!(is_believed(&json!({ "kind": "none" }), "", &[], "{}"));
}

#[test]
fn every_mistake_is_reported_where_it_was_made() {
    let secret = json!({ "value": SECRET });
    for (pointer, value, path, message) in [
        (
            "/proof",
            json!({ "kind": "url", "secret": { "value": "short" } }),
            "proof.secret",
            "8 to 128",
        ),
        (
            "/proof",
            json!({ "kind": "url", "secret": { "value": "with a/slash" } }),
            "proof.secret",
            "8 to 128",
        ),
        (
            "/proof",
            json!({ "kind": "body", "path": "$.a", "secret": { "value": "short" } }),
            "proof.secret",
            "at least 8",
        ),
        (
            "/proof",
            json!({ "kind": "url", "secret": "plain-text-0123" }),
            "proof.secret",
            "by reference",
        ),
        (
            "/proof",
            json!({ "kind": "header", "name": "X Y", "secret": secret }),
            "proof.name",
            "name of a header",
        ),
        (
            "/proof",
            json!({ "kind": "hmac", "header": "X Y", "secret": secret }),
            "proof.header",
            "name of a header",
        ),
        (
            "/proof",
            json!({ "kind": "hmac", "header": "X", "signed_header": "X Y", "secret": secret }),
            "proof.signed_header",
            "name of a header",
        ),
        (
            "/proof",
            json!({ "kind": "body", "path": "token", "secret": secret }),
            "proof.path",
            "JSONPath",
        ),
        ("/events", json!("items[*]"), "events", "JSONPath"),
        ("/when", json!("hit.type == 'x'"), "when", "uses `hit`"),
        ("/when", json!("{{ event.type }}"), "when", "without {{ }}"),
        ("/records", json!("id"), "records", "JSONPath"),
        (
            "/numbers",
            json!({ "template": "{{ base_url }}" }),
            "numbers.template",
            "uses `base_url`",
        ),
    ] {
        let mut settings = json!({ "proof": { "kind": "none" } });
        settings[pointer.trim_start_matches('/')] = value.clone();
        let (receiver, found) = compiled(settings);
        let [(found_path, found_message)] = found.as_slice() else {
            panic!("{value}: one problem expected, found {found:?}");
        };
        assert_eq!(found_path, &format!("notifications.{path}"), "{value}");
        assert!(found_message.contains(message), "{value}: {found_message}");
        assert!(
            !format!("{found:?} {receiver:?}").contains(SECRET),
            "{found:?}"
        );
    }
}

#[test]
fn a_description_must_say_what_shows_that_the_crm_sent_it() {
    for settings in [
        json!({ "records": "$.id" }),
        json!({ "proof": { "kind": "url" } }),
        json!({ "proof": { "kind": "none", "secret": { "value": SECRET } } }),
        json!({ "proof": { "kind": "hmac", "header": "X", "secret": { "value": SECRET }, "hash": "md5" } }),
    ] {
        let read = serde_json::from_value::<NotificationSettings>(settings.clone());
        assert!(read.is_err(), "{settings}");
    }
}

#[test]
fn an_error_quotes_nothing_of_what_was_sent() {
    let receiver = receiver(&json!({ "events": "$.events[*]" }));
    let adapter = AdapterId::new("crm").unwrap();
    for (tail, body, kind) in [
        ("guess-0123", "{}", ErrorKind::Unauthenticated),
        (SECRET, "079 123 45 67", ErrorKind::InvalidRequest),
        (
            SECRET,
            r#"{"phone": "079 123 45 67"}"#,
            ErrorKind::InvalidRequest,
        ),
    ] {
        let refusal = receiver.read(&sent(tail, &[], body)).unwrap_err();
        let error = refusal.into_error(&adapter);
        assert_eq!(error.kind, kind);
        let text = format!("{error} {error:?}");
        for private in ["123 45", "guess", SECRET] {
            assert!(!text.contains(private), "{text}");
        }
    }
}
