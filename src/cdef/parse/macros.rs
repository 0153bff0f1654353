//! Macros: what `#define` and `#undef` come to.
//!
//! A macro is a constant with a value, and where its name stands beside an operator it is the tokens of its body, as in C:
//! with `#define N 1 + 2`, `N * 2` is 5.

use super::float::Format;
use super::{Failure, Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Constant, Declaration, Value};
use crate::ctype::{Primitive, TypeId};
use crate::layout::LayoutError;

/// Macros can double with each definition: so many tokens are read from bodies in one text.
const MAX_EXPANDED: usize = 1 << 20;
/// And so many bodies inside each other.
const MAX_FRAMES: usize = 200;

/// A macro of this text.
pub(super) struct Macro<'a> {
    body: &'a [Token],
    /// Whether the body is one operand whatever stands beside it.
    closed: bool,
}

/// A macro's body that is being read, and where to go on behind it.
pub(super) struct Frame<'a> {
    name: &'a str,
    tokens: &'a [Token],
    at: usize,
    /// Whether the body is read for its own sake, so that it ends at its end.
    alone: bool,
}

/// A place among the tokens, to go back to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    tokens: &'a [Token],
    pub(super) at: usize,
    level: usize,
}

impl<'a> Parser<'a> {
    /// Gives values to the macros that stand before the next token.
    pub(super) fn evaluate_defines(&mut self) {
        while let Some((define, rest)) = self.defines.split_first() {
            // None is due inside a body.
            let inside = self.frames.iter().any(|frame| frame.alone);
            if inside || define.position > self.outer_at() {
                return;
            }
            self.defines = rest;
            let name = self.text_of(define.name);
            let Some(body) = &define.body else {
                self.draft.undefine(name);
                self.macros.remove(name);
                self.undefined = true;
                continue;
            };
            let body = &self.define_tokens[body.clone()];
            // The lexer has refused one with parameters.
            if self.text[define.name.end as usize..].starts_with('(') {
                self.failed_names.insert(name);
                continue;
            }
            match self.evaluated_alone(define.name, body) {
                Err(failure) if self.may_be_known_later(&failure) => self.waiting.push(define),
                Err(failure) => {
                    self.report(&failure);
                    self.failed_names.insert(name);
                    continue;
                }
                Ok(()) => {}
            }
            let closed = is_closed(body);
            self.macros.insert(name, Macro { body, closed });
        }
    }

    /// Gives values to the macros that named what was only declared behind them.
    pub(super) fn evaluate_waiting(&mut self) {
        for define in std::mem::take(&mut self.waiting) {
            let name = self.text_of(define.name);
            let body = define.body.clone().unwrap_or_default();
            let current = self.macros.get(name).map(|known| known.body.as_ptr());
            if current != Some(self.define_tokens[body.clone()].as_ptr()) {
                continue;
            }
            if let Err(failure) = self.evaluated_alone(define.name, &self.define_tokens[body]) {
                self.report(&failure);
            }
        }
    }

    fn may_be_known_later(&self, failure: &Failure) -> bool {
        let unknown = match &failure.kind {
            CdefErrorKind::UnknownConstant(name) | CdefErrorKind::UnknownType(name) => {
                !self.failed_names.contains(name.as_str())
            }
            CdefErrorKind::Layout(LayoutError::Incomplete(_)) => true,
            _ => false,
        };
        unknown && !failure.reported
    }

    /// Reads a macro's body for its value.
    fn evaluated_alone(&mut self, name: Token, body: &'a [Token]) -> Parsed<()> {
        let place = self.place();
        let unevaluated = std::mem::take(&mut self.unevaluated);
        self.push_frame(self.text_of(name), body, true);
        let defined = self.define(name);
        self.go_back(place);
        self.unevaluated = unevaluated;
        defined
    }

    /// `#define NAME value`, `#define NAME ...`; without a value (an include guard) it means nothing here.
    fn define(&mut self, name: Token) -> Parsed<()> {
        let int = self.table().primitive(Primitive::Int);
        let (body, constant) = match self.peek() {
            TokenKind::End => return Ok(()),
            TokenKind::Ellipsis => {
                self.bump();
                let value = Value::Deferred;
                (&[][..], Constant { ty: int, value })
            }
            _ => {
                let body = self.tokens;
                let number = self.constant_expression()?;
                let value = number.value.into();
                let ty = number.ty;
                (body, Constant { ty, value })
            }
        };
        if self.peek() != TokenKind::End {
            return Err(self.expected("the end of the line (a macro here is one constant)"));
        }
        let text = self.text_of(name);
        // Headers have `#define A A` for enumeration constants, which stay what they are.
        if let Some(Declaration::Constant(old)) = self.draft.name(text)
            && old.value == constant.value
        {
            return Ok(());
        }
        self.reserve(name, Declaration::Constant(constant))?;
        self.draft.note_macro(text, !is_closed(body));
        Ok(())
    }

    /// Goes into the bodies of the macros whose names are next, where their values are not all that matters.
    #[inline(never)]
    pub(super) fn enter_macros(&mut self) -> Parsed<()> {
        self.evaluate_defines();
        while self.peek() == TokenKind::Identifier {
            let token = self.token();
            let name = self.text_of(token);
            let inside = || self.frames.iter().any(|frame| frame.name == name);
            if self.parameters.contains_key(name) || inside() {
                return Ok(());
            }
            let Some(known) = self.macros.get(name) else {
                return self.check_earlier_macro(token);
            };
            let body = known.body;
            let closed = known.closed && !self.undefined;
            let has_value = match self.draft.name(name) {
                // A `long double` would be cut to what a constant holds.
                Some(Declaration::Constant(constant)) => !self.is_wide(constant.ty),
                _ => false,
            };
            let empty = body
                .first()
                .is_none_or(|first| matches!(first.kind, TokenKind::End | TokenKind::Ellipsis));
            if empty || has_value && (closed || !self.undefined && self.stands_alone()) {
                return Ok(());
            }
            self.expanded += body.len();
            if self.expanded > MAX_EXPANDED || self.frames.len() == MAX_FRAMES {
                let what = format!("a macro that grows like '{name}'");
                return Err(self.fail_at(token, CdefErrorKind::Unsupported(what)));
            }
            self.bump_to_frame(name, body);
        }
        Ok(())
    }

    fn is_wide(&self, ty: TypeId) -> bool {
        let ty = self.arithmetic_type(ty).filter(|ty| !ty.is_integer());
        ty.is_some_and(|ty| matches!(self.format(ty), Format::X87 | Format::Quad))
    }

    /// Of an earlier text's macro only the value is known. It must not stand where its tokens would bind differently.
    fn check_earlier_macro(&self, token: Token) -> Parsed<()> {
        let name = self.text_of(token);
        if !self.draft.is_open_macro(name) || self.stands_alone() {
            return Ok(());
        }
        let what = format!(
            "'{name}' of an earlier text beside an operator, without parentheses in its #define,"
        );
        Err(self.fail_at(token, CdefErrorKind::Unsupported(what)))
    }

    /// Whether nothing beside the next token binds to it.
    fn stands_alone(&self) -> bool {
        use TokenKind::*;
        let at_end = self.frames.last().is_none_or(|frame| frame.alone);
        let before = match self.at.checked_sub(1) {
            Some(before) => matches!(
                self.tokens[before].kind,
                ParenOpen | BracketOpen | BraceOpen | Comma | Assign | Question | Colon
            ),
            None => at_end,
        };
        let behind = match self.peek_at(1) {
            End => at_end,
            kind => matches!(
                kind,
                ParenClose | BracketClose | BraceClose | Comma | Colon | Semicolon
            ),
        };
        before && behind
    }

    /// Takes the name, and goes on with the body.
    fn bump_to_frame(&mut self, name: &'a str, body: &'a [Token]) {
        // Not by `bump`: that would leave a body whose last token the name is, and it may not be used inside itself.
        self.at += 1;
        self.push_frame(name, body, false);
    }

    fn push_frame(&mut self, name: &'a str, body: &'a [Token], alone: bool) {
        self.frames.push(Frame {
            name,
            tokens: std::mem::replace(&mut self.tokens, body),
            at: std::mem::take(&mut self.at),
            alone,
        });
    }

    /// Leaves the bodies that end here.
    #[inline(never)]
    pub(super) fn leave_macros(&mut self) {
        while self.peek() == TokenKind::End
            && let Some(frame) = self.frames.pop_if(|frame| !frame.alone)
        {
            (self.tokens, self.at) = (frame.tokens, frame.at);
        }
    }

    /// How many tokens of declarations are read.
    pub(super) fn outer_at(&self) -> usize {
        self.frames.first().map_or(self.at, |frame| frame.at)
    }

    pub(super) fn place(&self) -> Place<'a> {
        Place {
            tokens: self.tokens,
            at: self.at,
            level: self.frames.len(),
        }
    }

    /// Whether no macro's body was entered since a place.
    pub(super) fn is_level(&self, place: Place<'a>) -> bool {
        self.frames.len() <= place.level
    }

    /// Goes back to a place, out of the macros' bodies that were entered since. One inside a body that was left since is gone.
    pub(super) fn go_back(&mut self, place: Place<'a>) {
        if self.frames.len() >= place.level {
            self.frames.truncate(place.level);
            (self.tokens, self.at) = (place.tokens, place.at);
        }
    }
}

/// Whether a body is one token that is no name, or all in one pair of parentheses.
fn is_closed(body: &[Token]) -> bool {
    let mut depth = 0u32;
    let Some(inside) = body.len().checked_sub(2) else {
        return true;
    };
    for (i, token) in body.iter().enumerate() {
        match token.kind {
            TokenKind::ParenOpen => depth += 1,
            TokenKind::ParenClose => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return i == inside && token.kind != TokenKind::Identifier;
        }
    }
    false
}
