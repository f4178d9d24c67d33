//! Reading JSON whose shape cannot be relied on.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

/// Something that any value can be read as. What it has no use for is its default.
pub trait Lenient: Default {
    /// What `null` is read as.
    fn of_null() -> Self {
        Self::default()
    }

    /// What a text is read as.
    fn of_text(_text: &str) -> Self {
        Self::default()
    }

    /// What a number is read as.
    fn of_number(_number: Number) -> Self {
        Self::default()
    }

    /// What `true` or `false` is read as.
    fn of_flag(_flag: bool) -> Self {
        Self::default()
    }

    /// What a list is read as.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn of_list<'de, A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(seq).map(|_| Self::default())
    }

    /// What an object is read as.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn of_object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(map).map(|_| Self::default())
    }
}

/// Reads any value, for implementations of [`Deserialize`](serde::Deserialize) and for
/// `#[serde(deserialize_with)]`.
///
/// # Errors
/// Those of the deserializer, for bad syntax.
pub fn lenient<'de, T: Lenient, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(LenientVisitor(PhantomData))
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for LenientVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::of_null())
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(text))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::of_flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::of_number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::of_number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(Number::from_f64(number).map_or_else(T::default, T::of_number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::of_list(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_object(map)
    }
}
