use super::{Context, Tally};
use crate::Error;
use crate::process::shown;
use crate::tally::Skip;

pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let words = "test --doc --workspace --exclude farcall-python --no-fail-fast";
    let outcome = shown(&mut context.workspace.cargo(words))?;
    Ok(judged(&outcome.output, outcome.success))
}

/// A run that tested nothing that we know has failed, whatever its exit code.
fn judged(output: &str, success: bool) -> Tally {
    let mut tally = parse(output);
    let problem = if !success && tally.is_clean() {
        "cargo failed"
    } else if success && summed(output) != Some(tally.passed) {
        "the harness's summary is not understood"
    } else if success && tally.passed == 0 {
        "none was run"
    } else {
        return tally;
    };
    tally.add(Tally::failed(format!("doc tests: {problem}")));
    tally
}

/// How many passed by the last line for each crate, `test result: ok. 7 passed; 0 failed; ...`; `None` without one.
fn summed(output: &str) -> Option<usize> {
    let results = output
        .lines()
        .filter_map(|line| line.strip_prefix("test result: "));
    let counts = results.map(|line| {
        let (before, _) = line.split_once(" passed;")?;
        before.rsplit(' ').next()?.parse::<usize>().ok()
    });
    counts.reduce(|sum, count| Some(sum? + count?))?
}

/// Reads the lines of the harness, such as `test src/lib.rs - f (line 3) ... ok`.
fn parse(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|line| line.rsplit_once(" ... "))
        else {
            continue;
        };
        match outcome {
            "ok" => tally.passed += 1,
            "ignored" => tally.skipped.push(Skip {
                what: name.into(),
                why: "the example is marked `ignore`".into(),
            }),
            _ => tally.failed.push(name.into()),
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "   Doc-tests farcall

running 4 tests
test src/ffi.rs - ffi::Ffi::cdef (line 12) ... ok
test src/ffi.rs - ffi::Ffi::new (line 40) - compile ... ok
test src/lib.rs - (line 5) ... ignored
test src/value.rs - value::Value (line 9) ... FAILED

failures:

---- src/value.rs - value::Value (line 9) stdout ----
Test executable failed (exit status: 101).

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.05s
";

    #[test]
    fn lines_of_the_harness_are_counted() {
        let tally = parse(OUTPUT);
        assert_eq!(tally.counts(), "2 passed, 1 failed, 1 skipped");
        assert_eq!(tally.failed, ["src/value.rs - value::Value (line 9)"]);
        assert_eq!(tally.skipped[0].what, "src/lib.rs - (line 5)");
    }

    #[test]
    fn no_tests_are_none() {
        let output =
            "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured\n";
        assert_eq!(parse(output), Tally::default());
        assert_eq!(judged(output, true).failed, ["doc tests: none was run"]);
    }

    #[test]
    fn a_run_that_says_nothing_is_a_failure() {
        let failures = |output, success| judged(output, success).failed;
        assert_eq!(failures("", false), ["doc tests: cargo failed"]);
        let unknown = "doc tests: the harness's summary is not understood";
        assert_eq!(failures("", true), [unknown]);
        let other = "3 doc tests: all good\ntest result: ok. 3 passed; 0 failed\n";
        assert_eq!(failures(other, true), [unknown]);
        let two = "test a ... ok\ntest result: ok. 1 passed; 0 failed\n\n\
                   test b ... ok\ntest result: ok. 1 passed; 0 failed\n";
        assert_eq!(judged(two, true), Tally::passed(2));
        assert_eq!(
            judged(OUTPUT, false).counts(),
            "2 passed, 1 failed, 1 skipped"
        );
    }
}
