//! Further pages, in the three ways in which CRMs offer them.

use serde_json::json;
use whocalls_testkit::upstream::{Request, Response};

use super::{Crm, mia, ok, stranger};

const FIELDS: &str = r#"fields = { id = "$.id", name = "$.name", phones = "$.phone" }"#;

/// A description of one request that asks for pages like this.
fn described(pages: &str, query: &str) -> String {
    format!(
        r#"
[lookup]
path = "/contacts"
query = {{ phone = "{{{{ number.nsn }}}}"{query} }}
hits = "$.items[*]"
pages = {{ {pages} }}
{FIELDS}
"#
    )
}

/// Pages of two contacts. Mia is the second on page `place`; page `last` is half full.
fn page(number: u32, place: u32, last: u32) -> Vec<serde_json::Value> {
    let second = if number == place {
        mia(number * 10)
    } else {
        stranger(number * 10)
    };
    if number < last {
        vec![stranger(number), second]
    } else {
        vec![second]
    }
}

fn number(request: &Request, name: &str) -> u32 {
    let text = request.query_value(name);
    text.map_or(0, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn full_pages_are_followed_by_others() {
    for (query, name, per_page) in [
        (r#", page = "{{ page.number }}""#, "page", 1),
        (r#", offset = "{{ page.offset }}""#, "offset", 2),
    ] {
        let crm = Crm::start(&described("size = 2", query), move |request| {
            let number = number(request, name) / per_page + u32::from(name == "offset");
            ok(&json!({"items": page(number, 2, 3)}))
        });
        let answer = crm.look_up().await.expect("an answer");
        assert_eq!(answer.matches().len(), 1, "{name}");
        assert!(!answer.is_truncated(), "{name}: the third page is not full");
        assert_eq!(crm.asked().len(), 3, "{name}");
    }
}

#[tokio::test]
async fn a_cursor_leads_from_page_to_page() {
    let query = r#", cursor = "{{ page.cursor }}""#;
    let crm = Crm::start(&described(r#"cursor = "$.next""#, query), |request| {
        let number = number(request, "cursor").max(1);
        let next = (number < 3).then(|| (number + 1).to_string());
        ok(&json!({"items": page(number, 3, 3), "next": next}))
    });
    let answer = crm.look_up().await.expect("an answer");
    assert_eq!(answer.matches().len(), 1);
    assert!(!answer.is_truncated());
    assert_eq!(
        crm.asked(),
        [
            "/contacts?phone=791234567",
            "/contacts?phone=791234567&cursor=2",
            "/contacts?phone=791234567&cursor=3",
        ],
        "there is no cursor of the first page"
    );
}

#[tokio::test]
async fn an_address_leads_from_page_to_page() {
    for pages in [
        r#"next_url = "$.next""#,
        r#"next_url = { header = "Link" }"#,
    ] {
        let crm = Crm::start(&described(pages, ""), |request| {
            let number = number(request, "page").max(1);
            let next = format!("/contacts?phone=791234567&page={}", number + 1);
            if number == 2 {
                return ok(&json!({"items": page(number, 2, 2)}));
            }
            ok(&json!({"items": page(number, 2, 2), "next": next}))
                .with_header("link", &format!("<{next}>; rel=\"next\""))
        });
        let answer = crm.look_up().await.expect("an answer");
        assert_eq!(answer.matches().len(), 1, "{pages}");
        assert!(!answer.is_truncated(), "{pages}");
        let asked = crm.asked();
        assert_eq!(asked.last().unwrap(), "/contacts?phone=791234567&page=2");
        assert_eq!(asked.len(), 2, "{pages}");
    }
}

#[tokio::test]
async fn pages_have_an_end() {
    for (pages, query, most) in [
        ("size = 2", r#", page = "{{ page.number }}""#, 3),
        ("size = 2, max = 5", r#", page = "{{ page.number }}""#, 5),
        (
            r#"cursor = "$.next""#,
            r#", cursor = "{{ page.cursor }}""#,
            3,
        ),
        (r#"next_url = "$.url", max = 2"#, "", 2),
    ] {
        let crm = Crm::start(&described(pages, query), |request| {
            let cursor = number(request, "cursor") + 1;
            let url = format!("/contacts?cursor={cursor}");
            ok(&json!({"items": [mia(cursor), stranger(2)], "next": cursor, "url": url}))
        });
        let answer = crm.look_up().await.expect("an answer");
        assert!(!answer.is_empty());
        assert!(answer.is_truncated(), "{pages}: there is more");
        assert_eq!(crm.asked().len(), most, "{pages}");
    }
}

#[tokio::test]
async fn no_page_is_asked_for_elsewhere() {
    let elsewhere = Crm::start(
        &described("size = 2", r#", page = "{{ page.number }}""#),
        |_| Response::status(500),
    );
    let url = format!("{}/contacts", elsewhere.upstream.url());
    let crm = Crm::start(&described(r#"next_url = "$.next""#, ""), move |_| {
        ok(&json!({"items": [mia(1)], "next": url}))
    });
    let answer = crm.look_up().await.expect("an answer");
    assert_eq!(answer.matches().len(), 1);
    assert!(answer.is_truncated());
    assert_eq!(elsewhere.asked().len(), 0);
}

/// Pages hold more than the hits: other kinds of records, and gaps.
#[tokio::test]
async fn a_page_is_as_full_as_its_list() {
    let settings = described(
        "size = 2",
        r#", page = "{{ page.number }}", offset = "{{ page.offset }}""#,
    )
    .replace("$.items[*]", "$.items[?@.type == 'person']");
    let crm = Crm::start(&settings, |request| {
        let mut mia = mia(1);
        mia["type"] = json!("person");
        let company = json!({"id": 9, "type": "company"});
        ok(&match number(request, "page") {
            1 => json!({"items": [company, company]}),
            2 => json!({"items": [company, null]}),
            _ => json!({"items": [mia]}),
        })
    });
    let answer = crm.look_up().await.expect("an answer");
    assert_eq!(answer.matches().len(), 1);
    assert!(
        crm.asked()[2].ends_with("&page=3&offset=4"),
        "{:?}",
        crm.asked()
    );
}
