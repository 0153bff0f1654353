//! External declarations (C11 6.9) and what cffi adds to them.

use super::{Failure, Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Origin};
use crate::ctype::TypeId;
use crate::layout::layout_of;

impl<'a> Parser<'a> {
    /// Reads the whole text. After an error it goes on with the next declaration.
    pub(super) fn externals(&mut self) {
        loop {
            self.evaluate_defines();
            match self.peek() {
                TokenKind::End => return self.evaluate_waiting(),
                TokenKind::BraceClose => {
                    let failure = self.expected("a declaration");
                    self.report(&failure);
                    self.bump();
                }
                _ => self.external_or_skip(),
            }
        }
    }

    fn external_or_skip(&mut self) {
        let start = self.place();
        if let Err(failure) = self.external() {
            self.recover(start, &failure);
        }
    }

    fn external(&mut self) -> Parsed<()> {
        match self.peek() {
            TokenKind::Semicolon => {
                self.bump();
                Ok(())
            }
            TokenKind::StaticAssert => self.static_assert(),
            TokenKind::Asm => self.asm_declaration(),
            TokenKind::Extern if self.peek_at(1) == TokenKind::String => self.linkage(),
            _ => self.declaration(),
        }
    }

    /// `extern "C"`, and cffi's `extern "Python"`, for one declaration or a group in braces.
    fn linkage(&mut self) -> Parsed<()> {
        let language = self.tokens[self.at + 1];
        let name: String = self.text_of(language).split_whitespace().collect();
        let origin = match name.trim_matches('"') {
            "C" | "C++" => self.origin,
            "Python" | "host" => Origin::Host,
            "Python+C" | "C+Python" | "host+C" | "C+host" => Origin::HostAndC,
            _ => {
                self.bump();
                return Err(
                    self.expected("\"C\", \"Python\" or \"host\", \"Python+C\" or \"host+C\"")
                );
            }
        };
        self.bump();
        self.bump();
        let outer = std::mem::replace(&mut self.origin, origin);
        let parsed = self.nested(|p| {
            if p.peek() == TokenKind::BraceOpen {
                let open = p.bump();
                p.linkage_group(open)
            } else {
                p.external()
            }
        });
        self.origin = outer;
        parsed
    }

    fn linkage_group(&mut self, open: Token) -> Parsed<()> {
        loop {
            self.evaluate_defines();
            match self.peek() {
                TokenKind::End => return Err(self.unclosed(open)),
                TokenKind::BraceClose => {
                    self.bump();
                    return Ok(());
                }
                _ => self.external_or_skip(),
            }
        }
    }

    /// `asm("...");` outside of functions is for an assembler.
    fn asm_declaration(&mut self) -> Parsed<()> {
        self.bump();
        if self.peek() != TokenKind::ParenOpen {
            return Err(self.expected("'('"));
        }
        self.skip_group()?;
        self.expect(TokenKind::Semicolon).map(drop)
    }

    pub(super) fn declaration(&mut self) -> Parsed<()> {
        let first = self.token();
        let mut specifiers = self.specifiers()?;
        if self.eat(TokenKind::Semicolon) {
            return if specifiers.has_tag {
                Ok(())
            } else {
                Err(self.invalid(first, "this declares nothing"))
            };
        }
        loop {
            let declarator = self.declarator()?;
            let mut attributes = self.declarator_attributes()?;
            attributes.merge_own(&declarator.attributes);
            if self.declare(&specifiers, declarator, attributes)? {
                return Ok(());
            }
            specifiers.takes_name = false;
            if !self.eat(TokenKind::Comma) {
                return match self.peek() {
                    TokenKind::Semicolon => {
                        self.bump();
                        Ok(())
                    }
                    _ => Err(self.expected("',' or ';'")),
                };
            }
        }
    }

    /// The failure that no name follows the type. Behind a body, more likely the semicolon was forgotten.
    #[inline(never)]
    pub(super) fn no_name(&self) -> Box<Failure> {
        use TokenKind::{BraceClose, Const, Extern, Inline, Static, Typedef, Volatile};
        let mut before = self.tokens[..self.at].iter().rev();
        let word = before.find(|token| {
            !matches!(
                token.kind,
                Const | Extern | Inline | Static | Typedef | Volatile
            )
        });
        let behind_body = word.is_some_and(|token| token.kind == BraceClose);
        self.expected(if behind_body {
            "';' or a name"
        } else {
            "a name"
        })
    }

    /// The failure that the text ends inside a group, whose opening token is given.
    #[inline(never)]
    pub(super) fn unclosed(&self, open: Token) -> Box<Failure> {
        let close = match open.kind {
            TokenKind::ParenOpen => "')'",
            TokenKind::BraceOpen => "'}'",
            _ => "']'",
        };
        let begin = self.source.error(open.start, CdefErrorKind::TooDeep(0));
        let (line, column) = (begin.line, begin.column);
        let open = open.kind.describe();
        self.expected(format!("{close} to close {open} at {line}:{column}"))
    }

    /// `_Static_assert(expression);` or with a message (C11 6.7.10).
    pub(super) fn static_assert(&mut self) -> Parsed<()> {
        let start = self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let value = self.constant_expression()?;
        let mut message = String::new();
        if self.eat(TokenKind::Comma) {
            if self.peek() != TokenKind::String {
                return Err(self.expected("a string"));
            }
            while self.peek() == TokenKind::String {
                let token = self.bump();
                message.push_str(self.text_of(token));
            }
        }
        self.expect(TokenKind::ParenClose)?;
        self.expect(TokenKind::Semicolon)?;
        if !value.value.is_true() {
            return Err(self.fail_at(start, CdefErrorKind::StaticAssertion(message)));
        }
        Ok(())
    }

    /// Arrays and records must be complete to be members or elements, not to be declared elsewhere.
    pub(super) fn check_complete(&self, at: Token, ty: TypeId) -> Parsed<crate::layout::Layout> {
        layout_of(&self.draft, ty).map_err(|error| self.fail_at(at, error.into()))
    }
}
