use std::sync::Arc;

use serde_json::{Value as Json, json};
use whocalls_http::header::{HeaderMap, LINK};

use super::*;
use crate::{account::Account, credential::Access, shared::Shared};

fn pages(settings: Json) -> Pages {
    let settings: PagesSettings = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let scope = Scope::answer(&Account::default());
    let pages = Pages::compile(&settings, "pages", &scope, &mut problems);
    assert_eq!(problems.count(), 0, "{:?}", problems.into_found());
    pages.unwrap()
}

fn base() -> BaseUrl {
    BaseUrl::parse("base_url", "https://crm.example.com/api").unwrap()
}

/// What follows `page`, when it has this reply.
fn after(pages: &Pages, page: &Page, reply: &Json, link: Option<&str>, hits: usize) -> Next {
    let access = Access::new(base(), Arc::new(Shared::default()), Value::UNDEFINED);
    let mut headers = HeaderMap::new();
    if let Some(link) = link {
        headers.insert(LINK, link.parse().unwrap());
    }
    let reply = Hit::reply(reply, &access).with_headers(&headers);
    pages.after(page, &reply, hits, &base())
}

fn page(next: Next) -> Page {
    match next {
        Next::Page(page) => page,
        other => panic!("a page is expected: {other:?}"),
    }
}

#[test]
fn a_full_page_is_followed_by_another() {
    let pages = pages(json!({"size": 20}));
    let next = |page: &Page, hits| after(&pages, page, &json!(null), None, hits);
    let first = Page::first();
    assert_eq!(next(&first, 0), Next::End);
    assert_eq!(next(&first, 19), Next::End);
    let second = page(next(&first, 20));
    assert_eq!(second.variable().to_string(), "{'number': 2, 'offset': 20}");
    let third = page(next(&second, 20));
    assert_eq!(third.variable().to_string(), "{'number': 3, 'offset': 40}");
    assert_eq!(next(&third, 7), Next::End);
    assert!(
        matches!(next(&third, 20), Next::Cut(_)),
        "three pages are the most by default"
    );
}

#[test]
fn a_cursor_leads_to_the_next_page() {
    let pages = pages(json!({"cursor": "$.next", "max": 10}));
    let next = |page: &Page, cursor| after(&pages, page, &json!({"next": cursor}), None, 5);
    let first = Page::first();
    assert_eq!(first.variable().to_string(), "{'number': 1, 'offset': 0}");
    for no_more in [json!(null), json!(""), json!(false)] {
        assert_eq!(next(&first, no_more), Next::End);
    }
    let second = page(next(&first, json!("a")));
    let variable = second.variable().to_string();
    assert!(variable.contains("'cursor': 'a'"), "{variable}");
    assert!(
        matches!(next(&second, json!("a")), Next::Cut(_)),
        "it would never end"
    );
    assert_eq!(page(next(&second, json!(7))).cursor.as_deref(), Some("7"));
}

#[test]
fn an_address_leads_to_the_next_page_of_the_same_crm() {
    let pages = pages(json!({"next_url": "$.next"}));
    let next = |url| after(&pages, &Page::first(), &json!({"next": url}), None, 5);
    for (url, expected) in [
        (
            "https://crm.example.com/api/x?page=2",
            "https://crm.example.com/api/x?page=2",
        ),
        (
            "/services/data/query/01g-500",
            "https://crm.example.com/services/data/query/01g-500",
        ),
        ("https://crm.example.com:443/x", "https://crm.example.com/x"),
    ] {
        assert_eq!(page(next(json!(url))).url.unwrap().as_str(), expected);
    }
    for elsewhere in [
        "http://crm.example.com/x",
        "https://crm.example.com:8443/x",
        "https://other.example/x",
        "https://crm.example.com.other.example/x",
        "https://crm.example.com@other.example/x",
        "//other.example/x",
        "javascript:alert(1)",
    ] {
        assert!(
            matches!(next(json!(elsewhere)), Next::Cut(_)),
            "{elsewhere}"
        );
    }
    assert_eq!(next(json!(null)), Next::End);
    let second = page(next(json!("/a")));
    let again = after(&pages, &second, &json!({"next": "/a"}), None, 5);
    assert!(matches!(again, Next::Cut(_)), "it would never end");
}

#[test]
fn the_header_link_leads_to_the_next_page() {
    let pages = pages(json!({"next_url": {"header": "Link"}}));
    let next = |link| after(&pages, &Page::first(), &json!(null), Some(link), 5);
    for link in [
        r#"<https://crm.example.com/x?page=2>; rel="next""#,
        "</x?page=2>; rel=next",
        r#"<https://crm.example.com/x>; rel="prev", <https://crm.example.com/x?page=2>; rel="next""#,
        r#"</x?page=2>; title="a, b"; REL="last Next", </x>; rel="first""#,
    ] {
        let url = page(next(link)).url.unwrap();
        assert_eq!(url.as_str(), "https://crm.example.com/x?page=2", "{link}");
    }
    for link in [
        r#"</x>; rel="prev""#,
        "</x>",
        "<",
        "<>",
        r#"</x>; title="next""#,
    ] {
        assert_eq!(next(link), Next::End, "{link}");
    }
}

#[test]
fn pages_are_asked_for_in_one_way() {
    for (settings, expected) in [
        (json!({}), "pages"),
        (json!({"size": 20, "cursor": "$.next"}), "pages"),
        (json!({"size": 0}), "pages.size"),
        (json!({"size": 20, "max": 11}), "pages.max"),
        (json!({"cursor": "next"}), "pages.cursor"),
    ] {
        let settings: PagesSettings = serde_json::from_value(settings).unwrap();
        let mut problems = Problems::default();
        let scope = Scope::answer(&Account::default());
        drop(Pages::compile(&settings, "pages", &scope, &mut problems));
        let found = problems.into_found();
        let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, [expected]);
    }
}
