//! The text, and the way back from a token to the user's line and column.

use std::borrow::Cow;

use crate::cdef::{CdefError, CdefErrorKind};

/// A text with its line splices (a backslash at the end of a line, C11 5.1.1.2 phase 2) taken out.
pub(crate) struct Source<'a> {
    user: &'a str,
    /// What the lexer reads; offsets of tokens count in it.
    pub(crate) text: Cow<'a, str>,
    /// For each splice: its offset in `text`, and the bytes taken out up to and with it.
    splices: Vec<(u32, u32)>,
}

impl<'a> Source<'a> {
    /// Takes the splices out of `user`, which must be shorter than 4 GiB.
    pub(crate) fn new(user: &'a str) -> Source<'a> {
        if !user.contains("\\\n") && !user.contains("\\\r\n") {
            return Source {
                user,
                text: Cow::Borrowed(user),
                splices: Vec::new(),
            };
        }
        let mut text = String::with_capacity(user.len());
        let mut splices = Vec::new();
        let mut rest = user;
        while let Some(at) = rest.find('\\') {
            let after = &rest[at + 1..];
            let end = ["\n", "\r\n"]
                .into_iter()
                .find(|end| after.starts_with(end));
            text.push_str(&rest[..at]);
            match end {
                Some(end) => {
                    rest = &after[end.len()..];
                    let removed = user.len() - rest.len() - text.len();
                    splices.push((text.len() as u32, removed as u32));
                }
                None => {
                    text.push('\\');
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        Source {
            user,
            text: Cow::Owned(text),
            splices,
        }
    }

    /// The error with its place, which `offset` gives in the spliced text.
    pub(crate) fn error(&self, offset: u32, kind: CdefErrorKind) -> CdefError {
        let before = self.splices.partition_point(|&(at, _)| at <= offset);
        let removed = before.checked_sub(1).map_or(0, |i| self.splices[i].1);
        let offset = (offset + removed) as usize;
        let lines_before = self.user[..offset].matches('\n').count();
        let line_start = self.user[..offset].rfind('\n').map_or(0, |at| at + 1);
        let source_line = self.user[line_start..].lines().next().unwrap_or("");
        CdefError {
            kind,
            line: lines_before as u32 + 1,
            column: self.user[line_start..offset].chars().count() as u32 + 1,
            source_line: source_line.into(),
            origin: origin(&self.user[..line_start]),
        }
    }
}

/// The file and line that the last `# 42 "foo.h"` (or `#line`) before a line gives to it.
fn origin(before: &str) -> Option<(Box<str>, u32)> {
    before.lines().rev().enumerate().find_map(|(since, line)| {
        let marker = line.trim_start().strip_prefix('#')?.trim_start();
        let marker = marker.strip_prefix("line").unwrap_or(marker).trim_start();
        let digits = marker.find(|c: char| !c.is_ascii_digit())?;
        let number: u32 = marker[..digits].parse().ok()?;
        let file = marker[digits..].trim_start().strip_prefix('"')?;
        let file = &file[..file.find('"')?];
        Some((file.into(), number.saturating_add(since as u32)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, needle: &str) -> (u32, u32, Option<(Box<str>, u32)>) {
        let source = Source::new(text);
        let offset = source.text.find(needle).unwrap() as u32;
        let error = source.error(offset, CdefErrorKind::TooDeep(1));
        (error.line, error.column, error.origin)
    }

    #[test]
    fn places_are_the_users_own() {
        assert_eq!(place("int x;\n  foo y;", "foo"), (2, 3, None));
        assert_eq!(place("int \\\n  foo y;", "foo"), (2, 3, None));
        assert_eq!(place("in\\\nt \\\r\n a\\\n b foo;", "foo"), (4, 4, None));
        assert_eq!(place("/* \u{e9} */ foo", "foo"), (1, 9, None));
    }

    #[test]
    fn line_markers_name_the_file() {
        assert_eq!(
            place("# 42 \"foo.h\" 1 3\nint x;\n bar", "bar"),
            (3, 2, Some(("foo.h".into(), 43)))
        );
        assert_eq!(
            place("#line 7 \"a.h\"\nfoo", "foo"),
            (2, 1, Some(("a.h".into(), 7)))
        );
    }
}
