//! Preprocessor lines and pragma operators, as the lexer meets them.

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

    pub(super) fn directive(&mut self) {
        let start = self.at;
        self.at += 1;
        self.skip_blanks(false);
        let name_start = self.at;
        while self.byte(0).is_some_and(|b| b.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        let text = self.text;
        let name = &text[name_start..self.at];
        let rest = &text[self.at..];
        let line_end = self.at + rest.find('\n').unwrap_or(rest.len());
        match name {
            "define" => return self.define(),
            "pragma" => self.pragma(start, &text[self.at..line_end]),
            "" | "line" | "undef" | "ident" | "sccs" | "warning" => {}
            _ if name.starts_with(|c: char| c.is_ascii_digit()) => {}
            _ => self.error(start, CdefErrorKind::Directive(name.to_string())),
        }
        self.at = line_end;
    }

    pub(super) fn pragma(&mut self, start: usize, text: &str) {
        match self.pack.apply(text) {
            Ok(Some(pack)) => self.lexed.packs.push(PackChange {
                position: self.lexed.tokens.len(),
                pack,
            }),
            Ok(None) => {}
            Err(kind) => self.error(start, kind),
        }
    }

    pub(super) fn define(&mut self) {
        self.skip_blanks(false);
        let name = match self.byte(0) {
            Some(byte) if is_name(byte) && !byte.is_ascii_digit() => self.token(byte),
            _ => {
                let found = self.text[self.at..]
                    .lines()
                    .next()
                    .unwrap_or("")
                    .trim()
                    .to_string();
                self.error(
                    self.at,
                    CdefErrorKind::Syntax {
                        expected: "a macro's name".into(),
                        found: format!("'{found}'"),
                    },
                );
                self.at += self.text[self.at..]
                    .find('\n')
                    .unwrap_or(self.text.len() - self.at);
                return;
            }
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
        self.lexed.defines.push(Define {
            name,
            body,
            position: self.lexed.tokens.len(),
        });
    }
}
