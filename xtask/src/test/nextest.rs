use super::{Context, Tally, ignored, junit};
use crate::process::shown;
use crate::tally::Skip;
use crate::{Error, cffi};

/// Runs the unit and integration tests.
pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let Some([program, words @ ..]) = context.requirements.nextest.as_deref() else {
        return Ok(Tally::failed("tests: cargo-nextest cannot be installed"));
    };
    // Without it the tests that compare with cffi skip themselves, and say so.
    if let Err(error) = cffi::python(&context.workspace.target) {
        println!("no comparison with cffi: {error}");
    }
    let mut nextest = context.workspace.command(program);
    nextest.args(words).args([
        "run",
        "--workspace",
        // Its tests are Python's.
        "--exclude=farcall-python",
        "--features=farcall/gdb",
        "--no-fail-fast",
        "--status-level=slow",
        "--final-status-level=skip",
    ]);
    let impossible = context.requirements.impossible();
    if !impossible.is_empty() {
        nextest.args(["-E", &all_but(&impossible)]);
    }
    let outcome = shown(&mut nextest)?;
    let mut summary = match understood(&outcome.output, outcome.success) {
        Ok(summary) => summary,
        Err(problem) => return Ok(Tally::failed(format!("tests: {problem}"))),
    };
    summary.failures.resize_with(summary.failed, || {
        "a test that nextest does not name".into()
    });
    // nextest lists what it was told to leave out beside what is marked.
    summary
        .ignored
        .retain(|name| impossible.iter().all(|skip| skip.what != *name));
    let mut tally = Tally {
        passed: summary.passed,
        failed: summary.failures,
        skipped: ignored::reasons(&context.workspace.root, summary.ignored),
    };
    tally.skipped.extend(impossible);
    // A test that finds that it cannot run passes, as far as nextest knows.
    let report = context.workspace.target.join("nextest/default/junit.xml");
    let report = std::fs::read_to_string(report).unwrap_or_default();
    for Skip { what, why } in junit::skips(&report) {
        tally.passed = tally.passed.saturating_sub(1);
        tally.add(Tally::skipped(what, why));
    }
    Ok(tally)
}

/// The filter that leaves out tests named `BINARY TEST`.
fn all_but(tests: &[Skip]) -> String {
    let parts = tests.iter().filter_map(|skip| {
        let (binary, test) = skip.what.split_once(' ')?;
        Some(format!("not (binary_id({binary}) and test(={test}))"))
    });
    parts.collect::<Vec<_>>().join(" and ")
}

/// A summary that says how many tests passed or failed. A run that says nothing of it has tested nothing that we know.
fn understood(output: &str, success: bool) -> Result<Summary, &'static str> {
    match parse(output) {
        None if success => Err("nextest's summary is not understood"),
        Some(summary) if success && summary.passed + summary.failed == 0 => Err("none was run"),
        Some(summary) if success || summary.failed > 0 => Ok(summary),
        _ => Err("nextest failed"),
    }
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
    fn a_run_that_says_nothing_is_a_failure() {
        assert_eq!(
            understood(OUTPUT, false).map(|summary| summary.failed),
            Ok(3)
        );
        for (output, success, problem) in [
            ("", true, "nextest's summary is not understood"),
            (
                "     Summarised in 1 s: all 60 tests are fine\n",
                true,
                "nextest's summary is not understood",
            ),
            (
                "     Summary [   0.000s] 0 tests run: 0 passed, 0 skipped\n",
                true,
                "none was run",
            ),
            ("error: could not compile\n", false, "nextest failed"),
            (
                "     Summary [   0.1s] 2 tests run: 2 passed, 0 skipped\n",
                false,
                "nextest failed",
            ),
        ] {
            assert_eq!(understood(output, success), Err(problem), "{output}");
        }
    }

    #[test]
    fn impossible_tests_are_left_out() {
        let skip = |what: &str| Skip {
            what: what.into(),
            why: String::new(),
        };
        assert_eq!(
            all_but(&[skip("a::b c"), skip("d e::f")]),
            "not (binary_id(a::b) and test(=c)) and not (binary_id(d) and test(=e::f))"
        );
    }

    #[test]
    fn a_build_that_fails_has_no_summary() {
        assert_eq!(parse("error: could not compile `farcall` (lib)\n"), None);
    }
}
