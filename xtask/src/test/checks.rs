//! Steps that are one cargo command each.

use super::{Context, Tally, python};
use crate::Error;
use crate::process::succeeds;

pub(super) fn formatting(context: &Context) -> Result<Tally, Error> {
    let passed = succeeds(&mut context.workspace.cargo("fmt --all --check"))?;
    Ok(Tally::one("formatting: run `cargo fmt --all`", passed))
}

pub(super) fn clippy(context: &Context) -> Result<Tally, Error> {
    let mut cargo = context.workspace.cargo("clippy --workspace");
    cargo.args(python::exclusion(context));
    cargo.args(["--features=farcall/gdb", "--all-targets", "--keep-going"]);
    cargo.args(["--", "-D", "warnings"]);
    Ok(Tally::one("clippy", succeeds(&mut cargo)?))
}

pub(super) fn documentation(context: &Context) -> Result<Tally, Error> {
    let mut cargo = context.workspace.cargo("doc --no-deps --workspace");
    cargo.args(python::exclusion(context));
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    Ok(Tally::one("documentation", succeeds(&mut cargo)?))
}
