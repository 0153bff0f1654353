//! Macros: what `#define` and `#undef` come to.

use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{Constant, Declaration, Value};
use crate::ctype::Primitive;

impl Parser<'_> {
    /// Gives values to the macros that stand before the next token.
    pub(super) fn evaluate_defines(&mut self) {
        while let Some((define, rest)) = self.defines.split_first() {
            if define.position > self.at {
                return;
            }
            // The positions of those that follow are among the tokens outside: none is due inside a body.
            self.defines = &[];
            let Some(body) = &define.body else {
                let name = self.text_of(define.name);
                self.draft.undefine(name);
                self.defines = rest;
                continue;
            };
            let body = &self.define_tokens[body.clone()];
            let (tokens, at) = (
                std::mem::replace(&mut self.tokens, body),
                std::mem::replace(&mut self.at, 0),
            );
            let defined = self.define(define.name);
            (self.tokens, self.at) = (tokens, at);
            self.defines = rest;
            if let Err(failure) = defined {
                self.report(&failure);
                self.failed_names.insert(self.text_of(define.name));
            }
        }
    }

    /// `#define NAME value`, `#define NAME ...`; without a value (an include guard) it means nothing here.
    fn define(&mut self, name: Token) -> Parsed<()> {
        let int = self.table().primitive(Primitive::Int);
        let constant = match self.peek() {
            TokenKind::End => return Ok(()),
            TokenKind::Ellipsis => {
                self.bump();
                Constant {
                    ty: int,
                    value: Value::Deferred,
                }
            }
            _ => {
                let number = self.constant_expression()?;
                Constant {
                    ty: number.ty,
                    value: number.value.into(),
                }
            }
        };
        if self.peek() != TokenKind::End {
            return Err(self.expected("the end of the line (a macro here is one constant)"));
        }
        self.reserve(name, Declaration::Constant(constant))?;
        self.draft.note_macro(self.text_of(name));
        Ok(())
    }
}
