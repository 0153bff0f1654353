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
        // A remark in parentheses, which may hold a comma, changes no count.
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

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
     SIGABRT [   0.007s] (1/7) nx tests::abort
────────────
     Summary [   6.037s] 7 tests run: 4 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 1 skipped
        SKIP [         ] (───) nx tests::long
        SLOW [   3.007s] (6/7) nx tests::slow
     SIGABRT [   0.007s] (1/7) nx tests::abort
        FAIL [   0.080s] (4/7) nx tests::bad
     TIMEOUT [   6.012s] (7/7) nx tests::hang
error: test run failed
";

    #[test]
    fn a_summary_counts_and_names() {
        let summary = parse(OUTPUT).expect("a summary");
        assert_eq!((summary.passed, summary.failed), (4, 3));
        assert_eq!(
            summary.failures,
            ["nx tests::abort", "nx tests::bad", "nx tests::hang"]
        );
        assert_eq!(summary.ignored, ["nx tests::long"]);
    }

    #[test]
    fn a_clean_summary_is_short() {
        let output = "────\n     Summary [  11.227s] 60 tests run: 60 passed, 0 skipped\n";
        let summary = parse(output).expect("a summary");
        assert_eq!((summary.passed, summary.failed), (60, 0));
        assert!(summary.failures.is_empty() && summary.ignored.is_empty());
    }

    #[test]
    fn a_build_that_fails_has_no_summary() {
        assert_eq!(parse("error: could not compile `farcall` (lib)\n"), None);
    }
}
