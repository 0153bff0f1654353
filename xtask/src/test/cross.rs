use super::{Context, Tally};
use crate::Error;
use crate::cross::{self, ALL};

/// Tests and judge on the other targets.
pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    if context.quick {
        return Ok(Tally::skipped("other targets", "--quick"));
    }
    cross::run(context.workspace, &ALL.iter().collect::<Vec<_>>())
}
