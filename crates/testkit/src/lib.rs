//! Fakes, simulated CRMs and the conformance suite for whocalls adapters and decorators.
