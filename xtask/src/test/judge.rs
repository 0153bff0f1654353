use std::path::Path;

use super::{Context, Tally};
use crate::Error;
use crate::process::{captured, succeeds};

/// Signatures a compiler. The tests have judged some already, of another seed.
const COUNT: &str = "500";
const SEED: &str = "2";

/// Also what gcc and clang pass differently.
pub(crate) const FEATURES: &str = "all,flexible,zero-arrays,lone-lanes";

/// What this machine runs by itself: the judge's targets, compilers of the callees, and compilers whose callers must agree
/// with these where the ABI is in doubt.
const ROUNDS: [(&str, &str, Option<&str>); 4] = [
    ("x86_64-linux", "gcc", None),
    ("x86_64-linux", "clang", Some("gcc")),
    ("x86_64-linux-ms", "gcc", None),
    ("x86_64-linux-ms", "clang", Some("gcc")),
];

/// Who calls: the engine the compilers' functions, and these the engine's callbacks.
pub(crate) const DIRECTIONS: [&str; 2] = ["engine", "callbacks"];

/// Has the engine's calls and callbacks judged by the compilers of this machine.
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
    let rounds = ROUNDS
        .iter()
        .flat_map(|round| DIRECTIONS.map(|through| (round, through)));
    for (&(target, cc, caller), through) in rounds {
        let name = format!("judge {target} {cc} {through}");
        if let Some(reason) = context.requirements.missing(&format!("judge {cc}")) {
            sum.add(Tally::skipped(name, reason));
            continue;
        }
        let mut judge = workspace.command(workspace.built("debug", "farcall-abitest"));
        judge.args([
            "check",
            "--target",
            target,
            "--cc",
            cc,
            "--through",
            through,
        ]);
        judge.args(["--count", COUNT, "--seed", SEED]);
        match caller {
            Some(caller) => judge.args(["--caller-cc", caller]),
            None => judge.args(["--features", FEATURES]),
        };
        let outcome = captured(&mut judge)?;
        if outcome.success {
            // What the compilers disagree on, and all else that it found, is in the file.
            let file = workspace
                .target
                .join(format!("judge-{target}-{cc}-{through}.txt"));
            write(&file, &outcome.output)?;
            let summary = outcome.output.lines().last().unwrap_or_default();
            println!("{target} {cc} {through}: {summary} ({})", file.display());
        } else {
            println!(
                "{target} {cc} {through}:\n{}{}",
                outcome.output, outcome.errors
            );
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
