//! How well people are told apart, and recognised: pairwise precision and recall over generated
//! lookups.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod people;

use std::collections::BTreeMap;

use fastrand::Rng;
use people::{SCENES, Scene};
use whocalls_engine::{Asked, MergeMode, MergeSettings, merge};

/// How often each share of a scene is generated.
const ROUNDS: usize = 60;
const SEED: u64 = 20_261_122;

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

fn judge(scene: &Scene) -> Pairs {
    let settings = MergeSettings {
        mode: MergeMode::Person,
        ..MergeSettings::default()
    };
    let mut asked = Asked::default();
    asked.is_personal = scene.is_mobile;
    let mut pairs = Pairs::default();
    for contact in merge(settings, asked, scene.sources()) {
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

#[test]
fn people_are_recognised_and_told_apart() {
    let mut rng = Rng::with_seed(SEED);
    let mut all = Pairs::default();
    let mut of_scene: BTreeMap<&str, Pairs> = BTreeMap::new();
    let mut lookups = 0;
    for (name, share, generate) in SCENES {
        for _ in 0..share * ROUNDS {
            let pairs = judge(&generate(&mut rng));
            of_scene.entry(name).or_default().add(pairs);
            all.add(pairs);
            lookups += 1;
        }
    }
    for (name, pairs) in &of_scene {
        let (precision, recall) = (pairs.precision(), pairs.recall());
        println!(
            "{name:16} precision {precision:.4} recall {recall:.4} pairs {}",
            pairs.same
        );
    }
    let (precision, recall) = (all.precision(), all.recall());
    println!(
        "{lookups} lookups, {} pairs: precision {precision:.4}, recall {recall:.4}",
        all.same
    );
    assert!(precision >= 0.995, "precision {precision:.4}");
    assert!(recall >= 0.97, "recall {recall:.4}");
}
