//! The whocalls command line.
fn main() {}
