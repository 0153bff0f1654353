//! Preprocessor lines: `#define NAME value`, `#pragma pack`, line markers.

use std::ops::Range;

use super::Token;
use crate::cdef::CdefErrorKind;

/// A `#define` or an `#undef`.
#[derive(Clone, Debug)]
pub(crate) struct Define {
    /// The macro's name.
    pub(crate) name: Token,
    /// Its replacement, as indexes into [`Lexed::define_tokens`](super::Lexed::define_tokens); none for `#undef`.
    pub(crate) body: Option<Range<usize>>,
    /// How many tokens of declarations stand before it.
    pub(crate) position: usize,
}

/// From a token on, another packing holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackChange {
    /// How many tokens of declarations stand before it.
    pub(crate) position: usize,
    /// Largest alignment of a member in bytes; none for the default.
    pub(crate) pack: Option<u32>,
}

/// The packing that `#pragma pack` lines ask for, with `push` and `pop`.
#[derive(Default)]
pub(super) struct PackStack {
    current: Option<u32>,
    saved: Vec<(Option<Box<str>>, Option<u32>)>,
}

impl PackStack {
    /// Applies one pragma, given as the text after `#pragma`. The answer is the packing from here on, or nothing if the
    /// pragma is not about packing.
    pub(super) fn apply(&mut self, pragma: &str) -> Result<Option<Option<u32>>, CdefErrorKind> {
        let Some(rest) = pragma.trim().strip_prefix("pack") else {
            return Ok(None);
        };
        let Some(inside) = rest
            .trim_start()
            .strip_prefix('(')
            .and_then(|r| r.split(')').next())
        else {
            return Ok(None);
        };
        let mut words = inside
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .peekable();
        match words.next_if(|&word| word == "push" || word == "pop" || word == "show") {
            Some("push") => {
                let label = words.next_if(|word| is_label(word)).map(Into::into);
                self.saved.push((label, self.current));
            }
            Some("pop") => self.pop(words.next_if(|word| is_label(word))),
            Some(_) => return Ok(None),
            None if words.peek().is_none() => self.current = None,
            None => {}
        }
        if let Some(word) = words.next() {
            self.current = alignment(word)?;
        }
        Ok(Some(self.current))
    }

    /// What there is nothing to pop for changes nothing, and an unknown label counts as none, as for gcc.
    fn pop(&mut self, label: Option<&str>) {
        let labelled = self
            .saved
            .iter()
            .rposition(|(l, _)| label.is_some() && l.as_deref() == label);
        if let Some(depth) = labelled.or(self.saved.len().checked_sub(1)) {
            self.current = self.saved[depth].1;
            self.saved.truncate(depth);
        }
    }
}

fn is_label(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// `#pragma pack(0)` means the default, to gcc as to Microsoft's compiler.
fn alignment(word: &str) -> Result<Option<u32>, CdefErrorKind> {
    match word {
        "0" => Ok(None),
        "1" | "2" | "4" | "8" | "16" => Ok(word.parse().ok()),
        _ => Err(CdefErrorKind::Invalid(format!(
            "'#pragma pack({word})': the alignment must be 1, 2, 4, 8 or 16"
        ))),
    }
}

/// The pragma, if it is one that changes layouts or symbols in a way that is not known here.
pub(super) fn unimplemented(pragma: &str) -> Option<String> {
    let words: Vec<&str> = pragma
        .split(|c: char| c.is_whitespace() || c == '(' || c == ')')
        .filter(|word| !word.is_empty())
        .collect();
    let unimplemented = match words[..] {
        ["scalar_storage_order", order, ..] => order == "big-endian",
        ["ms_struct", state, ..] => state == "on",
        ["options", align, ..] => align.starts_with("align"),
        ["redefine_extname", ..] => true,
        _ => false,
    };
    let shown = || words.iter().take(2).copied().collect::<Vec<_>>();
    unimplemented.then(|| shown().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_and_pops_nest() {
        let mut stack = PackStack::default();
        let mut apply = |text| stack.apply(text).unwrap();
        assert_eq!(apply("pack(push, 1)"), Some(Some(1)));
        assert_eq!(apply(" pack ( push , name , 2 )"), Some(Some(2)));
        assert_eq!(apply("pack(push)"), Some(Some(2)));
        assert_eq!(apply("pack(4)"), Some(Some(4)));
        assert_eq!(apply("pack(pop, name)"), Some(Some(1)));
        assert_eq!(apply("pack(pop)"), Some(None));
        assert_eq!(apply("pack()"), Some(None));
        assert_eq!(apply("once"), None);
        assert_eq!(apply("pack(2)"), Some(Some(2)));
        assert_eq!(apply("pack(pop)"), Some(Some(2)));
        assert_eq!(apply("pack(push, a, 1)"), Some(Some(1)));
        assert_eq!(apply("pack(pop, b)"), Some(Some(2)));
        assert!(stack.apply("pack(3)").is_err());
    }
}
