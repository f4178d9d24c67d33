//! `whocalls import FILE.xml`: a CRM template of a telephone system as an adapter description.

use std::{fmt::Write as _, fs, path::PathBuf};

use whocalls_import::{Concern, Note};

use super::{
    Outcome,
    output::{complain, fail, print},
};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The template: a CRM integration template of 3CX or Yeastar, in XML.
    file: PathBuf,
}

/// Prints the description to standard output, and what has to be looked at to standard error.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let path = arguments.file.display();
    let file = match fs::read(&arguments.file) {
        Ok(file) => file,
        Err(error) => return fail(&format!("cannot read {path}: {error}"), Outcome::Usage),
    };
    match whocalls_import::import(&file) {
        Ok(imported) => {
            complain(&report(&imported.notes));
            print(&imported.description, Outcome::Fine)
        }
        Err(error) => fail(&format!("{path}: {error}"), Outcome::Usage),
    }
}

fn report(notes: &[Note]) -> String {
    let mut text = String::new();
    for (concern, title) in [
        (Concern::Lost, "Not translated:"),
        (
            Concern::Guessed,
            "To check, because the template does not say it:",
        ),
    ] {
        let mut notes = notes
            .iter()
            .filter(|note| note.concern == concern)
            .peekable();
        if notes.peek().is_some() {
            text.push_str(title);
            text.push('\n');
        }
        for Note {
            line,
            element,
            why,
            advice,
            ..
        } in notes
        {
            let _infallible = writeln!(text, "  line {line}, <{element}>: {why}\n    -> {advice}");
        }
    }
    text
}
