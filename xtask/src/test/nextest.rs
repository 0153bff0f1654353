use super::tally::Skip;
use super::{Context, Tally, ignored, junit};
use crate::Error;
use crate::process::shown;

/// Runs the unit and integration tests.
pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let Some([program, words @ ..]) = context.requirements.nextest.as_deref() else {
        return Ok(Tally::failed("tests: cargo-nextest cannot be installed"));
    };
    let mut nextest = context.workspace.command(program);
    nextest.args(words).args([
        "run",
        "--workspace",
        "--no-fail-fast",
        "--status-level=slow",
        "--final-status-level=skip",
    ]);
    let outcome = shown(&mut nextest)?;
    let mut summary = parse(&outcome.output).unwrap_or_default();
    if !outcome.success && summary.failed == 0 {
        return Ok(Tally::failed("tests: nextest failed"));
    }
    summary.failures.resize_with(summary.failed, || {
        "a test that nextest does not name".into()
    });
    let mut tally = Tally {
        passed: summary.passed,
        failed: summary.failures,
        skipped: ignored::reasons(&context.workspace.root, summary.ignored),
    };
    // A test that finds that it cannot run passes, as far as nextest knows.
    let report = context.workspace.target.join("nextest/default/junit.xml");
    let report = std::fs::read_to_string(report).unwrap_or_default();
    for Skip { what, why } in junit::skips(&report) {
        tally.passed = tally.passed.saturating_sub(1);
        tally.add(Tally::skipped(what, why));
    }
    Ok(tally)
}

/// What nextest says at its end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    passed: usize,
    failed: usize,
    /// Names of those that failed.
    failures: Vec<String>,
    /// Names of those that were not run.
    ignored: Vec<String>,
}

/// Reads the line `Summary [ 1.2s] 9 tests run: 7 passed (1 slow), 2 failed, 3 skipped` and the names below it.
fn parse(output: &str) -> Option<Summary> {
    let mut lines = output
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("Summary ["));
    let (_, counts) = lines.next()?.split_once("run: ")?;
    let mut summary = Summary::default();
    for part in counts.split(", ") {
        let mut words = part.trim().splitn(2, ' ');
        // A remark in parentheses may hold a comma: what follows it is no count.
        let Some(Ok(count)) = words.next().map(str::parse::<usize>) else {
            continue;
        };
        let kind = words.next().unwrap_or_default();
        let kind = kind.split(" (").next().unwrap_or_default();
        match kind {
            "passed" => summary.passed += count,
            "failed" | "timed out" | "exec failed" => summary.failed += count,
            _ => {}
        }
    }
    for line in lines {
        let Some((status, rest)) = line.split_once('[') else {
            continue;
        };
        let Some((_, name)) = rest.split_once(") ") else {
            continue;
        };
        match status.trim() {
            "SKIP" => summary.ignored.push(name.trim().into()),
            "PASS" | "SLOW" | "LEAK" => {}
            _ => summary.failures.push(name.trim().into()),
        }
    }
    Some(summary)
}
