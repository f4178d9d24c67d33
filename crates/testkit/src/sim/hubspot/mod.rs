//! Simulates HubSpot (`crm-apis.md` §1).
