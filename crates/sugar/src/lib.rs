//! The SugarCRM adapter of whocalls (REST v10/v11).
