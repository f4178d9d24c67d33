//! What an administrator learns before going live: whether address, credentials and rights are in
//! order.

use std::collections::BTreeSet;

use whocalls_core::{AdapterError, CallContext, Operation, ProbeReport};

use crate::{interface::Interface, lookup::is_lasting, module::Module};

/// Asks who answers, and reads one record of each module.
///
/// # Errors
/// When no lookup could work. What works with limits is a warning.
pub(crate) async fn run(
    interface: &dyn Interface,
    modules: &BTreeSet<Module>,
    cx: &CallContext,
) -> Result<ProbeReport, AdapterError> {
    let identity = interface.identify(cx).await?;
    let mut warnings = Vec::new();
    let mut readable = Vec::new();
    let mut refusal = None;
    for module in modules {
        let operation = Operation::Probe;
        match interface.find(cx, operation, *module, None, 1).await {
            Ok(_) => readable.push(module.name()),
            Err(error) if is_lasting(&error) => {
                warnings.push(format!("{module} is not searched: {}", error.message));
                refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    match refusal {
        Some(error) if readable.is_empty() => Err(error),
        _ => Ok(ProbeReport {
            summary: format!("{identity}: reads {}", readable.join(", ")),
            warnings,
        }),
    }
}
