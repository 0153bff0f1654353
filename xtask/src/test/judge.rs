use super::{Context, Tally};
use crate::Error;
use crate::process::succeeds;

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
        println!("{cc}:");
        let mut judge = workspace.command(workspace.built("debug", "farcall-abitest"));
        judge.args(["check", "--count", COUNT, "--seed", SEED, "--cc", cc]);
        if let Some(caller) = caller {
            judge.args(["--caller-cc", caller]);
        }
        sum.add(Tally::one(name, succeeds(&mut judge)?));
    }
    Ok(sum)
}
