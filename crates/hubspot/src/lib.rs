//! The HubSpot adapter of whocalls (CRM v3 and dated API versions).
