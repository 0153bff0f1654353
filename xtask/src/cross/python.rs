//! The Python package is compiled, for there is no Python of these targets that could run it.

use super::build::Build;
use super::succeed;
use crate::Error;
use crate::tally::Tally;

/// The release that is compiled for: PyO3 has no interpreter to ask.
const VERSION: &str = "3.11";

/// Compiles the package for a target.
pub(super) fn check(build: &Build<'_>) -> Result<Tally, Error> {
    let mut cargo = build.cargo("check --quiet -p farcall-python");
    cargo
        .env("PYO3_CROSS", "1")
        .env("PYO3_CROSS_PYTHON_VERSION", VERSION);
    succeed(build.target, &mut cargo)?;
    Ok(Tally::passed(1))
}
