//! The lexer.

use super::directive::PackStack;
use super::source::byte_order_mark;
use super::{Define, PackChange, Source, Token, TokenKind};
use crate::cdef::error::MAX_ERRORS;
use crate::cdef::{CdefError, CdefErrorKind};

/// A text as tokens, with what its preprocessor lines said beside them.
pub(crate) struct Lexed {
    /// The tokens of the declarations; the last one is [`TokenKind::End`].
    pub(crate) tokens: Vec<Token>,
    /// The tokens of all macros' replacements, each list ended by [`TokenKind::End`].
    pub(crate) define_tokens: Vec<Token>,
    /// The macros in the order of the text.
    pub(crate) defines: Vec<Define>,
    /// The changes of packing in the order of the text.
    pub(crate) packs: Vec<PackChange>,
    /// What is wrong with the text so far.
    pub(crate) errors: Vec<CdefError>,
}

/// Turns a text into tokens. It never fails: what is wrong is listed beside them.
pub(crate) fn lex(source: &Source<'_>) -> Lexed {
    let lexed = Lexed {
        tokens: Vec::with_capacity(source.text.len() / 4),
        define_tokens: Vec::new(),
        defines: Vec::new(),
        packs: Vec::new(),
        errors: Vec::new(),
    };
    let mut lexer = Lexer {
        source,
        text: &source.text,
        at: byte_order_mark(&source.text),
        pack: PackStack::default(),
        has_conditions: false,
        lexed,
    };
    lexer.run();
    lexer.lexed
}

pub(super) struct Lexer<'a, 's> {
    source: &'a Source<'s>,
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) pack: PackStack,
    /// Whether an `#if` or the like was refused.
    pub(super) has_conditions: bool,
    pub(super) lexed: Lexed,
}

impl Lexer<'_, '_> {
    fn run(&mut self) {
        let mut line_start = true;
        loop {
            line_start |= self.skip_blanks(true);
            let (Some(byte), byte_at) = (self.byte(0), self.at) else {
                break;
            };
            let is_digraph = byte == b'%' && self.byte(1) == Some(b':');
            if line_start && (byte == b'#' || is_digraph) {
                self.at += 1 + usize::from(is_digraph);
                self.directive(byte_at);
                continue;
            }
            line_start = false;
            let token = self.token(byte);
            if token.kind == TokenKind::Identifier && self.is_pragma_operator(token) {
                continue;
            }
            self.lexed.tokens.push(token);
        }
        let end = self.text.len() as u32;
        self.lexed.tokens.push(Token {
            kind: TokenKind::End,
            start: end,
            end,
        });
    }

    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Skips blanks and comments, with `newlines` also past the ends of lines. The answer says whether a line ended.
    pub(super) fn skip_blanks(&mut self, newlines: bool) -> bool {
        let mut line_ended = false;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' if !newlines => break,
                b'\n' => {
                    line_ended = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.byte(1) == Some(b'/') => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                b'/' if self.byte(1) == Some(b'*') => self.block_comment(),
                _ => break,
            }
        }
        line_ended
    }

    fn block_comment(&mut self) {
        match self.text[self.at + 2..].find("*/") {
            Some(length) => self.at += length + 4,
            None => {
                self.error(
                    self.at,
                    CdefErrorKind::Syntax {
                        expected: "'*/'".into(),
                        found: "the end of the text".into(),
                    },
                );
                self.at = self.text.len();
            }
        }
    }

    pub(super) fn token(&mut self, first: u8) -> Token {
        let start = self.at;
        let kind = match first {
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            b'"' => self.quoted(b'"'),
            b'\'' => self.quoted(b'\''),
            _ if is_name(first) => self.name(),
            _ => self.punctuation(first),
        };
        Token {
            kind,
            start: start as u32,
            end: self.at as u32,
        }
    }

    /// A preprocessing number (C11 6.4.8); what it means is found out when it is used.
    fn number(&mut self) -> TokenKind {
        while let Some(byte) = self.byte(0) {
            let exponent_sign = matches!(byte, b'e' | b'E' | b'p' | b'P')
                && matches!(self.byte(1), Some(b'+' | b'-'));
            match byte {
                // In a hexadecimal number `e` is a digit: `0x1e+1` is one pp-number too, which C rejects.
                _ if exponent_sign => self.at += 2,
                b'.' => self.at += 1,
                // Digit separators are C23 (6.4.4.1).
                b'\'' if self.byte(1).is_some_and(|b| b.is_ascii_alphanumeric()) => self.at += 1,
                _ if is_name(byte) => self.at += 1,
                _ => break,
            }
        }
        TokenKind::Number
    }

    fn quoted(&mut self, quote: u8) -> TokenKind {
        let start = self.at;
        self.at += 1;
        loop {
            match self.byte(0) {
                Some(b'\\') => self.at += 2,
                Some(byte) if byte == quote => {
                    self.at += 1;
                    break;
                }
                Some(b'\n') | None => {
                    self.at = self.at.min(self.text.len());
                    let expected = if quote == b'"' { "'\"'" } else { "\"'\"" };
                    self.error(
                        start,
                        CdefErrorKind::Syntax {
                            expected: expected.into(),
                            found: "the end of the line".into(),
                        },
                    );
                    if quote == b'"' {
                        self.rest_of_string();
                    }
                    break;
                }
                Some(_) => self.at += 1,
            }
        }
        // A backslash may have stood before a character of several bytes.
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        if quote == b'"' {
            TokenKind::String
        } else {
            TokenKind::Character
        }
    }

    /// Goes to the quote that was meant to end a string on a later line. If only the quote is missing there is none ahead of
    /// the next semicolon, or it begins another string.
    fn rest_of_string(&mut self) {
        let rest = &self.text[self.at..];
        let Some(end) = rest.find(['"', ';']) else {
            return;
        };
        let line = rest[end..].lines().next().unwrap_or("");
        if rest[end..].starts_with('"') && line.matches('"').count() % 2 == 1 {
            self.at += end + 1;
        }
    }

    pub(super) fn name(&mut self) -> TokenKind {
        let start = self.at;
        while self.byte(0).is_some_and(is_name) {
            self.at += 1;
        }
        let name = &self.text[start..self.at];
        if matches!(name, "L" | "u" | "U" | "u8") && matches!(self.byte(0), Some(b'"' | b'\'')) {
            return self.quoted(self.text.as_bytes()[self.at]);
        }
        TokenKind::keyword(name).unwrap_or(TokenKind::Identifier)
    }

    fn punctuation(&mut self, first: u8) -> TokenKind {
        use TokenKind::*;
        let (kind, length) = match (first, self.byte(1), self.byte(2)) {
            (b'.', Some(b'.'), Some(b'.')) => (Ellipsis, 3),
            (b'<', Some(b'<'), Some(b'=')) | (b'>', Some(b'>'), Some(b'=')) => (Operator, 3),
            (b'<', Some(b'<'), _) => (ShiftLeft, 2),
            (b'>', Some(b'>'), _) => (ShiftRight, 2),
            (b'<', Some(b'='), _) => (LessEqual, 2),
            (b'>', Some(b'='), _) => (GreaterEqual, 2),
            (b'=', Some(b'='), _) => (Equal, 2),
            (b'!', Some(b'='), _) => (NotEqual, 2),
            (b'&', Some(b'&'), _) => (AndAnd, 2),
            (b'|', Some(b'|'), _) => (OrOr, 2),
            (b'-', Some(b'>'), _) => (Arrow, 2),
            (b'+', Some(b'+'), _) | (b'-', Some(b'-'), _) => (Operator, 2),
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^', Some(b'='), _) => (Operator, 2),
            // Digraphs (C11 6.4.6 §3).
            (b'<', Some(b':'), _) => (BracketOpen, 2),
            (b':', Some(b'>'), _) => (BracketClose, 2),
            (b'<', Some(b'%'), _) => (BraceOpen, 2),
            (b'%', Some(b'>'), _) => (BraceClose, 2),
            _ => (single(first), 1),
        };
        self.at += length;
        kind
    }

    pub(super) fn error(&mut self, at: usize, kind: CdefErrorKind) {
        if self.lexed.errors.len() == MAX_ERRORS {
            return;
        }
        self.lexed.errors.push(self.source.error(at as u32, kind));
    }
}

/// Whether a byte may stand in a name. Bytes of other scripts' letters all count, as does `$`.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn single(byte: u8) -> TokenKind {
    use TokenKind::*;
    match byte {
        b'(' => ParenOpen,
        b')' => ParenClose,
        b'{' => BraceOpen,
        b'}' => BraceClose,
        b'[' => BracketOpen,
        b']' => BracketClose,
        b';' => Semicolon,
        b',' => Comma,
        b':' => Colon,
        b'?' => Question,
        b'=' => Assign,
        b'.' => Dot,
        b'*' => Star,
        b'+' => Plus,
        b'-' => Minus,
        b'/' => Slash,
        b'%' => Percent,
        b'&' => Ampersand,
        b'|' => Pipe,
        b'^' => Caret,
        b'~' => Tilde,
        b'!' => Bang,
        b'<' => Less,
        b'>' => Greater,
        _ => Stray,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        lex(&Source::new(text))
            .tokens
            .iter()
            .map(|token| token.kind)
            .collect()
    }

    #[test]
    fn comments_and_splices_vanish() {
        assert_eq!(
            kinds("in\\\nt /* a\n*/ x // b\n;"),
            [Int, Identifier, Semicolon, End]
        );
        assert_eq!(kinds("\"/*\" '//'"), [String, Character, End]);
    }

    #[test]
    fn directives_stand_beside_the_tokens() {
        let lexed = lex(&Source::new(
            "int x;\n#define N 4 /* four */\n#pragma pack(1)\nint y;\n# 3 \"f.h\"\n",
        ));
        assert_eq!(lexed.tokens.len(), 7);
        assert_eq!(
            (lexed.defines[0].position, lexed.defines[0].body.clone()),
            (3, Some(0..2))
        );
        assert_eq!(
            lexed.packs,
            [PackChange {
                position: 3,
                pack: Some(1)
            }]
        );
        assert!(lexed.errors.is_empty());
    }

    #[test]
    fn pragma_operators_are_pragmas() {
        let lexed = lex(&Source::new(
            "_Pragma(\"pack(push, 2)\") int x; __pragma(pack(pop))",
        ));
        assert_eq!(lexed.tokens.len(), 4);
        assert_eq!(
            lexed.packs,
            [
                PackChange {
                    position: 0,
                    pack: Some(2)
                },
                PackChange {
                    position: 3,
                    pack: None
                }
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_an_error_and_no_hang() {
        for text in [
            "/* x",
            "\"abc",
            "'",
            "'\\",
            "\"\\\u{e9}",
            "#define",
            "#define 3",
            "#define\n",
        ] {
            assert_eq!(lex(&Source::new(text)).errors.len(), 1, "{text}");
        }
    }

    #[test]
    fn other_directives_are_refused() {
        let lexed = lex(&Source::new("#include \"x.h\"\n#include <stdio.h>\nint x;"));
        assert_eq!(
            lexed.errors[0].kind,
            CdefErrorKind::Directive("include".into())
        );
        assert_eq!((lexed.errors.len(), lexed.tokens.len()), (1, 4));
    }
}
