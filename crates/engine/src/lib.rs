//! Fan-out to every adapter, merge, rank and dispatch: the heart of whocalls.
