//! What lies under the settings of an adapter: the description in the file that they name
//! (`settings.file`), and under that the shipped one (`preset`).
//!
//! A value of a lower layer counts where no upper one has it. Everything after this sees one tree,
//! whose values know where they were written.

mod description;
mod fill;

use std::path::Path;

use serde_json::Value;
use whocalls_core::{AdapterFactory, Preset};

pub(super) use description::DescriptionText;
use description::{Description, Under};

use super::{
    document::Document,
    env::Environment,
    nearest::ticked,
    overrides,
    path::KeyPath,
    report::{Place, Problem},
    schema::{description_schema, names_description},
    validate::shape::is_enabled,
};

/// What laying the layers brought besides the tree.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) problems: Vec<Problem>,
    /// The files that the configuration names, in the order of [`Place::Description`].
    pub(super) files: Vec<DescriptionText>,
}

/// What decides about layers besides the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'g> {
    pub(super) schema: &'g Value,
    pub(super) registry: &'g [AdapterFactory],
    pub(super) environment: &'g Environment,
    /// The folder that relative paths start from.
    pub(super) base_dir: &'g Path,
}

/// Lays the layers of all adapters under what `document` says. Variables of the environment are
/// put on top of it later, but they too may say which layers there are.
pub(super) fn lay(document: &mut Document, ground: Ground<'_>) -> Layers {
    let mut layers = Layers::default();
    for wanted in Wanted::all(document, ground) {
        wanted.lay(document, ground, &mut layers);
    }
    layers
}

/// The layers that one adapter wants.
struct Wanted<'g> {
    factory: &'g AdapterFactory,
    adapter: KeyPath,
    is_enabled: bool,
    file: Option<(String, Place)>,
    preset: Option<(&'g Preset, Place)>,
    /// It wants a preset that there is not.
    is_incomplete: bool,
}

impl<'g> Wanted<'g> {
    fn all(document: &Document, ground: Ground<'g>) -> Vec<Self> {
        let mut decided = document.clone();
        // What is wrong with the variables is told when they are put on top.
        drop(overrides::apply(
            &mut decided,
            ground.schema,
            ground.environment,
        ));
        let adapters = decided.value.get("adapters").and_then(Value::as_object);
        let ids = adapters.into_iter().flat_map(|adapters| adapters.keys());
        ids.filter_map(|id| Self::of(id, &decided, ground))
            .collect()
    }

    fn of(id: &str, document: &Document, ground: Ground<'g>) -> Option<Self> {
        let adapter = KeyPath::of(["adapters", id]);
        let text = |path: &KeyPath| {
            let text = path.find(&document.value)?.as_str()?.to_owned();
            Some((text, document.place_of_value(path)))
        };
        let (kind, _) = text(&adapter.key("kind"))?;
        let factory = ground.registry.iter().find(|it| it.kind == kind)?;
        let named = text(&adapter.key("preset"));
        let preset = named.as_ref().and_then(|(name, place)| {
            let preset = factory.presets.iter().find(|it| it.name == name)?;
            Some((preset, place.clone()))
        });
        let file = names_description(ground.schema, factory.kind)
            .then(|| text(&adapter.key("settings").key("file")))
            .flatten();
        (named.is_some() || file.is_some()).then(|| Self {
            factory,
            is_enabled: is_enabled(&document.value, id),
            file,
            is_incomplete: named.is_some() && preset.is_none(),
            preset,
            adapter,
        })
    }

    fn lay(&self, document: &mut Document, ground: Ground<'_>, layers: &mut Layers) {
        let under = Under {
            adapter: &self.adapter,
            schema: ground.schema,
        };
        let settings = self.adapter.key("settings");
        if self.is_incomplete {
            document.add_incomplete(settings.clone());
        }
        if let Some((name, place)) = &self.file {
            match self.read(name, ground, layers) {
                Ok((description, file)) => {
                    if description.is_damaged() {
                        document.add_incomplete(settings.clone());
                    }
                    description.lay(document, under, |place| place.in_description(file));
                }
                // The file of an adapter that is not in use may come later.
                Err(_) if !self.is_enabled => {}
                Err(message) => {
                    document.add_incomplete(settings.clone());
                    let path = settings.key("file");
                    let problem = Problem::error(message).at(path, place.clone());
                    layers.problems.push(problem);
                }
            }
        }
        if let Some((preset, place)) = &self.preset {
            Description::of_preset(preset).lay(document, under, |_| place.clone());
        }
    }

    /// The description in the file `name`, and the number of the file.
    fn read(
        &self,
        name: &str,
        ground: Ground<'_>,
        layers: &mut Layers,
    ) -> Result<(Description, usize), String> {
        let path = ground.base_dir.join(name);
        let shown_path = path.display().to_string();
        let text = std::fs::read_to_string(&path);
        let file = layers.files.len();
        let schema = description_schema(ground.schema, self.factory.kind);
        let read = text.map(|text| Description::read(&text, &schema));
        let (shown, description) = match read {
            Ok((description, shown, problems)) => {
                let problems = problems.into_iter().map(|problem| Problem {
                    place: problem.place.in_description(file),
                    ..problem
                });
                layers.problems.extend(problems);
                (shown, Ok((description, file)))
            }
            Err(error) => {
                let message = format!("cannot read {}: {error}", ticked(&shown_path));
                (String::new(), Err(message))
            }
        };
        // Also one that cannot be read: it is looked at again when it appears.
        layers.files.push(DescriptionText { path, shown });
        description
    }
}
