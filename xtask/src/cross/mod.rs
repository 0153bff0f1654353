//! `cargo xtask cross`: the tests, and the judge, on other targets than this machine's.
//!
//! All of it is made from Debian's packages, below `target/cross`, and reused from then on.

mod build;
mod harness;
pub(crate) mod judge;
mod python;
mod sysroot;
mod target;
mod wine;

use std::process::Command;

use crate::process::captured;
use crate::tally::Tally;
use crate::{Chore, Error, Workspace, debian};

use build::Build;
pub(crate) use target::{ALL, Target};

/// Build and run the tests on other targets, and have the calls judged there; installs what that takes.
///
/// The last line counts what passed.
#[derive(clap::Args)]
pub(crate) struct Cross {
    /// Rust's names for the targets; all if none is named.
    targets: Vec<String>,
    /// Leave out the ABI judge.
    #[arg(long)]
    quick: bool,
    /// Run nothing; print shell commands that define `xcargo`, cargo for the one target that is named.
    #[arg(long)]
    env: bool,
}

impl Chore for Cross {
    fn perform(&self, workspace: &Workspace) -> Result<bool, Error> {
        let chosen: Vec<&Target> = if self.targets.is_empty() {
            ALL.iter().collect()
        } else {
            let named = self.targets.iter().map(|name| named(name));
            named.collect::<Result<_, _>>()?
        };
        if self.env {
            let [target] = chosen[..] else {
                return Err(Error::OneTarget);
            };
            require_packages(workspace, target)?;
            println!("{}", Build::prepare(workspace, target)?.shell());
            return Ok(true);
        }
        let sum = run_with(workspace, &chosen, self.quick)?;
        println!("\n{sum}");
        Ok(sum.is_clean())
    }
}

fn named(name: &str) -> Result<&'static Target, Error> {
    Target::named(name).ok_or_else(|| {
        let known: Vec<&str> = ALL.iter().map(|target| target.triple).collect();
        Error::NoTarget {
            name: name.into(),
            known: known.join(", "),
        }
    })
}

/// Tests and judge on each of these targets. One that cannot be built for has failed.
pub(crate) fn run(workspace: &Workspace, targets: &[&'static Target]) -> Result<Tally, Error> {
    run_with(workspace, targets, false)
}

fn run_with(
    workspace: &Workspace,
    targets: &[&'static Target],
    quick: bool,
) -> Result<Tally, Error> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(Tally::skipped(
            "other targets",
            "they are built on x86-64 Linux only",
        ));
    }
    if let Some(missing) = provide_packages(workspace, targets)? {
        return Ok(Tally::failed(format!("other targets: {missing}")));
    }
    let mut sum = Tally::default();
    for target in targets {
        let begin = std::time::Instant::now();
        let tally = on_target(workspace, target, quick)
            .unwrap_or_else(|error| Tally::failed(error.to_string()));
        println!(
            "{}: {} in {:.0} s",
            target.triple,
            tally.counts(),
            begin.elapsed().as_secs_f64()
        );
        sum.add(tally);
    }
    Ok(sum)
}

fn on_target(workspace: &Workspace, target: &'static Target, quick: bool) -> Result<Tally, Error> {
    let build = Build::prepare(workspace, target)?;
    let mut tally = harness::run(&build)?;
    if target.has_python {
        tally.add(python::check(&build)?);
    }
    tally.add(if quick {
        Tally::skipped(format!("judge {}", target.judge), "--quick")
    } else {
        judge::run(&build)?
    });
    Ok(tally)
}

/// Installs what is missing, where this user may; what is missing then, in a line.
fn provide_packages(workspace: &Workspace, targets: &[&Target]) -> Result<Option<String>, Error> {
    let own = targets.iter().flat_map(|target| target.packages);
    let mut names: Vec<&str> = target::PACKAGES.iter().chain(own).copied().collect();
    names.sort_unstable();
    names.dedup();
    let mut missing = debian::missing(workspace, &names);
    if !missing.is_empty() && debian::is_root(workspace) {
        eprintln!("installing {}", missing.join(" "));
        debian::install(workspace, &missing)?;
        missing = debian::missing(workspace, &names);
    }
    Ok((!missing.is_empty()).then(|| {
        format!(
            "missing, to be installed by root: apt-get install {}",
            missing.join(" ")
        )
    }))
}

fn require_packages(workspace: &Workspace, target: &'static Target) -> Result<(), Error> {
    let missing = provide_packages(workspace, &[target])?;
    missing.map_or(Ok(()), |problem| {
        Err(Error::Cross {
            target: target.triple,
            problem,
        })
    })
}

/// Runs a command that should succeed, without showing what it prints.
fn succeed(target: &Target, command: &mut Command) -> Result<(), Error> {
    let outcome = captured(command)?;
    if outcome.success {
        return Ok(());
    }
    Err(Error::Cross {
        target: target.triple,
        problem: format!(
            "{} failed: {}{}",
            command.get_program().to_string_lossy(),
            outcome.output,
            outcome.errors
        ),
    })
}
