use super::{Context, Tally};
use crate::Error;
use crate::layout::{self, Layout};

/// Records a target.
const COUNT: usize = 2000;
const SEED: u64 = 7;

/// Compares random records with the compilers of every target.
pub(super) fn random(context: &Context) -> Result<Tally, Error> {
    if context.quick {
        return Ok(Tally::skipped("layouts", "--quick"));
    }
    let mut sum = Tally::default();
    for target in layout::targets() {
        let name = format!("layouts {target}");
        if let Some(reason) = context.requirements.missing(&name) {
            sum.add(Tally::skipped(name, reason));
            continue;
        }
        let options = Layout {
            target: Some(target.into()),
            cc: None,
            count: COUNT,
            seed: SEED,
            list: false,
        };
        let report = layout::run(&options).map_err(Error::Layout)?;
        println!("{report}");
        sum.add(Tally::one(name, report.differences() == 0));
    }
    Ok(sum)
}

/// Parses real headers and compares all their records.
pub(super) fn headers(context: &Context) -> Result<Tally, Error> {
    const NAME: &str = "headers";
    if let Some(reason) = context.requirements.missing(NAME) {
        return Ok(Tally::skipped(NAME, reason));
    }
    let report = layout::headers().map_err(Error::Layout)?;
    println!("{report}");
    Ok(Tally::one(NAME, report.problems() == 0))
}
