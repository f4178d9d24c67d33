//! Reading no more of a list than was asked for.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

/// The first `MOST` elements of a list, for `#[serde(deserialize_with)]`; the others are skipped, so
/// that nothing that a server sends beyond what it is asked for keeps a thread busy.
///
/// # Errors
/// Those of the deserializer: no list, an element of another shape among the first, bad syntax
/// anywhere.
pub fn first<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(FirstVisitor::<T, MOST>(PhantomData))
}

struct FirstVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for FirstVisitor<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut first = Vec::new();
        while first.len() < MOST {
            match seq.next_element()? {
                Some(element) => first.push(element),
                None => return Ok(first),
            }
        }
        IgnoredAny.visit_seq(seq).map(|_| first)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_first_elements_of_a_list_are_read() {
        for (sent, read) in [(0, 0), (2, 2), (3, 3), (4, 3), (5_000, 3)] {
            let list: Vec<u32> = (0..sent).collect();
            let kept: Vec<u32> = first::<_, _, 3>(json!(list)).unwrap();
            assert_eq!(kept, list[..read]);
        }
        assert!(first::<_, u32, 3>(json!({ "a": 1 })).is_err());
    }
}
