//! Simulates SugarCRM (`crm-apis.md` §2).
