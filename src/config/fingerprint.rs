//! Telling whether a reload changes an adapter.

use serde_json::{Value, json};
use whocalls_core::BuildContext;

use super::schema::{AdapterConfig, CacheTuning, Defaults};

/// A hash of everything that an adapter is made from, secrets included.
pub(super) fn fingerprint(
    context: &BuildContext,
    config: &AdapterConfig,
    defaults: &Defaults,
    settings: &Value,
) -> u64 {
    let BuildContext {
        id,
        crm_name,
        crm_logo,
        number_plan,
        base_dir,
    } = context;
    let CacheTuning {
        ttl,
        empty_ttl,
        stale,
        max_bytes,
    } = config.cache(defaults);
    let mut effective = json!([
        id,
        config.kind,
        crm_name,
        crm_logo,
        base_dir.to_string_lossy(),
        format!("{number_plan:?}"),
        config.priority,
        config.actions,
        config.timeout(defaults),
        config.late_answer(defaults),
        config.max_concurrent(defaults),
        config.max_background(defaults),
        format!("{:?}", config.protection(defaults)),
        ttl,
        empty_ttl,
        stale,
        max_bytes,
        settings,
    ]);
    effective.sort_all_objects();
    let hash = blake3::hash(effective.to_string().as_bytes());
    let first = hash.as_bytes().first_chunk();
    first.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
