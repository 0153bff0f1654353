//! The unit and integration tests on a target, by plain `cargo test`: a process a test, as nextest has it, would take
//! minutes under wine.

use super::build::Build;
use crate::Error;
use crate::process::{logged, plain};
use crate::tally::{Skip, Tally};

/// What is tested. The chores are for the host.
const TESTS: &str = "--workspace --exclude xtask --exclude farcall-python --features farcall/gdb --lib --bins --tests";

pub(super) fn run(build: &Build<'_>) -> Result<Tally, Error> {
    let triple = build.target.triple;
    let log = build.workspace.target.join(format!("cross/{triple}.txt"));
    println!("{triple}: building and running the tests");
    let mut cargo = build.cargo(&format!("test --no-fail-fast {TESTS}"));
    let success = logged(cargo.args(["--", "--show-output"]), &log)?;
    let output = std::fs::read(&log).map_err(Error::io(&log))?;
    let output = plain(&String::from_utf8_lossy(&output));
    let mut tally = judged(&output, success);
    for what in &mut tally.failed {
        *what = format!("{triple}: {what}");
    }
    for skip in &mut tally.skipped {
        skip.what = format!("{triple}: {}", skip.what);
    }
    if !tally.is_clean() {
        println!("{}see {}", failures(&output), log.display());
    }
    Ok(tally)
}

/// A run that tested nothing that we know has failed, and so has a program that died.
fn judged(output: &str, success: bool) -> Tally {
    let mut tally = parse(output);
    let count = |start: &str| output.lines().filter(|l| l.starts_with(start)).count();
    let (begun, ended) = (
        output.lines().filter(|line| begins(line)).count(),
        count("test result: "),
    );
    if begun > ended {
        tally.add(Tally::failed(format!(
            "{} test programs died",
            begun - ended
        )));
    }
    if tally.is_clean() && !success {
        tally.add(Tally::failed("cargo failed"));
    } else if tally.is_clean() && tally.passed == 0 {
        tally.add(Tally::failed("no test was run"));
    }
    tally
}

/// `running 7 tests`
fn begins(line: &str) -> bool {
    let count = line
        .strip_prefix("running ")
        .and_then(|rest| rest.strip_suffix(" tests").or(rest.strip_suffix(" test")));
    count.is_some_and(|count| count.parse::<usize>().is_ok())
}

/// Reads the lines of the harness, such as `test places::integers ... ok`, and below `---- NAME stdout ----` what a test
/// that passed has printed.
fn parse(output: &str) -> Tally {
    let mut tally = Tally::default();
    let mut passing = false;
    let mut printed_by = None;
    for line in output.lines() {
        match line {
            "successes:" => passing = true,
            "failures:" => passing = false,
            _ => {}
        }
        if let Some(name) = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" stdout ----"))
        {
            printed_by = passing.then_some(name);
        } else if let Some(reason) = line.strip_prefix("skipped: ")
            && let Some(name) = printed_by
        {
            tally.passed = tally.passed.saturating_sub(1);
            tally.add(Tally::skipped(name, reason));
            printed_by = None;
        }
        let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|line| line.rsplit_once(" ... "))
        else {
            continue;
        };
        match outcome.split_once(", ").unwrap_or((outcome, "")) {
            ("ok", _) => tally.passed += 1,
            ("ignored", why) => tally.skipped.push(Skip {
                what: name.into(),
                why: why.into(),
            }),
            _ => tally.failed.push(name.into()),
        }
    }
    tally
}

/// What tests that failed have printed, and what cargo says of programs that died.
fn failures(output: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in output.lines() {
        match line {
            "failures:" => inside = true,
            "successes:" => inside = false,
            _ if line.starts_with("test result: ") => inside = false,
            _ => {}
        }
        if inside || line.starts_with("error") || line.contains("process didn't exit") {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "     Running tests/a.rs (target/a)

running 4 tests
test bad ... FAILED
test cannot ... ok
test good ... ok
test long ... ignored, takes an hour

successes:

---- cannot stdout ----
skipped: there is no /proc


successes:
    cannot
    good

failures:

---- bad stdout ----
skipped: not this one, which failed
assertion failed

failures:
    bad

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s
";

    #[test]
    fn lines_of_the_harness_are_counted() {
        let tally = parse(OUTPUT);
        assert_eq!(tally.counts(), "1 passed, 1 failed, 2 skipped");
        assert_eq!(tally.failed, ["bad"]);
        let skips: Vec<_> = tally.skipped.iter().map(|skip| &*skip.why).collect();
        assert_eq!(skips, ["takes an hour", "there is no /proc"]);
    }

    #[test]
    fn a_program_that_dies_has_failed() {
        let died = "running 9 tests\ntest a ... ok\nerror: test failed\n";
        assert_eq!(judged(died, false).failed, ["1 test programs died"]);
        assert_eq!(judged("", false).failed, ["cargo failed"]);
        assert_eq!(judged("", true).failed, ["no test was run"]);
    }

    #[test]
    fn failures_are_shown_and_nothing_else() {
        let text = failures(OUTPUT);
        assert!(
            text.contains("assertion failed") && !text.contains("/proc"),
            "{text}"
        );
    }
}
