//! `whocalls openapi`: the description of the HTTP interface.

use super::{
    Outcome,
    output::{pretty, print},
};
use crate::openapi;

pub(super) fn run() -> Outcome {
    print(&pretty(&openapi::document()), Outcome::Fine)
}
