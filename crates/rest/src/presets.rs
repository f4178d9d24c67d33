//! The descriptions that ship with the kind: one file a CRM in `presets/`.

use whocalls_core::Preset;

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        &[$(Preset {
            name: $name,
            toml: include_str!(concat!("../presets/", $name, ".toml")),
        }),*]
    };
}

/// All presets, sorted by name.
pub(crate) const PRESETS: &[Preset] = presets![
    "activecampaign",
    "bitrix24",
    "centralstation",
    "close",
    "copper",
    "dolibarr",
    "espocrm",
    "insightly",
    "monday",
    "odoo",
    "odoo-jsonrpc",
    "pipedrive",
    "twenty",
    "vtiger",
    "vtiger-oss",
    "weclapp",
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_file_is_a_preset_and_they_are_sorted() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
        let mut files: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let names: Vec<String> = PRESETS
            .iter()
            .map(|preset| format!("{}.toml", preset.name))
            .collect();
        assert_eq!(names, files);
    }
}
