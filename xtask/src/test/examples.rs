use std::path::Path;

use super::transcript::difference;
use super::{Context, Tally};
use crate::Error;
use crate::process::{captured, succeeds};

/// Runs everything in `examples/`. What one prints must be `examples/expected/NAME.txt`.
pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let folder = Path::new("examples");
    let names = context.workspace.stems(folder);
    if names.is_empty() {
        return Ok(Tally::skipped("examples", "there are none"));
    }
    // Built with the workspace, they share what the tests were built with.
    let words = "build --workspace --examples";
    if !succeeds(&mut context.workspace.cargo(words))? {
        return Ok(Tally::failed("examples: they do not build"));
    }
    let mut sum = Tally::default();
    for name in names {
        let what = format!("example {name}");
        if let Some(reason) = context.requirements.missing(&what) {
            sum.add(Tally::skipped(what, reason));
            continue;
        }
        let expected = folder.join("expected").join(format!("{name}.txt"));
        let expected = std::fs::read_to_string(context.workspace.root.join(expected)).ok();
        let complaint = complaint(context, &name, expected.as_deref())?;
        match &complaint {
            Some(text) => println!("{name}: {text}"),
            None => println!("{name}: ok"),
        }
        sum.add(Tally::one(what, complaint.is_none()));
    }
    Ok(sum)
}

fn complaint(
    context: &Context,
    name: &str,
    expected: Option<&str>,
) -> Result<Option<String>, Error> {
    let program = context.workspace.built("debug/examples", name);
    let outcome = captured(&mut context.workspace.command(program))?;
    if !outcome.success {
        return Ok(Some(format!(
            "failed\n{}{}",
            outcome.output, outcome.errors
        )));
    }
    Ok(match expected {
        Some(expected) => difference(expected, &outcome.output),
        None => Some(format!(
            "there is no examples/expected/{name}.txt to compare with:\n{}",
            outcome.output
        )),
    })
}
