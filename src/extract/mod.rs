//! Wire to domain: what clients send, in all the forms that the protocol leaves open
//! (`connector-api.md`).

mod body;
mod lookup;
mod times;
mod workflow;

pub use body::{inputs_of, read_body, read_inputs};
pub use lookup::phone_number;
pub use workflow::{WorkflowInputs, workflow_inputs};
