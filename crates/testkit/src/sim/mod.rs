//! Simulated CRMs, one folder each. They refuse what the real interface refuses, with its status
//! and body, and record what is created in them.

pub mod hubspot;
pub mod rest;
pub mod sugar;
pub mod suitecrm;
