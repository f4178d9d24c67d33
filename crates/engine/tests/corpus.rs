//! How well people are told apart, and recognised: pairwise precision and recall over generated
//! lookups.
//!
//! The rules and weights were worked out on [`SEED`] and [`NEIGHBOURS`] alone. [`BLIND_SEEDS`], and
//! the names of [`STRANGERS`], show what they do with people whom nobody looked at: when a rule
//! changes, look at the figures of these and not at their records.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod people;

use std::{collections::BTreeMap, fmt};

use people::{Dice, NEIGHBOURS, Names, SCENES, STRANGERS, Scene};
use whocalls_engine::{Asked, MergeMode, MergeSettings, merge};

/// How often each share of a scene is generated.
const ROUNDS: usize = 60;
const SEED: u64 = 20_261_122;
/// The first decimals of pi, so that nobody can have picked them.
const BLIND_SEEDS: [u64; 5] = [
    141_592_653,
    589_793_238,
    462_643_383,
    279_502_884,
    197_169_399,
];
const MIN_PRECISION: f64 = 0.995;
const MIN_RECALL: f64 = 0.97;

/// Pairs of records of one lookup.
#[derive(Debug, Default, Clone, Copy)]
struct Pairs {
    merged: usize,
    rightly: usize,
    same: usize,
}

impl Pairs {
    fn add(&mut self, other: Self) {
        self.merged += other.merged;
        self.rightly += other.rightly;
        self.same += other.same;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    fn precision(self) -> f64 {
        self.rightly as f64 / self.merged.max(1) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    fn recall(self) -> f64 {
        self.rightly as f64 / self.same.max(1) as f64
    }
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (precision, recall) = (self.precision(), self.recall());
        write!(
            f,
            "precision {precision:.4}, recall {recall:.4} of {} pairs",
            self.same
        )
    }
}

fn judge(scene: &Scene) -> Pairs {
    let settings = MergeSettings {
        mode: MergeMode::Person,
        ..MergeSettings::default()
    };
    let mut asked = Asked::default();
    asked.is_personal = scene.is_mobile;
    let mut pairs = Pairs::default();
    for contact in merge(settings, asked, &scene.sources()) {
        let truths: Vec<usize> = contact
            .members
            .iter()
            .map(|member| scene.truth(&member.source, &member.record_id))
            .collect();
        for (position, truth) in truths.iter().enumerate() {
            let others = truths.iter().skip(position + 1);
            pairs.merged += others.clone().count();
            pairs.rightly += others.filter(|other| *other == truth).count();
        }
    }
    for (position, (_, truth)) in scene.records.iter().enumerate() {
        let others = scene.records.iter().skip(position + 1);
        pairs.same += others.filter(|(_, other)| other == truth).count();
    }
    pairs
}

/// The pairs of generated lookups, by scene.
fn measure(seed: u64, names: &'static Names) -> BTreeMap<&'static str, Pairs> {
    let mut dice = Dice::new(seed, names);
    let mut of_scene: BTreeMap<&str, Pairs> = BTreeMap::new();
    for (name, share, generate) in SCENES {
        let pairs = of_scene.entry(name).or_default();
        for _ in 0..share * ROUNDS {
            pairs.add(judge(&generate(&mut dice)));
        }
    }
    of_scene
}

/// Prints the figures of each scene and of all, and holds these against the limits.
#[expect(clippy::print_stdout, reason = "the figures are what the test is for")]
fn assert_good(title: &str, of_scene: &BTreeMap<&str, Pairs>) {
    let mut all = Pairs::default();
    for (name, pairs) in of_scene {
        all.add(*pairs);
        println!("{title}, {name:16} {pairs}");
    }
    println!("{title}, all              {all}");
    assert!(all.precision() >= MIN_PRECISION, "{title}: {all}");
    assert!(all.recall() >= MIN_RECALL, "{title}: {all}");
}

#[test]
fn people_are_recognised_and_told_apart() {
    assert_good("known seed", &measure(SEED, &NEIGHBOURS));
}

#[test]
fn so_are_people_whom_no_rule_was_made_for() {
    for (title, names) in [
        ("blind seeds", &NEIGHBOURS),
        ("blind seeds, strange names", &STRANGERS),
    ] {
        let mut of_scene: BTreeMap<&str, Pairs> = BTreeMap::new();
        for seed in BLIND_SEEDS {
            let measured = measure(seed, names);
            let mut all = Pairs::default();
            for (name, pairs) in &measured {
                of_scene.entry(name).or_default().add(*pairs);
                all.add(*pairs);
            }
            println!("{title}, {seed}: {all}");
        }
        assert_good(title, &of_scene);
    }
}
