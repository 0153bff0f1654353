//! Listing errors, and going on behind them.

use super::macros::Place;
use super::{Failure, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::error::MAX_ERRORS;
use crate::cdef::lex::TokenKind;
use crate::layout::LayoutError;

impl<'a> Parser<'a> {
    /// Lists an error, unless it follows from one that is listed.
    pub(super) fn report(&mut self, failure: &Failure) {
        let follows = match &failure.kind {
            CdefErrorKind::UnknownType(name) | CdefErrorKind::UnknownConstant(name) => {
                self.failed_names.contains(name.as_str())
            }
            CdefErrorKind::Layout(LayoutError::Incomplete(name)) => {
                !self.failed_types.insert(name.clone())
            }
            _ => false,
        };
        let same_place = self.last_reported == Some(failure.offset);
        if failure.reported || follows || same_place {
            return;
        }
        self.last_reported = Some(failure.offset);
        if self.errors.len() >= MAX_ERRORS {
            self.uncollected += 1;
            return;
        }
        let error = self.source.error(failure.offset, failure.kind.clone());
        // A macro's body may be read many times.
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Reports an error and goes to the end of the declaration that began at `start`, behind the error. Only braces count:
    /// a missing parenthesis must not hide what follows the semicolon.
    pub(super) fn recover(&mut self, start: Place<'a>, failure: &Failure) {
        self.report(failure);
        if !failure.reported || !self.is_level(start) {
            self.go_back(start);
        }
        let mut depth = 0u32;
        let mut in_body = false;
        loop {
            let token = self.token();
            match token.kind {
                TokenKind::End => return,
                TokenKind::BraceClose if depth == 0 => return,
                TokenKind::Identifier => {
                    self.failed_names.insert(self.text_of(token));
                }
                TokenKind::BraceOpen => {
                    // Behind a semicolon it is the body of a definition with declarations of parameters.
                    let is_body = self.at > start.at
                        && matches!(
                            self.tokens[self.at - 1].kind,
                            TokenKind::ParenClose | TokenKind::Semicolon
                        );
                    in_body |= depth == 0 && is_body;
                    depth += 1;
                }
                TokenKind::BraceClose => depth -= 1,
                _ => {}
            }
            self.bump();
            let before_body = self.peek() == TokenKind::BraceOpen;
            let ends = token.kind == TokenKind::Semicolon && !before_body
                || (token.kind == TokenKind::BraceClose && in_body);
            if depth == 0 && ends && failure.offset < token.end {
                return;
            }
        }
    }
}
