//! The phonebook adapter of whocalls: contacts from a CSV or vCard file, indexed in memory.
