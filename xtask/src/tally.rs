use std::fmt;

/// What came of tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    /// What failed.
    pub(crate) failed: Vec<String>,
    pub(crate) skipped: Vec<Skip>,
}

/// A test that was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    pub(crate) what: String,
    pub(crate) why: String,
}

impl Tally {
    pub(crate) fn passed(count: usize) -> Self {
        Self {
            passed: count,
            ..Self::default()
        }
    }

    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self {
            failed: vec![what.into()],
            ..Self::default()
        }
    }

    pub(crate) fn skipped(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            skipped: vec![Skip {
                what: what.into(),
                why: why.into(),
            }],
            ..Self::default()
        }
    }

    /// One test.
    pub(crate) fn one(what: impl Into<String>, passed: bool) -> Self {
        if passed {
            Self::passed(1)
        } else {
            Self::failed(what)
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.skipped.extend(other.skipped);
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.failed.is_empty()
    }

    pub(crate) fn counts(&self) -> String {
        let (failed, skipped) = (self.failed.len(), self.skipped.len());
        format!("{} passed, {failed} failed, {skipped} skipped", self.passed)
    }
}

/// What failed and what was skipped, each on a line, and the counts on the last one.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Skip { what, why } in &self.skipped {
            writeln!(f, "skipped {what}: {why}")?;
        }
        for what in &self.failed {
            writeln!(f, "failed {what}")?;
        }
        write!(f, "{}", self.counts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_the_last_line() {
        let mut sum = Tally::passed(3);
        sum.add(Tally::one("clippy", false));
        sum.add(Tally::one("formatting", true));
        sum.add(Tally::skipped("judge clang", "clang is not installed"));
        let text = "skipped judge clang: clang is not installed\nfailed clippy\n4 passed, 1 failed, 1 skipped";
        assert_eq!(sum.to_string(), text);
    }
}
