//! The text, and the way back from a token to the user's line and column.

use std::borrow::Cow;

use crate::cdef::{CdefError, CdefErrorKind};

/// A text as the lexer reads it: without its line splices (a backslash at the end of a line, C11 5.1.1.2 phase 2) and
/// with universal character names (`\u00e9`, phase 1 and 6.4.3) as the characters that they name.
pub(crate) struct Source<'a> {
    user: &'a str,
    /// What the lexer reads; offsets of tokens count in it.
    pub(crate) text: Cow<'a, str>,
    /// For each piece that became shorter: the offset in `text` behind it, and by how many bytes the text is shorter
    /// up to there.
    shortened: Vec<(u32, u32)>,
}

impl<'a> Source<'a> {
    /// Prepares `user`, which must be shorter than 4 GiB.
    pub(crate) fn new(user: &'a str) -> Source<'a> {
        let mut text = String::new();
        let mut shortened = Vec::new();
        let mut copied = 0;
        let mut from = 0;
        while let Some(at) = user[from..].find('\\').map(|at| from + at) {
            let after = &user[at + 1..];
            let (length, character) = match (splice(after), universal_character(after)) {
                (Some(length), _) => (length, None),
                (None, Some((length, character))) => (length, Some(character)),
                // What an escaped backslash is followed by means itself.
                (None, None) => {
                    from = at
                        + 1
                        + usize::from(after.starts_with('\\') && splice(&after[1..]).is_none());
                    continue;
                }
            };
            text.push_str(&user[copied..at]);
            text.extend(character);
            copied = at + 1 + length;
            from = copied;
            shortened.push((text.len() as u32, (copied - text.len()) as u32));
        }
        let text = match copied {
            0 => Cow::Borrowed(user),
            _ => Cow::Owned(text + &user[copied..]),
        };
        Source {
            user,
            text,
            shortened,
        }
    }

    /// The error with its place, which `offset` gives in the spliced text.
    pub(crate) fn error(&self, offset: u32, kind: CdefErrorKind) -> CdefError {
        let before = self.shortened.partition_point(|&(at, _)| at <= offset);
        let shorter = before.checked_sub(1).map_or(0, |i| self.shortened[i].1);
        let offset = (offset + shorter) as usize;
        let lines_before = self.user[..offset].matches('\n').count();
        let line_start = match self.user[..offset].rfind('\n') {
            Some(at) => at + 1,
            None => byte_order_mark(self.user).min(offset),
        };
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

/// Bytes of the mark that some editors put ahead of UTF-8.
pub(super) fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { 3 } else { 0 }
}

/// The length of a splice's end, from behind its backslash. gcc allows blanks ahead of the line's end, which nobody sees.
fn splice(after: &str) -> Option<usize> {
    let rest = after.trim_start_matches([' ', '\t', '\r', '\x0b', '\x0c']);
    rest.starts_with('\n').then(|| after.len() - rest.len() + 1)
}

/// The character that `u00e9` or `U000000e9` behind a backslash names, and their length. Those of ASCII and control
/// characters stay escapes (C11 6.4.3 §2).
fn universal_character(after: &str) -> Option<(usize, char)> {
    let length = match after.bytes().next()? {
        b'u' => 5,
        b'U' => 9,
        _ => return None,
    };
    let digits = after.get(1..length)?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    (hexadecimal && character >= '\u{a0}').then_some((length, character))
}

/// The file and line that the last `# 42 "foo.h"` (or `#line`) before a line gives to it. A `#line 42` leaves the file as it
/// was; the file is empty if none was named before.
fn origin(before: &str) -> Option<(Box<str>, u32)> {
    let mut number = None;
    for (since, line) in before.lines().rev().enumerate() {
        let Some((marked, file)) = line_marker(line) else {
            continue;
        };
        let number = *number.get_or_insert(marked.saturating_add(since as u32));
        if let Some(file) = file {
            return Some((file.into(), number));
        }
    }
    number.map(|number| ("".into(), number))
}

/// The number and the file of a line marker.
fn line_marker(line: &str) -> Option<(u32, Option<&str>)> {
    let marker = line.trim_start().strip_prefix('#')?.trim_start();
    let marker = marker.strip_prefix("line").unwrap_or(marker).trim_start();
    let digits = marker
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(marker.len());
    let number = marker[..digits].parse().ok()?;
    let file = marker[digits..].trim_start().strip_prefix('"');
    Some((
        number,
        file.and_then(|file| file.split_once('"'))
            .map(|(file, _)| file),
    ))
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
        assert_eq!(place("\u{feff}int foo", "foo"), (1, 5, None));
    }

    #[test]
    fn blanks_may_hide_behind_a_splice() {
        assert_eq!(Source::new("in\\ \t\nt x").text, "int x");
        assert_eq!(place("int \\ \r\n foo y;", "foo"), (2, 2, None));
    }

    #[test]
    fn universal_character_names_are_their_characters() {
        let source = Source::new("caf\\u00e9 \\U0001F600 \"\\\\u00e9 \\u0041\" \\u12");
        assert_eq!(
            source.text,
            "caf\u{e9} \u{1f600} \"\\\\u00e9 \\u0041\" \\u12"
        );
        assert_eq!(place("\\u00e9\\u00e8 foo", "foo"), (1, 14, None));
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
        assert_eq!(
            place("# 1 \"a.h\"\nint x;\n#line 42\n\nfoo", "foo"),
            (5, 1, Some(("a.h".into(), 43)))
        );
        assert_eq!(place("#line 42\nfoo", "foo"), (2, 1, Some(("".into(), 42))));
    }
}
