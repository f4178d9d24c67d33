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
    "attio",
    "bexio",
    "bitrix24",
    "centralstation",
    "clio",
    "close",
    "copper",
    "dolibarr",
    "dynamics",
    "espocrm",
    "freshdesk",
    "insightly",
    "monday",
    "odoo",
    "odoo-jsonrpc",
    "pipedrive",
    "salesforce",
    "twenty",
    "vtiger",
    "vtiger-oss",
    "weclapp",
    "zendesk",
    "zoho",
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
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        assert_eq!(names, files);
    }
}
