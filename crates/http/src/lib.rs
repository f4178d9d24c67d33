//! The HTTP client that whocalls adapters share: deadlines, body cap, error mapping, credentials.
