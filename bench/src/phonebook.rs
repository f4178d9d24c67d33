//! How long a phonebook takes to load, and a lookup in it.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde_json::json;
use whocalls_core::{
    AdapterId, BuildContext, CallContext, Caller, ContactQuery, CrmAdapter, NumberPlan,
    NumberQuery, PhoneNumber, RequestId,
};

/// Lookups whose time is averaged.
const LOOKUPS: u32 = 100_000;
/// More than any load takes.
const PATIENCE: Duration = Duration::from_mins(10);
const GIVEN: [&str; 8] = [
    "Anna", "Luca", "Zoé", "Jürg", "Chiara", "Noah", "Léa", "Urs",
];
const FAMILY: [&str; 7] = [
    "Müller", "Rossi", "Favre", "Keller", "Bianchi", "Dubois", "Weber",
];

/// Prints the seconds until the first answer, and the microseconds of a lookup by number.
///
/// # Errors
/// When the file cannot be written, or a contact is not found.
pub(crate) fn run(contacts: u32, work: &Path) -> anyhow::Result<()> {
    let file = work.join(format!("contacts-{contacts}.csv"));
    write(&file, contacts)?;
    let plan = NumberPlan::new("CH")?;
    let context = BuildContext {
        id: AdapterId::new("phonebook")?,
        crm_name: "Phone book".to_owned(),
        crm_logo: None,
        number_plan: plan.clone(),
        base_dir: work.to_owned(),
    };
    let build = whocalls_phonebook::factory().build;
    let book = build(context, json!({ "file": file }));
    let book = book.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (load, lookup) = runtime.block_on(measure(&*book, &plan, contacts))?;
    std::fs::remove_file(file)?;
    println!("{} {}", load.as_secs_f64(), lookup.as_secs_f64() * 1e6);
    Ok(())
}

async fn measure(
    book: &dyn CrmAdapter,
    plan: &NumberPlan,
    contacts: u32,
) -> anyhow::Result<(Duration, Duration)> {
    let cx = CallContext::within(PATIENCE, RequestId::new("bench"));
    let query = |index| -> anyhow::Result<ContactQuery> {
        let number = number(plan, index)?;
        Ok(ContactQuery::from(NumberQuery {
            number,
            max_records: 20.try_into()?,
            explain: false,
        }))
    };
    let start = Instant::now();
    let found = book.lookup(&cx, &query(0)?).await?;
    let load = start.elapsed();
    anyhow::ensure!(found.matches().len() == 1, "the first contact is not found");
    let mut random = fastrand::Rng::with_seed(1);
    let queries = (0..LOOKUPS).map(|_| query(random.u32(0..contacts)));
    let queries = queries.collect::<anyhow::Result<Vec<_>>>()?;
    let start = Instant::now();
    let mut owners = 0;
    for query in &queries {
        owners += book.lookup(&cx, query).await?.matches().len();
    }
    let lookups = start.elapsed();
    anyhow::ensure!(
        owners == queries.len(),
        "{owners} owners of {LOOKUPS} numbers"
    );
    Ok((load, lookups / LOOKUPS))
}

fn number(plan: &NumberPlan, index: u32) -> anyhow::Result<PhoneNumber> {
    match plan.classify(&format!("4144{:07}", 2_000_000 + index)) {
        Caller::Number(number) => Ok(number),
        other => anyhow::bail!("not searchable: {other:?}"),
    }
}

/// Each contact has a number of its own, in one of five spellings.
fn write(path: &Path, contacts: u32) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    let mut file = BufWriter::new(file);
    writeln!(file, "Id,Vorname,Nachname,Firma,Telefon,E-Mail,Ort")?;
    for (index, (given, family)) in
        (0..contacts).zip(GIVEN.iter().cycle().zip(FAMILY.iter().cycle()))
    {
        let local = 2_000_000 + index;
        let (a, b, c) = (local / 10_000, local / 100 % 100, local % 100);
        let phone = match index % 5 {
            0 => format!("+41 44 {a} {b:02} {c:02}"),
            1 => format!("044 {a} {b:02} {c:02}"),
            2 => format!("+4144{local}"),
            3 => format!("044/{a}.{b:02}.{c:02}"),
            _ => format!("+41 (0)44 {a} {b:02} {c:02}"),
        };
        let company = index / 10;
        writeln!(
            file,
            "{index},{given},{family},Company {company},{phone},contact{index}@example.ch,Zurich"
        )?;
    }
    file.flush()?;
    Ok(())
}
