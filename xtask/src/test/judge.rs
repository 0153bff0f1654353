use std::path::Path;

use super::{Context, Tally};
use crate::Error;
use crate::process::{captured, succeeds};

/// Signatures a compiler. The tests have judged some already, of another seed.
const COUNT: &str = "500";
const SEED: &str = "2";

/// Compilers of the callees, and those whose callers must agree with them where the ABI is in doubt.
const COMPILERS: [(&str, Option<&str>); 2] = [("gcc", None), ("clang", Some("gcc"))];

/// Has the engine's calls judged by the compilers of this machine.
pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    if context.quick {
        return Ok(Tally::skipped("ABI judge", "--quick"));
    }
    let workspace = context.workspace;
    // The same build as for the tests.
    let built = succeeds(&mut workspace.cargo("build --workspace --bins"))?;
    if !built {
        return Ok(Tally::failed("ABI judge: it does not build"));
    }
    let mut sum = Tally::default();
    for (cc, caller) in COMPILERS {
        let name = format!("judge {cc}");
        if let Some(reason) = context.requirements.missing(&name) {
            sum.add(Tally::skipped(name, reason));
            continue;
        }
        let mut judge = workspace.command(workspace.built("debug", "farcall-abitest"));
        judge.args(["check", "--count", COUNT, "--seed", SEED, "--cc", cc]);
        if let Some(caller) = caller {
            judge.args(["--caller-cc", caller]);
        }
        let outcome = captured(&mut judge)?;
        if outcome.success {
            // What the compilers disagree on, and all else that it found, is in the file.
            let file = workspace.target.join(format!("judge-{cc}.txt"));
            write(&file, &outcome.output)?;
            let summary = outcome.output.lines().last().unwrap_or_default();
            println!("{cc}: {summary} ({})", file.display());
        } else {
            println!("{cc}:\n{}{}", outcome.output, outcome.errors);
        }
        sum.add(Tally::one(name, outcome.success));
    }
    Ok(sum)
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(file, text).map_err(|error| Error::Io {
        path: file.display().to_string(),
        error,
    })
}
