//! What goes over the wire of `v4_1` (`crm-apis.md` §3.2).
//!
//! The arguments of a method become named arguments on PHP 8 and are counted on PHP 7: each type
//! has exactly the names of the parameters, in their order. Do not sort, rename or leave out.
//!
//! They hold credentials and personal data, so they cannot be printed.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, value::MapAccessDeserializer},
};
use serde_json::Value;
use whocalls_http::{Lenient, first, lenient};

use crate::{
    lookup::MAX_CANDIDATES,
    object::Object,
    texts::{Text, Texts},
};

/// The form that carries every call.
#[derive(Serialize)]
pub(super) struct Form {
    method: &'static str,
    input_type: &'static str,
    response_type: &'static str,
    rest_data: String,
}

impl Form {
    /// A call of `method`.
    pub(super) fn new(method: &'static str, arguments: &impl Serialize) -> Self {
        Self {
            method,
            input_type: "JSON",
            response_type: "JSON",
            // Our own wire types always have a JSON form.
            rest_data: serde_json::to_string(arguments).unwrap_or_default(),
        }
    }
}

/// The arguments of `login`.
#[derive(Serialize)]
pub(super) struct LoginArguments<'a> {
    pub(super) user_auth: UserAuth<'a>,
    pub(super) application_name: &'static str,
    pub(super) name_value_list: [NameValue; 1],
}

#[derive(Serialize)]
pub(super) struct UserAuth<'a> {
    pub(super) user_name: &'a str,
    pub(super) password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct NameValue {
    pub(super) name: &'static str,
    pub(super) value: &'static str,
}

/// The arguments of `get_server_info`: none.
#[derive(Serialize)]
pub(super) struct GetServerInfo {}

/// The arguments of `get_entry_list`.
#[derive(Serialize)]
pub(super) struct GetEntryList {
    pub(super) session: String,
    pub(super) module_name: &'static str,
    pub(super) query: String,
    pub(super) order_by: String,
    pub(super) offset: u32,
    pub(super) select_fields: Vec<String>,
    pub(super) link_name_to_fields_array: Vec<LinkFields>,
    pub(super) max_results: usize,
    pub(super) deleted: u8,
    pub(super) favorites: bool,
}

/// A link, and the fields asked for of the records that it leads to.
#[derive(Clone, Serialize)]
pub(super) struct LinkFields {
    pub(super) name: &'static str,
    pub(super) value: [&'static str; 2],
}

/// The arguments of `get_entry`.
#[derive(Serialize)]
pub(super) struct GetEntry {
    pub(super) session: String,
    pub(super) module_name: String,
    pub(super) id: String,
    pub(super) select_fields: Vec<String>,
    pub(super) link_name_to_fields_array: [LinkFields; 0],
    pub(super) track_view: bool,
}

/// The arguments of `set_entry`.
#[derive(Serialize)]
pub(super) struct SetEntry<'a, F> {
    session: String,
    module_name: &'static str,
    name_value_list: SavedEntry<'a, F>,
}

/// The fields of an object to save, as a map of name and value.
#[derive(Serialize)]
struct SavedEntry<'a, F> {
    id: &'a str,
    /// Tells SuiteCRM to create an object although it has an id (property of the class `SugarBean`,
    /// which a name-value list may set). Without it, the id of an object that is not there yet
    /// would be updated: nothing would be stored, without an error.
    #[serde(skip_serializing_if = "is_false")]
    new_with_id: bool,
    #[serde(flatten)]
    fields: &'a F,
}

impl<'a, F> SetEntry<'a, F> {
    /// Creates `object`, or changes it.
    pub(super) fn new(session: &str, object: &'a Object<F>, is_new: bool) -> Self {
        Self {
            session: session.to_owned(),
            module_name: object.module,
            name_value_list: SavedEntry {
                id: &object.id,
                new_with_id: is_new,
                fields: &object.fields,
            },
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference to what it may skip"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The reply to `login` and `set_entry`: a session's or an object's id.
#[derive(Deserialize)]
pub(super) struct IdReply {
    pub(super) id: String,
}

/// The reply to `get_server_info`.
#[derive(Deserialize)]
pub(super) struct ServerInfo {
    pub(super) flavor: String,
    pub(super) version: String,
}

/// The reply to `get_entry_list` and `get_entry`. The counts in it are left alone: they are numbers
/// or texts as it comes (`crm-apis.md` §7).
#[derive(Default, Deserialize)]
pub(super) struct EntryListReply {
    #[serde(deserialize_with = "first::<_, _, MAX_CANDIDATES>")]
    pub(super) entry_list: Vec<Entry>,
    #[serde(default, deserialize_with = "first::<_, _, MAX_CANDIDATES>")]
    pub(super) relationship_list: Vec<Value>,
}

/// A record.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) name_value_list: NameValueList,
}

/// The fields of a record: `{"id": {"name": "id", "value": "…"}, …}`. A list instead of an object
/// carries a warning, not fields.
#[derive(Default)]
pub(super) struct NameValueList(pub(super) Texts);

/// What of `{"name": "id", "value": "…"}` counts; none without a value.
#[derive(Default)]
struct FieldValue(Option<Text>);

impl Lenient for NameValueList {
    fn of_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut texts = Texts::with_room();
        while let Some((field, value)) = map.next_entry()? {
            if let FieldValue(Some(text)) = value {
                texts.push(field, text);
            }
        }
        Ok(Self(texts))
    }
}

impl Lenient for FieldValue {
    fn of_object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        struct Members {
            #[serde(default, deserialize_with = "some")]
            value: Option<Text>,
        }
        let members = Members::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Self(members.value))
    }
}

/// A member that is there, also as `null`.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    Text::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for NameValueList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}
