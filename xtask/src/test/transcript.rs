//! Output as it was written down, and output as it is.

/// Where `actual` first differs from `expected`, for a person to read. White space at the ends of lines does not
/// count; a line `...` stands for any number of lines.
pub(super) fn difference(expected: &str, actual: &str) -> Option<String> {
    let expected: Vec<&str> = expected.trim_end().lines().map(str::trim_end).collect();
    let actual: Vec<&str> = actual.trim_end().lines().map(str::trim_end).collect();
    let same = agree(&expected, &actual);
    (!same).then(|| {
        format!(
            "expected:\n{}\ngot:\n{}",
            indented(&expected),
            indented(&actual)
        )
    })
}

fn agree(expected: &[&str], actual: &[&str]) -> bool {
    match expected {
        [] => actual.is_empty(),
        ["...", rest @ ..] => (0..=actual.len()).any(|skipped| agree(rest, &actual[skipped..])),
        [line, rest @ ..] => actual.first() == Some(line) && agree(rest, &actual[1..]),
    }
}

fn indented(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_does_not_differ() {
        assert_eq!(difference("14 15.4\n", "14 15.4  \n"), None);
        assert_eq!(difference("", ""), None);
    }

    #[test]
    fn an_ellipsis_is_any_number_of_lines() {
        assert_eq!(difference("a\n...\nd", "a\nb\nc\nd\n"), None);
        assert_eq!(difference("a\n...\nd", "a\nd\n"), None);
        assert!(difference("a\n...\nd", "a\nb\n").is_some());
        assert_eq!(difference("...", ""), None);
    }

    #[test]
    fn a_difference_shows_both() {
        let text = difference("1024", "1025").expect("a difference");
        assert_eq!(text, "expected:\n    1024\ngot:\n    1025");
    }
}
