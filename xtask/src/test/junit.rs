use crate::tally::Skip;

/// Tests that printed a line `skipped: REASON`, from the report that nextest leaves.
pub(super) fn skips(report: &str) -> Vec<Skip> {
    report
        .split("<testcase ")
        .skip(1)
        .filter_map(|case| {
            let (head, body) = case.split_once('>')?;
            let reason = body.lines().find_map(|line| {
                let line = line.trim_start();
                let line = line.strip_prefix("<system-err>").unwrap_or(line);
                line.strip_prefix("skipped: ")
            })?;
            let reason = reason.split('<').next().unwrap_or(reason);
            let what = format!(
                "{} {}",
                attribute(head, "classname")?,
                attribute(head, "name")?
            );
            Some(Skip {
                what: text(&what),
                why: text(reason.trim()),
            })
        })
        .collect()
}

fn attribute<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = head.split_once(&format!("{name}=\""))?;
    Some(value.split_once('"')?.0)
}

/// What XML escapes.
fn text(escaped: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(escaped.into(), |text: String, (from, to)| {
        text.replace(from, to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<testsuites name="nextest-run" tests="2" skipped="0">
        <testcase name="tests::cannot" classname="nx" time="0.008">
            <system-out>
running 1 test
test tests::cannot ... ok
</system-out>
            <system-err>skipped: there is no &lt;clang&gt; &amp; co
</system-err>
        </testcase>
        <testcase name="tests::good" classname="nx" time="0.008">
            <system-out>
running 1 test
what was not skipped: this
</system-out>
            <system-err></system-err>
        </testcase>
"#;

    #[test]
    fn tests_that_say_so_were_skipped() {
        let skip = Skip {
            what: "nx tests::cannot".into(),
            why: "there is no <clang> & co".into(),
        };
        assert_eq!(skips(REPORT), [skip]);
    }
}
