//! `whocalls schema`: the JSON Schema of the configuration file.

use whocalls_core::AdapterFactory;

use super::{
    Outcome,
    output::{pretty, print},
};
use crate::config::editor_schema;

pub(super) fn run(registry: &[AdapterFactory]) -> Outcome {
    print(&pretty(&editor_schema(registry)), Outcome::Fine)
}
