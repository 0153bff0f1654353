//! `cargo xtask test`: everything that a change must pass, step by step.

mod checks;
mod cross;
mod dependencies;
mod doctests;
mod examples;
mod features;
mod ignored;
pub(crate) mod judge;
mod junit;
mod layouts;
mod nextest;
mod python;
mod readme;
mod requirements;
mod transcript;

use std::io::Write;
use std::time::{Duration, Instant};

use crate::tally::Tally;
pub(crate) use python::Python;
use requirements::Requirements;

use crate::{Chore, Error, Workspace};

/// Check formatting, lints, tests, documentation and examples; installs what that takes.
///
/// A step that fails does not stop the others. The last line counts what passed.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// Leave out what takes long: the ABI judge, random layouts, other targets.
    #[arg(long)]
    quick: bool,
}

/// What a step may need to know.
struct Context<'a> {
    workspace: &'a Workspace,
    requirements: &'a Requirements,
    quick: bool,
}

struct Step {
    name: &'static str,
    perform: fn(&Context) -> Result<Tally, Error>,
}

/// In order: what is quick to fail comes first.
const STEPS: &[Step] = &[
    Step {
        name: "formatting",
        perform: checks::formatting,
    },
    Step {
        name: "dependencies",
        perform: dependencies::explained,
    },
    Step {
        name: "clippy",
        perform: checks::clippy,
    },
    Step {
        name: "features",
        perform: features::run,
    },
    Step {
        name: "tests",
        perform: nextest::run,
    },
    Step {
        name: "doc tests",
        perform: doctests::run,
    },
    Step {
        name: "documentation",
        perform: checks::documentation,
    },
    Step {
        name: "examples",
        perform: examples::run,
    },
    Step {
        name: "Python",
        perform: python::run,
    },
    Step {
        name: "README",
        perform: readme::run,
    },
    Step {
        name: "layouts",
        perform: layouts::random,
    },
    Step {
        name: "headers",
        perform: layouts::headers,
    },
    Step {
        name: "ABI judge",
        perform: judge::run,
    },
    Step {
        name: "other targets",
        perform: cross::run,
    },
];

impl Chore for Test {
    fn perform(&self, workspace: &Workspace) -> Result<bool, Error> {
        let mut times = Vec::new();
        let mut requirements = None;
        let mut sum = timed("requirements", &mut times, || {
            let (met, tally) = Requirements::meet(workspace)?;
            requirements = Some(met);
            Ok(tally)
        });
        if let Some(requirements) = &requirements {
            let context = Context {
                workspace,
                requirements,
                quick: self.quick,
            };
            for step in STEPS {
                sum.add(timed(step.name, &mut times, || (step.perform)(&context)));
            }
        }
        println!("\n{}", table(&times));
        println!("{sum}");
        // Whoever reads the output through a pipe that closed has the exit code.
        let _ = std::io::stdout().flush();
        Ok(sum.is_clean())
    }
}

/// A step that cannot be performed counts as one that failed.
fn timed(
    name: &'static str,
    times: &mut Vec<(&'static str, Duration)>,
    step: impl FnOnce() -> Result<Tally, Error>,
) -> Tally {
    println!("\n==> {name}");
    let begin = Instant::now();
    let tally = step().unwrap_or_else(|error| Tally::failed(format!("{name}: {error}")));
    let elapsed = begin.elapsed();
    let counts = tally.counts();
    println!("<== {name}: {counts} in {:.1} s", elapsed.as_secs_f64());
    times.push((name, elapsed));
    tally
}

fn table(times: &[(&str, Duration)]) -> String {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    times
        .iter()
        .copied()
        .chain([("all", total)])
        .map(|(name, time)| format!("{name:<14} {:>7.1} s\n", time.as_secs_f64()))
        .collect()
}
