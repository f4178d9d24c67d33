//! Simulates a small REST CRM of no particular brand.
