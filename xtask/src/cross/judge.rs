//! The ABI judge on a target. The judge of this machine compiles the callees, with the target's compiler, and starts the
//! target's judge to call them, which tells it what happens line by line.

use std::ffi::OsString;

use super::build::Build;
use super::{ALL, Target};
use crate::process::{captured, succeeds};
use crate::tally::Tally;
use crate::test::judge::{DIRECTIONS, FEATURES};
use crate::{Error, Workspace};

/// Signatures a target, of a seed of their own.
const COUNT: &str = "500";
const SEED: &str = "3";

/// Has the engine's calls and callbacks on the target judged by its compiler.
pub(super) fn run(build: &Build<'_>) -> Result<Tally, Error> {
    let (workspace, target) = (build.workspace, build.target);
    let name = format!("judge {} {}", target.judge, target.cc());
    // The same build as for the tests.
    if !succeeds(&mut workspace.cargo("build --quiet --workspace --bins"))? {
        return Ok(Tally::failed(format!("{name}: it does not build")));
    }
    let runner = runner(build)?;
    let mut sum = Tally::default();
    for through in DIRECTIONS {
        let mut judge = workspace.command(workspace.built("debug", "farcall-abitest"));
        judge
            .args(["check", "--target", target.judge, "--cc", &target.cc()])
            .args(["--through", through, "--features", FEATURES])
            .args(["--count", COUNT, "--seed", SEED])
            .arg("--runner")
            .arg(&runner);
        let outcome = captured(&mut judge)?;
        let file = format!("judge-{}-{through}.txt", target.judge);
        let file = workspace.target.join(file);
        std::fs::write(&file, &outcome.output).map_err(Error::io(&file))?;
        let summary = outcome.output.lines().last().unwrap_or(&outcome.errors);
        let summary = summary.trim();
        println!("{} {through}: {summary} ({})", target.cc(), file.display());
        sum.add(Tally::one(format!("{name} {through}"), outcome.success));
    }
    Ok(sum)
}

/// What runs the target's judge, which is built first.
fn runner(build: &Build<'_>) -> Result<OsString, Error> {
    let words = "build --quiet --workspace --exclude xtask --exclude farcall-python --bins";
    if !succeeds(&mut build.cargo(words))? {
        return Err(Error::Cross {
            target: build.target.triple,
            problem: "the judge does not build".into(),
        });
    }
    let mut runner = build.runner.clone();
    runner.push(build.program("farcall-abitest").into());
    Ok(runner.join(" ".as_ref()))
}

/// The target that the judge knows by this name, unless it is this machine's.
pub(crate) fn target(judged: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.is_judged_as(judged))
}

/// What the judge's option `--runner` takes, built and installed if need be.
pub(crate) fn runner_for(
    workspace: &Workspace,
    target: &'static Target,
) -> Result<OsString, Error> {
    super::require_packages(workspace, target)?;
    runner(&Build::prepare(workspace, target)?)
}

impl Target {
    /// `i686-linux`, and `i686-linux-cdecl` too.
    fn is_judged_as(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.judge);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}
