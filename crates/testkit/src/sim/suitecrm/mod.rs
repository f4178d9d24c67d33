//! Simulates SuiteCRM (`crm-apis.md` §3).
