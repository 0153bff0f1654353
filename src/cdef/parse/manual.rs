//! Lengths as manual pages write them: `void buf[.count]`, `void ptr[restrict .size * .nmemb]` (man-pages(7), since 6.0).

use super::declarator::Length;
use super::{Parsed, Parser};
use crate::cdef::lex::TokenKind;

impl Parser<'_> {
    /// Whether the length that begins here names a parameter by `.name`.
    #[inline(never)]
    pub(super) fn is_described(&self) -> bool {
        let mut before = TokenKind::BracketOpen;
        for (ahead, token) in self.tokens[self.at..].iter().enumerate() {
            match token.kind {
                TokenKind::BracketClose | TokenKind::Semicolon | TokenKind::End => return false,
                // Behind an operand it would be a member's.
                TokenKind::Dot if !ends_operand(before) => {
                    return self.in_parameters && self.peek_at(ahead + 1) == TokenKind::Identifier;
                }
                kind => before = kind,
            }
        }
        false
    }

    /// Passes over a length that only people read: the parameters it names follow.
    pub(super) fn described_length(&mut self) -> Parsed<Length> {
        use TokenKind::{Dot, Identifier, Minus, Number, Percent, Plus, Slash, Star};
        loop {
            match self.peek() {
                TokenKind::BracketClose => return Ok(Length::Described),
                TokenKind::ParenOpen => self.skip_group()?,
                Dot | Identifier | Number | Star | Slash | Percent | Plus | Minus => {
                    self.bump();
                }
                // `sizeof` is a keyword.
                _ if self.text_of(self.token()) == "sizeof" => {
                    self.bump();
                }
                _ => return Err(self.expected("']'")),
            }
        }
    }
}

fn ends_operand(kind: TokenKind) -> bool {
    use TokenKind::{BracketClose, Identifier, ParenClose};
    matches!(kind, Identifier | ParenClose | BracketClose)
}
