//! What can be wrong with declarations, and where.

use std::borrow::Cow;
use std::fmt;

use crate::layout::LayoutError;

/// One thing that is wrong, and its place in the text as the user wrote it.
///
/// `Display` shows the place, the problem, the line and a caret under the column:
///
/// ```text
/// 2:9: unknown type 'foo_t'
///   int f(foo_t x);
///         ^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdefError {
    /// What is wrong.
    pub kind: CdefErrorKind,
    /// Line in the text, from 1.
    pub line: u32,
    /// Column in the line, in characters, from 1.
    pub column: u32,
    /// The line itself, without its end.
    pub source_line: Box<str>,
    /// File and line that a preprocessor's `# 42 "foo.h"` gave to the place. The file is empty where only `#line 42` did.
    pub origin: Option<(Box<str>, u32)>,
}

/// What is wrong with a declaration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CdefErrorKind {
    /// The text is not C at this place.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What could have stood here.
        expected: Cow<'static, str>,
        /// What stands here.
        found: String,
    },
    /// A name that is no type stands where a type belongs. Declare it first.
    #[error("unknown type '{0}'")]
    UnknownType(String),
    /// A constant expression uses a name that is no constant.
    #[error("unknown constant '{0}'")]
    UnknownConstant(String),
    /// A record has no such member, in `offsetof`.
    #[error("'{record}' has no member '{member}'")]
    UnknownMember {
        /// The record.
        record: String,
        /// The name looked up in it.
        member: String,
    },
    /// A size is needed and not known, or too large.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A name is declared again as something else. `override` would replace it.
    #[error("'{name}' was already declared, as {before}")]
    Redeclared {
        /// The name.
        name: String,
        /// What it was before.
        before: String,
    },
    /// A body is given again for a structure, union, enumeration or function that has one.
    #[error("'{0}' is defined twice")]
    Redefined(String),
    /// A member's name is used twice in one record.
    #[error("'{record}' has two members named '{member}'")]
    DuplicateMember {
        /// The record.
        record: String,
        /// The member.
        member: String,
    },
    /// A constant expression has no value.
    #[error("constant expression: {0}")]
    Constant(Cow<'static, str>),
    /// A `_Static_assert` does not hold.
    #[error("static assertion failed{gap}{0}", gap = if .0.is_empty() { "" } else { ": " })]
    StaticAssertion(String),
    /// It is C's syntax but breaks a rule of C.
    #[error("{0}")]
    Invalid(String),
    /// It is correct, but farcall does not take it.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// Parentheses, braces or parameter lists are nested too deeply.
    #[error("nested more than {0} levels deep")]
    TooDeep(u32),
    /// A preprocessor directive other than `#define NAME value`, `#pragma pack` and `#include <...>`, which is passed over.
    /// Give the text to `cc -E` first.
    #[error("preprocessor directive '#{0}': preprocess the text first (cc -E){hint}", hint = or_leave_out(.0))]
    Directive(String),
}

/// What else can be done about a directive.
fn or_leave_out(directive: &str) -> &'static str {
    match directive {
        "include" => ", or leave the line out and declare what it would",
        _ => "",
    }
}

impl fmt::Display for CdefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CdefError {
            kind,
            line,
            column,
            source_line,
            origin,
        } = self;
        match origin {
            Some((file, line)) if !file.is_empty() => write!(f, "{file}:{line}:{column}: ")?,
            Some((_, line)) => write!(f, "{line}:{column}: ")?,
            None => write!(f, "{line}:{column}: ")?,
        }
        f.write_str(&visible(&kind.to_string()))?;
        if source_line.is_empty() {
            return Ok(());
        }
        let (shown, before) = excerpt(source_line, *column as usize - 1);
        write!(f, "\n  {shown}\n  {}^", " ".repeat(before))
    }
}

/// Control characters as C would write them: they have no shape, and a terminal may obey them.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control()) {
        return text.into();
    }
    let escaped = |c: char| match c {
        _ if !c.is_control() => c.to_string(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        _ => format!("\\x{:02x}", u32::from(c)),
    };
    text.chars().map(escaped).collect::<String>().into()
}

/// Long lines (a preprocessed macro can fill pages) are shown around the column only. Tabs become spaces, so that the
/// caret stands under its character. The answer says also how many columns are ahead of the caret.
fn excerpt(line: &str, before: usize) -> (String, usize) {
    const WIDTH: usize = 100;
    let skipped = before.saturating_sub(WIDTH / 2);
    let blanked = |c: char| if c.is_control() { ' ' } else { c };
    let shown = || line.chars().skip(skipped).map(blanked);
    let columns = shown().take(before - skipped).map(columns).sum();
    let shown: String = shown().take(WIDTH).collect();
    (shown.trim_end().to_string(), columns)
}

/// How many columns of a terminal a character fills: two if it is wide (Unicode Standard Annex 11), none if it goes on top
/// of the one before it. Blocks as a whole are enough here.
fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{200b}'..='\u{200f}' => 0,
        '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}' => 2,
        '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' => 2,
        '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1f64f}' => 2,
        '\u{1f680}'..='\u{1f6ff}' | '\u{1f900}'..='\u{1f9ff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

impl std::error::Error for CdefError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.kind)
    }
}

/// More errors than a person reads at once are not collected.
pub(super) const MAX_ERRORS: usize = 20;

/// Everything that is wrong with one text: at least one error, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdefErrors {
    /// In the order of the text.
    pub(super) errors: Vec<CdefError>,
    /// How many more were not collected.
    pub(super) more: usize,
}

impl CdefErrors {
    /// The errors in the order of the text.
    pub fn errors(&self) -> &[CdefError] {
        &self.errors
    }

    /// The first error of the text.
    pub fn first(&self) -> &CdefError {
        &self.errors[0]
    }
}

impl fmt::Display for CdefErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            let gap = if i == 0 { "" } else { "\n" };
            write!(f, "{gap}{error}")?;
        }
        match self.more {
            0 => Ok(()),
            1 => write!(f, "\nand 1 more error"),
            more => write!(f, "\nand {more} more errors"),
        }
    }
}

impl std::error::Error for CdefErrors {}
