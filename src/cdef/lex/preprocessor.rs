//! Preprocessor lines and pragma operators, as the lexer meets them.

use std::ops::Range;

use super::directive::unimplemented;
use super::scan::{Lexer, is_name};
use super::{Define, PackChange, Token, TokenKind};
use crate::cdef::CdefErrorKind;

impl Lexer<'_, '_> {
    /// `_Pragma("...")` and Microsoft's `__pragma(...)` say the same as a `#pragma` line.
    pub(super) fn is_pragma_operator(&mut self, token: Token) -> bool {
        let name = &self.text[token.start as usize..token.end as usize];
        if name != "_Pragma" && name != "__pragma" {
            return false;
        }
        self.skip_blanks(true);
        let mut depth = 0;
        let closes = |(_, c): &(usize, char)| {
            depth += (*c == '(') as i32 - (*c == ')') as i32;
            depth == 0
        };
        let rest = &self.text[self.at..];
        match rest.char_indices().find(closes) {
            Some((close, ')')) => {
                let inside = rest[1..close]
                    .trim()
                    .trim_start_matches('L')
                    .trim_matches('"');
                self.at += close + 1;
                self.pragma(token.start as usize, inside);
            }
            Some(_) => self.error(
                self.at,
                CdefErrorKind::Syntax {
                    expected: "'('".into(),
                    found: "something else".into(),
                },
            ),
            None => {
                self.at = self.text.len();
                self.error(
                    token.start as usize,
                    CdefErrorKind::Syntax {
                        expected: "')'".into(),
                        found: "the end of the text".into(),
                    },
                );
            }
        }
        true
    }

    /// Reads a directive that began at `start`, from behind its `#`.
    pub(super) fn directive(&mut self, start: usize) {
        self.skip_blanks(false);
        let name_start = self.at;
        while self.byte(0).is_some_and(|b| b.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        let text = self.text;
        let name = &text[name_start..self.at];
        match name {
            "define" => return self.define(),
            "undef" => self.undefine(),
            "pragma" => {
                let pragma = self.rest_of_line();
                return self.pragma(start, &pragma);
            }
            "" => {
                let rest = self.rest_of_line();
                if let Some(stray) = rest.trim().chars().next() {
                    self.error(start, CdefErrorKind::Directive(stray.to_string()));
                }
            }
            // Manual pages name the header so. What it would declare and is missed is an error where it is used.
            "include" | "include_next" if self.names_system_header() => {}
            "line" | "ident" | "sccs" | "warning" => {}
            _ if name.starts_with(|c: char| c.is_ascii_digit()) => {}
            // What is wrong with one is wrong with all.
            "if" | "ifdef" | "ifndef" | "elif" | "elifdef" | "elifndef" | "else" | "endif"
                if std::mem::replace(&mut self.has_conditions, true) => {}
            _ => self.error(start, CdefErrorKind::Directive(name.to_string())),
        }
        self.rest_of_line();
    }

    fn names_system_header(&self) -> bool {
        let rest = self.text[self.at..].trim_start_matches([' ', '\t']);
        let line = rest.lines().next().unwrap_or("");
        line.starts_with('<') && line.contains('>')
    }

    /// Takes what stands on the line, each comment as a blank. Comments may span lines, and quotes may hold what looks like
    /// a comment.
    fn rest_of_line(&mut self) -> String {
        let mut line = String::new();
        loop {
            let start = self.at;
            self.skip_blanks(false);
            if self.at > start {
                line.push(' ');
            }
            let rest = &self.text[self.at..];
            let length = match rest.chars().next() {
                None | Some('\n') => return line,
                Some('"') => match rest[1..].find(['"', '\n']) {
                    Some(end) if rest[1 + end..].starts_with('"') => end + 2,
                    _ => 1,
                },
                Some(other) => other.len_utf8(),
            };
            line.push_str(&rest[..length]);
            self.at += length;
        }
    }

    pub(super) fn pragma(&mut self, start: usize, text: &str) {
        if let Some(pragma) = unimplemented(text) {
            let what = format!("'#pragma {pragma}'");
            self.error(start, CdefErrorKind::Unsupported(what));
        }
        match self.pack.apply(text) {
            Ok(Some(pack)) => self.lexed.packs.push(PackChange {
                position: self.lexed.tokens.len(),
                pack,
            }),
            Ok(None) => {}
            Err(kind) => self.error(start, kind),
        }
    }

    fn define(&mut self) {
        let Some(name) = self.macro_name() else {
            self.rest_of_line();
            return;
        };
        if self.byte(0) == Some(b'(') {
            self.error(
                name.start as usize,
                CdefErrorKind::Unsupported("a macro with parameters".into()),
            );
        }
        let first = self.lexed.define_tokens.len();
        loop {
            self.skip_blanks(false);
            let Some(byte) = self.byte(0).filter(|&byte| byte != b'\n') else {
                break;
            };
            let token = self.token(byte);
            self.lexed.define_tokens.push(token);
        }
        let end = self.at as u32;
        self.lexed.define_tokens.push(Token {
            kind: TokenKind::End,
            start: end,
            end,
        });
        let body = first..self.lexed.define_tokens.len();
        self.push_define(name, Some(body));
    }

    fn undefine(&mut self) {
        if let Some(name) = self.macro_name() {
            self.push_define(name, None);
        }
    }

    fn push_define(&mut self, name: Token, body: Option<Range<usize>>) {
        self.lexed.defines.push(Define {
            name,
            body,
            position: self.lexed.tokens.len(),
        });
    }

    fn macro_name(&mut self) -> Option<Token> {
        self.skip_blanks(false);
        match self.byte(0) {
            Some(byte) if is_name(byte) && !byte.is_ascii_digit() => Some(self.token(byte)),
            _ => {
                let found = self.text[self.at..].lines().next().unwrap_or("").trim();
                let kind = CdefErrorKind::Syntax {
                    expected: "a macro's name".into(),
                    found: format!("'{found}'"),
                };
                self.error(self.at, kind);
                None
            }
        }
    }
}
