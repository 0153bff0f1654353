//! Arithmetic types by their keywords.

use super::Parser;
use crate::cdef::lex::TokenKind;
use crate::ctype::Primitive;

impl Parser<'_> {
    /// Whether `complex` stands for `_Complex`, as the macro of `<complex.h>` does, at a token further on: beside the keyword of
    /// a floating-point type, and not as a declared name or one that is being declared.
    pub(super) fn is_complex_macro(&self, ahead: usize) -> bool {
        use TokenKind::{Double, Float, Long};
        let at = self.at + ahead;
        if self.text_of(self.tokens[at]) != "complex" || self.draft.name("complex").is_some() {
            return false;
        }
        let before = at.checked_sub(1).map(|before| self.tokens[before].kind);
        match self.peek_at(ahead + 1) {
            Float | Double | Long => true,
            _ if !matches!(before, Some(Float | Double)) => false,
            TokenKind::Comma | TokenKind::BracketOpen => self.in_parameters,
            TokenKind::ParenOpen => self.peek_at(ahead + 2) == TokenKind::Star,
            next => {
                use TokenKind::{Assign, Attribute, Colon, Semicolon};
                !matches!(next, Assign | Attribute | Colon | Semicolon)
            }
        }
    }
}

/// The arithmetic type that a set of keywords names (C11 6.7.2 §2).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keywords {
    base: Option<TokenKind>,
    long: u8,
    short: bool,
    signed: bool,
    unsigned: bool,
    complex: bool,
}

impl Keywords {
    /// With one keyword more, if that may follow those so far.
    pub(super) fn with(self, keyword: TokenKind) -> Option<Keywords> {
        use TokenKind::*;
        let no_length = !self.short && self.long == 0;
        let no_sign = !self.signed && !self.unsigned;
        let can_be_integer = matches!(self.base, None | Some(Int));
        Some(match keyword {
            Int if self.base.is_none() => Keywords {
                base: Some(Int),
                ..self
            },
            Char | Int128 | Int8 | Int16 | Int32 | Int64 if self.base.is_none() && no_length => {
                Keywords {
                    base: Some(keyword),
                    ..self
                }
            }
            Double if self.base.is_none() && !self.short && self.long < 2 && no_sign => Keywords {
                base: Some(Double),
                ..self
            },
            Bool | Float | Float16 | Float32 | Float64 | Float128 | Float32x | Float64x
                if self.base.is_none() && no_length && no_sign =>
            {
                Keywords {
                    base: Some(keyword),
                    ..self
                }
            }
            Short if can_be_integer && no_length => Keywords {
                short: true,
                ..self
            },
            Long if can_be_integer && self.long < 2 && !self.short => Keywords {
                long: self.long + 1,
                ..self
            },
            Long if self.base == Some(Double) && self.long == 0 => Keywords { long: 1, ..self },
            Signed if no_sign && self.takes_sign() => Keywords {
                signed: true,
                ..self
            },
            Unsigned if no_sign && self.takes_sign() => Keywords {
                unsigned: true,
                ..self
            },
            Complex if !self.complex => Keywords {
                complex: true,
                ..self
            },
            _ => return None,
        })
    }

    /// Whether they name one of gcc's complex integers.
    pub(super) fn are_complex_integer(self) -> bool {
        self.complex && self.primitive().is_none()
    }

    fn takes_sign(self) -> bool {
        use TokenKind::*;
        matches!(
            self.base,
            None | Some(Int | Char | Int128 | Int8 | Int16 | Int32 | Int64)
        )
    }

    pub(super) fn primitive(self) -> Option<Primitive> {
        use TokenKind::{
            Bool, Char, Double, Float, Float16, Float32, Float32x, Float64, Float64x, Float128,
        };
        use TokenKind::{Int8, Int16, Int32, Int64, Int128};
        if self.complex {
            return match (self.base, self.long) {
                (Some(Float), _) => Some(Primitive::FloatComplex),
                // gcc takes a bare `_Complex` for a `double` one.
                (Some(Double) | None, 0) if !self.signed && !self.unsigned => {
                    Some(Primitive::DoubleComplex)
                }
                (Some(Double), 1) => Some(Primitive::LongDoubleComplex),
                (Some(Float16), _) => Some(Primitive::Float16Complex),
                (Some(Float32), _) => Some(Primitive::Float32Complex),
                (Some(Float64), _) => Some(Primitive::Float64Complex),
                (Some(Float128), _) => Some(Primitive::Float128Complex),
                (Some(Float32x), _) => Some(Primitive::Float32xComplex),
                (Some(Float64x), _) => Some(Primitive::Float64xComplex),
                _ => None,
            };
        }
        let sign = |signed, unsigned| Some(if self.unsigned { unsigned } else { signed });
        match self.base {
            Some(Bool) => Some(Primitive::Bool),
            Some(Char) if self.signed => Some(Primitive::SignedChar),
            Some(Char) => sign(Primitive::Char, Primitive::UnsignedChar),
            Some(Int8) => sign(Primitive::SignedChar, Primitive::UnsignedChar),
            Some(Int16) => sign(Primitive::Short, Primitive::UnsignedShort),
            Some(Int32) => sign(Primitive::Int, Primitive::UnsignedInt),
            Some(Int64) => sign(Primitive::LongLong, Primitive::UnsignedLongLong),
            Some(Int128) => sign(Primitive::Int128, Primitive::UnsignedInt128),
            Some(Float) => Some(Primitive::Float),
            Some(Double) if self.long == 1 => Some(Primitive::LongDouble),
            Some(Double) => Some(Primitive::Double),
            Some(Float16) => Some(Primitive::Float16),
            Some(Float32) => Some(Primitive::Float32),
            Some(Float64) => Some(Primitive::Float64),
            Some(Float128) => Some(Primitive::Float128),
            Some(Float32x) => Some(Primitive::Float32x),
            Some(Float64x) => Some(Primitive::Float64x),
            _ if self.short => sign(Primitive::Short, Primitive::UnsignedShort),
            _ if self.long == 1 => sign(Primitive::Long, Primitive::UnsignedLong),
            _ if self.long == 2 => sign(Primitive::LongLong, Primitive::UnsignedLongLong),
            _ => sign(Primitive::Int, Primitive::UnsignedInt),
        }
    }
}
