use super::tally::Skip;

/// Tests that printed a line `skipped: REASON`, from the report that nextest leaves.
pub(super) fn skips(report: &str) -> Vec<Skip> {
    report
        .split("<testcase ")
        .skip(1)
        .filter_map(|case| {
            let (head, body) = case.split_once('>')?;
            let reason = body
                .lines()
                .find_map(|line| Some(line.split_once("skipped: ")?.1))?;
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
