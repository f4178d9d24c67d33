//! What the faults of `v4_1` mean: number in, [`AdapterError`] out (`crm-apis.md` §3.2, §7).

use serde_json::Value;
use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::Reply;

use crate::error::NO_RIGHT;

/// The fault of a session that has ended or was never there.
pub(super) const SESSION_ENDED: i64 = 11;
/// The fault that is none: nothing was found.
pub(super) const NO_RECORDS: i64 = 51;
/// The fault of an unknown method, and of anything else without a number.
const UNDEFINED: i64 = -1;

/// A number, the kind that it stands for, and what to tell the operator.
type Row = (i64, ErrorKind, &'static str);

const FAULTS: [Row; 12] = [
    (
        10,
        ErrorKind::Unauthenticated,
        "SuiteCRM rejected the user's name or password; check the settings username and password \
         (a user who signs in through LDAP needs plain_password = true)",
    ),
    (
        SESSION_ENDED,
        ErrorKind::Unauthenticated,
        "SuiteCRM ends every session as soon as it is opened; check that PHP can store sessions, \
         and that requests do not reach it from changing addresses (verify_client_ip)",
    ),
    (
        12,
        ErrorKind::Unauthenticated,
        "the API user is not set up; log in to SuiteCRM as this user once, with a browser",
    ),
    (
        20,
        ErrorKind::NotFound,
        "SuiteCRM does not have the module; shorten the setting modules",
    ),
    (40, ErrorKind::PermissionDenied, NO_RIGHT),
    (NO_RECORDS, ErrorKind::NotFound, crate::error::NO_RECORD),
    (
        60,
        ErrorKind::Unavailable,
        "SuiteCRM has too many sessions; let fewer programs log in",
    ),
    (1000, ErrorKind::InvalidRequest, NOT_UNDERSTOOD),
    (1001, ErrorKind::InvalidRequest, NOT_UNDERSTOOD),
    (
        1008,
        ErrorKind::Unauthenticated,
        "the API user's password has expired; set a new one in SuiteCRM and in the settings",
    ),
    (
        1009,
        ErrorKind::Unauthenticated,
        "SuiteCRM has locked the API user out; an administrator has to set a new password",
    ),
    (
        1012,
        ErrorKind::Unauthenticated,
        "SuiteCRM could not sign the user in through LDAP; check username and password, and set \
         plain_password = true",
    ),
];

const NOT_UNDERSTOOD: &str =
    "SuiteCRM does not accept the call; check that api_path ends with service/v4_1/rest.php";
const UNKNOWN_METHOD: &str = "SuiteCRM reports an undefined error, as it does for methods that it \
     does not know; check that api_path ends with service/v4_1/rest.php";

/// The number of a fault. It comes as a number or, for an undefined error, as a text; zero is none.
pub(super) fn fault_number(number: &Value) -> Option<i64> {
    let number = match number {
        Value::String(text) => text.trim().parse().ok()?,
        number => number.as_i64()?,
    };
    (number != 0).then_some(number)
}

/// The failure that a fault stands for.
pub(super) fn from_fault(reply: &Reply, number: i64) -> AdapterError {
    let row = FAULTS.iter().find(|(known, ..)| *known == number);
    if let Some((_, kind, message)) = row {
        return reply.error(*kind, *message);
    }
    let message = match number {
        UNDEFINED => UNKNOWN_METHOD.to_owned(),
        _ => format!("SuiteCRM reports fault {number}; look into its suitecrm.log"),
    };
    reply.error(reply.unreadable(), message)
}

/// The failure behind `null`.
pub(super) fn from_null(reply: &Reply) -> AdapterError {
    reply.error(
        reply.unreadable(),
        "SuiteCRM answered nothing, as it does when it cannot read a request; look into its \
         suitecrm.log",
    )
}

/// An answer that is neither a fault nor what the method promises.
pub(super) fn from_shape(reply: &Reply) -> AdapterError {
    reply.error(
        reply.unreadable(),
        "SuiteCRM's answer has another shape than v4_1 promises; check that api_path ends with \
         service/v4_1/rest.php",
    )
}
