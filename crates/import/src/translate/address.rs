//! Addresses of requests: what all requests share, the path, and the parameters.

use crate::expression::Expression;

/// An address in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme and host, or the parameter that holds them.
    pub(super) base: Expression,
    /// Begins with a slash.
    pub(super) path: Expression,
    pub(super) query: Vec<(String, Expression)>,
}

/// Takes an address apart. The second is whether a part of it was only sent under a condition.
pub(super) fn split(url: &Expression) -> (Address, bool) {
    // `{{if .X}}https://…{{end}}` sends nothing without X.
    if let Expression::Choice {
        then, otherwise, ..
    } = url
        && otherwise
            .constant()
            .is_some_and(|text| text.trim().is_empty())
    {
        return (split(then).0, true);
    }
    let parts = match url {
        Expression::Join(parts) => parts.clone(),
        one => vec![one.clone()],
    };
    let (base, rest) = base(parts);
    let (path, query) = path(rest);
    let address = Address {
        base,
        path,
        query: pairs(query),
    };
    (address, false)
}

/// The base, and what stands behind it.
fn base(parts: Vec<Expression>) -> (Expression, Vec<Expression>) {
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return (Expression::empty(), Vec::new());
    };
    let rest: Vec<Expression> = parts.collect();
    match first {
        Expression::Text(text) => {
            let (scheme, behind) = match text.split_once("://") {
                Some((scheme, behind)) => (format!("{scheme}://"), behind.to_owned()),
                None => ("https://".to_owned(), text),
            };
            let mut all = vec![Expression::Text(behind)];
            all.extend(rest);
            host(vec![Expression::Text(scheme)], all)
        }
        value => match rest.first() {
            // `[Company].example.com/api`
            Some(Expression::Text(text)) if text.starts_with(['.', ':']) => {
                host(vec![Expression::Text("https://".to_owned()), value], rest)
            }
            _ => (value, rest),
        },
    }
}

/// Takes parts up to the first slash.
fn host(mut base: Vec<Expression>, parts: Vec<Expression>) -> (Expression, Vec<Expression>) {
    let mut rest = Vec::new();
    let mut is_over = false;
    for part in parts {
        match part {
            Expression::Text(text) if !is_over => {
                let end = text.find(['/', '?', '#']).unwrap_or(text.len());
                let (before, behind) = text.split_at_checked(end).unwrap_or((&text, ""));
                base.push(Expression::Text(before.to_owned()));
                is_over = end < text.len();
                rest.push(Expression::Text(behind.to_owned()));
            }
            part if is_over => rest.push(part),
            part => base.push(part),
        }
    }
    (Expression::join(base), rest)
}

/// The path, and the parts of the query.
fn path(parts: Vec<Expression>) -> (Expression, Vec<Expression>) {
    let mut path = Vec::new();
    let mut query: Option<Vec<Expression>> = None;
    for part in parts {
        match (&mut query, part) {
            (None, Expression::Text(text)) if text.contains('?') => {
                let (before, behind) = text.split_once('?').unwrap_or((&text, ""));
                path.push(Expression::Text(before.to_owned()));
                query = Some(vec![Expression::Text(behind.to_owned())]);
            }
            (None, part) => path.push(part),
            (Some(query), part) => query.push(part),
        }
    }
    let path = match Expression::join(path) {
        Expression::Join(parts) => parts,
        one => vec![one],
    };
    let has_slash = matches!(path.first(), Some(Expression::Text(text)) if text.starts_with('/'));
    let slash = (!has_slash).then(|| Expression::Text("/".to_owned()));
    let path = slash.into_iter().chain(path).collect();
    (Expression::join(path), query.unwrap_or_default())
}

/// Names and values of a query or form; their text is decoded.
pub(super) fn pairs(parts: Vec<Expression>) -> Vec<(String, Expression)> {
    let mut pairs: Vec<(String, Vec<Expression>)> = vec![(String::new(), Vec::new())];
    let mut is_value = false;
    for part in parts {
        let Expression::Text(text) = part else {
            if let Some((_, value)) = pairs.last_mut() {
                value.push(part);
            }
            continue;
        };
        for (index, piece) in text.split('&').enumerate() {
            if index > 0 {
                pairs.push((String::new(), Vec::new()));
                is_value = false;
            }
            let Some((name, value)) = pairs.last_mut() else {
                continue;
            };
            let rest = match piece.split_once('=') {
                Some((key, rest)) if !is_value => {
                    name.push_str(&decoded(key));
                    is_value = true;
                    rest
                }
                _ => piece,
            };
            value.push(Expression::Text(decoded(rest)));
        }
    }
    let pairs = pairs.into_iter().filter(|(name, _)| !name.is_empty());
    pairs
        .map(|(name, value)| (name, Expression::join(value)))
        .collect()
}

/// A text of a query without its encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digits = [ahead.next(), ahead.next()]
                    .map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
                if let [Some(high), Some(low)] = digits {
                    bytes.extend(u8::try_from(high * 16 + low));
                    rest = ahead;
                } else {
                    bytes.push(byte);
                }
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_text(text: &str) -> Address {
        split(&Expression::bracketed(text).unwrap()).0
    }

    fn expression(text: &str) -> Expression {
        Expression::bracketed(text).unwrap()
    }

    #[test]
    fn addresses_fall_apart_at_host_and_query() {
        for (url, base, path, query) in [
            (
                "https://a.ch/x/[Id]?q=[Number]&n=5",
                "https://a.ch",
                "/x/[Id]",
                "q=[Number];n=5",
            ),
            ("https://[C].a.ch/x", "https://[C].a.ch", "/x", ""),
            ("[C].a.ch/x", "https://[C].a.ch", "/x", ""),
            ("[Url]/x?a=b%3D[N]+c", "[Url]", "/x", "a=b=[N] c"),
            ("[Url]lookup?n=[N]", "[Url]", "/lookup", "n=[N]"),
            ("[Url]", "[Url]", "/", ""),
            ("https://a.ch?x=1", "https://a.ch", "/", "x=1"),
            ("", "", "/", ""),
        ] {
            let address = split_text(url);
            let query: Vec<_> = query.split(';').filter(|pair| !pair.is_empty()).collect();
            let query = query.into_iter().map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (name.to_owned(), expression(value))
            });
            assert_eq!(
                address.base,
                if base.is_empty() {
                    expression("https://")
                } else {
                    expression(base)
                },
                "{url}"
            );
            assert_eq!(address.path, expression(path), "{url}");
            assert_eq!(address.query, query.collect::<Vec<_>>(), "{url}");
        }
    }
}
