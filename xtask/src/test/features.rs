//! What the other steps do not build: the library without its command, and the fuzz targets, a workspace of their own.

use super::requirements::FUZZ_TARGETS;
use super::{Context, Tally};
use crate::process::{captured, succeeds};
use crate::{Error, Workspace};

pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let words = "clippy --package farcall --no-default-features -- -D warnings";
    let passed = succeeds(&mut context.workspace.cargo(words))?;
    let mut sum = Tally::one("--no-default-features", passed);
    sum.add(fuzz_targets(context)?);
    Ok(sum)
}

fn fuzz_targets(context: &Context) -> Result<Tally, Error> {
    let workspace = context.workspace;
    if !workspace.root.join("fuzz/Cargo.toml").exists() {
        return Ok(Tally::skipped(FUZZ_TARGETS, "there is no fuzz/Cargo.toml"));
    }
    if let Some(reason) = context.requirements.missing(FUZZ_TARGETS) {
        return Ok(Tally::skipped(FUZZ_TARGETS, reason));
    }
    // libFuzzer itself is C++ and LLVM's: where it does not build, nothing can be said about what uses it.
    let fuzzer = captured(check(workspace).args(["--package", "libfuzzer-sys"]))?;
    if !fuzzer.success {
        let last = fuzzer.errors.trim().lines().last().unwrap_or_default();
        let reason = format!("libfuzzer-sys does not build here: {last}");
        return Ok(Tally::skipped(FUZZ_TARGETS, reason));
    }
    Ok(Tally::one(FUZZ_TARGETS, succeeds(&mut check(workspace))?))
}

fn check(workspace: &Workspace) -> std::process::Command {
    let mut cargo = workspace.cargo("check --manifest-path fuzz/Cargo.toml --target-dir");
    cargo.arg(workspace.target.join("fuzz"));
    cargo
}
