//! The declarative REST adapter of whocalls: any REST CRM by configuration.
