//! Who shares a number, and who does not.

use super::{Dice, Person, Scene, names};

/// Generates one lookup.
pub(crate) type Generate = fn(&mut Dice) -> Scene;

/// A kind of number, with its share among the lookups.
pub(crate) const SCENES: [(&str, usize, Generate); 9] = [
    ("mobile", 30, mobile),
    ("direct line", 15, direct_line),
    ("switchboard", 15, switchboard),
    ("family", 12, family),
    ("father and son", 8, father_and_son),
    ("homonyms", 5, homonyms),
    ("married", 4, married),
    ("shared practice", 5, practice),
    ("duty telephone", 4, duty_telephone),
];

/// One person's own telephone; some have changed their job since.
fn mobile(rng: &mut Dice) -> Scene {
    let company = rng.bool().then(|| names::company(rng));
    let mut person = names::person(rng, company.as_deref());
    let mut scene = Scene::enter(rng, true, std::slice::from_ref(&person));
    if company.is_some() && rng.u8(..100) < 15 {
        person.company = Some(names::company(rng));
        person.emails.clear();
        names::equip(rng, &mut person);
        let mut later = Scene::enter(rng, true, &[person]);
        for (record, _) in &mut later.records {
            record.id.push('b');
        }
        scene.records.append(&mut later.records);
    }
    scene
}

fn direct_line(rng: &mut Dice) -> Scene {
    let company = names::company(rng);
    let person = names::person(rng, Some(&company));
    Scene::enter(rng, false, &[person])
}

/// Colleagues at the number of their company. Some have the same family name or given name.
fn switchboard(rng: &mut Dice) -> Scene {
    let company = names::company(rng);
    let count = rng.usize(3..9);
    let mut people: Vec<Person> = Vec::new();
    for _ in 0..count {
        let mut person = names::person(rng, Some(&company));
        if let Some(other) = people.first().cloned() {
            match rng.u8(..10) {
                0 => person.family = other.family,
                1 => person.given = other.given,
                _ => {}
            }
            person.emails = names::work_email(&person).into_iter().collect();
        }
        // No two of them are called the same: see `homonyms`.
        if !people
            .iter()
            .any(|it| (&it.given, &it.family) == (&person.given, &person.family))
        {
            people.push(person);
        }
    }
    Scene::enter(rng, false, &people)
}

/// A couple and their children at one telephone; the parents may share a mailbox.
fn family(rng: &mut Dice) -> Scene {
    let family = names::family(rng);
    let mut people = vec![names::person(rng, None), names::person(rng, None)];
    for _ in 0..rng.usize(0..3) {
        people.push(names::person(rng, None));
    }
    for person in &mut people {
        person.family.clone_from(&family);
    }
    people.dedup_by(|a, b| a.given == b.given);
    if rng.bool() && people.len() > 1 {
        let shared = names::private_email(rng, &people[0]);
        people[0].emails = vec![shared.clone()];
        people[1].emails = vec![shared];
    }
    distinct(people, |people| Scene::enter(rng, false, people))
}

/// The same name twice, told apart by what is written behind it, at home or in the family's firm.
fn father_and_son(rng: &mut Dice) -> Scene {
    let company = rng.bool().then(|| names::company(rng));
    let mut father = names::person(rng, company.as_deref());
    father.given = names::given(rng, false);
    father.is_female = false;
    father.emails.clear();
    let mut son = father.clone();
    son.suffix = String::from(names::pick(rng, &["jun.", "jr.", "junior", "Jun."]));
    if rng.bool() {
        father.suffix = String::from(names::pick(rng, &["sen.", "senior", "sr."]));
    }
    son.phones.clear();
    father.emails.push(names::private_email(rng, &father));
    son.emails
        .push(format!("junior.{}", names::private_email(rng, &son)));
    Scene::enter(rng, false, &[father, son])
}

/// Two people of the same name: at two firms of one office building, or with numbered mailboxes
/// in one firm. CRMs hold such people with what tells them apart.
fn homonyms(rng: &mut Dice) -> Scene {
    let company = names::company(rng);
    let first = names::person(rng, Some(&company));
    let mut second = first.clone();
    second.phones.clear();
    if rng.bool() {
        // An address is one person's: the firms have domains of their own.
        let mut other = names::company(rng);
        while names::domain(&other) == names::domain(&company) {
            other = names::company(rng);
        }
        second.company = Some(other);
        second.emails.clear();
        names::equip(rng, &mut second);
        let mut scene = Scene::enter(rng, false, &[first, second]);
        let firm_of = [company, scene.firm(1)];
        for (record, truth) in &mut scene.records {
            if record.company.is_none() {
                record.company = Some(firm_of[*truth].clone());
            }
        }
        scene
    } else {
        let numbered = names::work_email(&second).unwrap_or_default();
        second.emails = vec![numbered.replace('@', "2@")];
        let mut scene = Scene::enter(rng, false, &[first.clone(), second.clone()]);
        for (record, truth) in &mut scene.records {
            let person = if *truth == 0 { &first } else { &second };
            record.emails = person.emails.first().cloned().into_iter().collect();
        }
        scene
    }
}

impl Scene {
    /// A firm that a record of the person names, or a new one.
    fn firm(&self, person: usize) -> String {
        let mut records = self.records.iter().filter(|(_, truth)| *truth == person);
        let firm = records.find_map(|(record, _)| record.company.clone());
        firm.unwrap_or_else(|| "Unbekannt AG".to_owned())
    }
}

/// Somebody who took another family name; some CRMs still have the old one.
fn married(rng: &mut Dice) -> Scene {
    let company = rng.bool().then(|| names::company(rng));
    let before = names::person(rng, company.as_deref());
    let mut after = before.clone();
    after.family = match rng.u8(..3) {
        0 => names::family(rng),
        1 => format!("{}-{}", names::family(rng), before.family),
        _ => format!("{} {}", before.family, names::family(rng)),
    };
    let mut scene = Scene::enter(rng, true, &[before, after]);
    for (_, truth) in &mut scene.records {
        *truth = 0;
    }
    scene
}

/// Doctors or lawyers who share a reception and its mailbox.
fn practice(rng: &mut Dice) -> Scene {
    let company = format!("Praxis {}", names::family(rng));
    let mailbox = format!("praxis@{}", names::domain(&company));
    let people = (0..rng.usize(2..5)).map(|_| {
        let mut person = names::person(rng, Some(&company));
        person.emails = vec![mailbox.clone()];
        person
    });
    let people: Vec<Person> = people.collect();
    distinct(people, |people| Scene::enter(rng, false, people))
}

/// A mobile telephone that goes from hand to hand.
fn duty_telephone(rng: &mut Dice) -> Scene {
    let company = names::company(rng);
    let people = (0..rng.usize(2..5)).map(|_| names::person(rng, Some(&company)));
    let people: Vec<Person> = people.collect();
    distinct(people, |people| Scene::enter(rng, true, people))
}

/// Leaves out whoever is called like somebody before.
fn distinct(people: Vec<Person>, enter: impl FnOnce(&[Person]) -> Scene) -> Scene {
    let mut kept: Vec<Person> = Vec::new();
    for person in people {
        if !kept
            .iter()
            .any(|it| (&it.given, &it.family) == (&person.given, &person.family))
        {
            kept.push(person);
        }
    }
    enter(&kept)
}
