//! The whocalls gateway.
