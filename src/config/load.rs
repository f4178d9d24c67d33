//! From text to a configuration in use: parse, lay, override, validate, resolve secrets, build.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Deserialize as _;
use serde_json::Value;
use whocalls_core::{AdapterFactory, NumberPlan};
use whocalls_wording::Wording;

use super::{
    build::{Builder, LoadedAdapter},
    env::Environment,
    layers::{self, Ground},
    mask, overrides,
    parse::{self, Parsed},
    report::{Problem, Report, Severity},
    schema::{Config, json_schema},
    secret::{self, Vault},
    source::Source,
    validate::{
        checks::Checks,
        shape::{self, Shape},
        templates,
    },
};

/// What loading may touch besides the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything: secrets come from the environment and from files.
    Full,
    /// Nothing: secrets are placeholders. Overriding variables still count, since they are part of
    /// the configuration.
    Offline,
}

/// A configuration that is right, with its adapters.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All keys. Secrets are resolved, and `outbox.path` and `cache.path` are the paths to open.
    pub config: Config,
    /// How numbers are read and matched: `gateway.default_region`, `gateway.internal_max_digits`,
    /// `[matching]`.
    pub number_plan: NumberPlan,
    /// `gateway.time_zone`.
    pub time_zone: TimeZone,
    /// What workflows say: `gateway.language` and the templates of `[workflows.<name>]`.
    pub wording: Arc<Wording>,
    /// The adapters in use, in the order of the file.
    pub adapters: Vec<LoadedAdapter>,
    /// What works but is probably not meant.
    pub warnings: Report,
}

/// Loads a configuration. Builds adapters, but does no I/O except for reading secrets and the
/// descriptions that settings name, and spawns nothing.
///
/// # Errors
/// A report of all problems that can be told in one run, warnings included. A problem that is
/// merely a consequence of another one is not in it.
pub fn load(
    source: &Source,
    environment: &Environment,
    registry: &[AdapterFactory],
    mode: Mode,
) -> Result<Loaded, Report> {
    let schema = json_schema(registry);
    let Parsed {
        mut document,
        mut problems,
        damaged,
    } = parse::parse(source.text());
    let shown = mask::mask(source.text(), &document, &damaged, &schema);
    let layers = layers::lay(
        &mut document,
        Ground {
            schema: &schema,
            registry,
            environment,
            base_dir: source.base_dir(),
        },
    );
    problems.extend(layers.problems);
    problems.extend(overrides::apply(&mut document, &schema, environment));

    let shape = shape::check(&document, &schema);
    problems.extend(shape.problems.iter().cloned());
    let vault = Vault {
        environment: (mode == Mode::Full).then_some(environment),
        base_dir: source.base_dir(),
    };
    let (value, unreadable) = secret::resolve(&document, &schema, vault);
    problems.extend(unreadable);

    let mut parts = None;
    match Parts::read(&shape, &value) {
        Ok(mut read) => {
            let checks = Checks {
                config: &read.config,
                document: &document,
                shape: &shape,
                registry,
            };
            problems.extend(checks.run());
            let builder = Builder {
                registry,
                document: &document,
                schema: &schema,
                shape: &shape,
                number_plan: &read.number_plan,
                base_dir: source.base_dir(),
            };
            let (adapters, found) = builder.build_all(&read.config);
            problems.extend(found);
            let wording = templates::compile(&read, &document);
            let wording = wording.map_err(|found| problems.extend(found)).ok();
            read.config.outbox.path = source.base_dir().join(&read.config.outbox.path);
            if let Some(path) = &mut read.config.cache.path {
                *path = source.base_dir().join(&*path);
            }
            parts = wording.map(|wording| (read, wording, adapters));
        }
        Err(problem) => problems.push(problem),
    }
    let report = Report::new(source, shown, layers.files, problems);
    match parts {
        Some((parts, wording, adapters)) if report.count(Severity::Error) == 0 => Ok(Loaded {
            config: parts.config,
            number_plan: parts.number_plan,
            time_zone: parts.time_zone,
            wording: Arc::new(wording),
            adapters,
            warnings: report,
        }),
        _ => Err(report),
    }
}

/// The typed part of what is loaded.
pub(super) struct Parts {
    pub(super) config: Config,
    pub(super) number_plan: NumberPlan,
    pub(super) time_zone: TimeZone,
}

impl Parts {
    /// Reads the sound part of `value`. It fits the schema, which is made from the types, so that
    /// failing is a mistake of ours. The cause is not shown, since it may quote a secret.
    fn read(shape: &Shape, value: &Value) -> Result<Self, Problem> {
        let mismatch = |what: &str| {
            Problem::error(format!(
                "the file fits its schema, but {what}; please report this"
            ))
        };
        let config =
            Config::deserialize(shape.sound_part(value)).map_err(|_| mismatch("cannot be read"))?;
        let gateway = &config.gateway;
        let number_plan = NumberPlan::new(&gateway.default_region)
            .map_err(|_| mismatch("its region is unknown"))?
            .with_internal_max_digits(gateway.internal_max_digits)
            .with_match_rules(config.matching.rules());
        let time_zone =
            TimeZone::get(&gateway.time_zone).map_err(|_| mismatch("its time zone is unknown"))?;
        Ok(Self {
            config,
            number_plan,
            time_zone,
        })
    }
}
