//! What compilers answer about types and expressions: `offsetof`, `_Generic` (C11 6.5.1.1) and gcc's built-ins.

use super::operand::{Evaluated, Operand};
use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{CType, Primitive, TypeId};

impl Parser<'_> {
    /// `offsetof(type, member.member[index])`
    #[inline(never)]
    pub(super) fn offset_of(&mut self) -> Parsed<Operand> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let ty = self.nested(Self::type_name)?;
        self.expect(TokenKind::Comma)?;
        let mut place = self.member_of(Operand::at(ty, Some(0)))?;
        while self.peek() != TokenKind::ParenClose {
            place = match self.peek() {
                TokenKind::Dot => {
                    self.bump();
                    self.member_of(place)?
                }
                TokenKind::BracketOpen => self.indexed(place)?,
                _ => return Err(self.expected("'.', '[' or ')'")),
            };
        }
        let close = self.bump();
        self.no_bit_field(close, place)?;
        let value = place.address.map(Evaluated::Integer);
        Ok(Operand::of(self.table().primitive(Primitive::Size), value))
    }

    /// `_Generic(operand, type: expression, default: expression)`. No operand is evaluated; the chosen one's value is known
    /// all the same.
    #[inline(never)]
    pub(super) fn generic_selection(&mut self) -> Parsed<Operand> {
        let start = self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let from = self.at;
        let control = self.nested(|p| p.unevaluated(Self::conditional))?;
        let control = self.decayed(control);
        let (control, nameless) = self.named_type(control);
        let hides = self.may_hide_qualifiers(from)?;
        let (mut chosen, mut default) = (None, None);
        while self.eat(TokenKind::Comma) {
            let (at, from) = (self.token(), self.at);
            let is_default = self.text_of(at) == "default";
            let matches = if is_default {
                self.bump();
                false
            } else {
                let ty = self.nested(Self::type_name)?;
                let hides = hides || self.may_hide_qualifiers(from)?;
                self.agree(at, control.ty, ty, hides)? && !nameless
            };
            self.expect(TokenKind::Colon)?;
            let operand = self.nested(|p| p.unevaluated(Self::conditional))?;
            let slot = if is_default {
                &mut default
            } else {
                &mut chosen
            };
            if (is_default || matches) && slot.replace(operand).is_some() {
                return Err(self.invalid(at, "_Generic has two choices for this type"));
            }
        }
        self.expect(TokenKind::ParenClose)?;
        chosen.or(default).ok_or_else(|| {
            let ty = self.table().spelling(control.ty);
            self.invalid(start, format!("_Generic has no choice for type '{ty}'"))
        })
    }

    /// An operand with the type that its bit-field has to gcc, and whether no name stands for that.
    pub(super) fn named_type(&self, operand: Operand) -> (Operand, bool) {
        let (Some(bits), Some(ty)) = (operand.bits, self.arithmetic_type(operand.ty)) else {
            return (operand, false);
        };
        let (ty, named) = self.type_of_bits(ty, bits);
        (Operand::typed(self.table().primitive(ty)), !named)
    }

    /// `__builtin_choose_expr(constant, a, b)`: the type is the chosen one's, too.
    #[inline(never)]
    pub(super) fn choose_expression(&mut self) -> Parsed<Operand> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let first = self.constant_expression()?.value.is_true();
        self.expect(TokenKind::Comma)?;
        let a = self.nested(|p| p.operand_if(first, Self::conditional))?;
        self.expect(TokenKind::Comma)?;
        let b = self.nested(|p| p.operand_if(!first, Self::conditional))?;
        self.expect(TokenKind::ParenClose)?;
        Ok(if first { a } else { b })
    }

    /// `__builtin_types_compatible_p(a, b)`
    #[inline(never)]
    pub(super) fn types_compatible(&mut self) -> Parsed<Operand> {
        let at = self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let from = self.at;
        let a = self.nested(Self::type_name)?;
        self.expect(TokenKind::Comma)?;
        let b = self.nested(Self::type_name)?;
        let hides = self.may_hide_qualifiers(from)?;
        self.expect(TokenKind::ParenClose)?;
        let agree = self.agree(at, a, b, hides)?;
        Ok(self.truth(agree))
    }

    /// `__builtin_constant_p(expression)`; a string counts as constant for gcc.
    #[inline(never)]
    pub(super) fn constant_p(&mut self) -> Parsed<Operand> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let is_string = self.peek() == TokenKind::String;
        let operand = self.nested(|p| p.unevaluated(Self::conditional))?;
        self.expect(TokenKind::ParenClose)?;
        Ok(self.truth(is_string || operand.value.is_some()))
    }

    fn truth(&self, truth: bool) -> Operand {
        let int = self.table().primitive(Primitive::Int);
        Operand::known(int, Evaluated::Integer(truth.into()))
    }

    /// Whether two types are one for C. Types do not keep the qualifiers of what pointers point to, so that where there may
    /// be some the answer is not known.
    fn agree(&self, at: Token, a: TypeId, b: TypeId, may_hide_qualifiers: bool) -> Parsed<bool> {
        let agree = self.same_for_c(a, b);
        if agree && may_hide_qualifiers && self.has_pointer(a) {
            let what = "a choice by the qualifiers of what a pointer points to";
            return Err(self.fail_at(at, CdefErrorKind::Unsupported(what.into())));
        }
        Ok(agree)
    }

    /// Whether the tokens from an index on up to the next one name qualifiers, or something that was declared with some.
    fn may_hide_qualifiers(&mut self, from: usize) -> Parsed<bool> {
        for at in from..self.at {
            let token = self.tokens[at];
            let hides = match token.kind {
                TokenKind::Const
                | TokenKind::Volatile
                | TokenKind::Restrict
                | TokenKind::Atomic => true,
                TokenKind::Identifier if self.is_tag(at) => false,
                TokenKind::Identifier => match self.type_named(token)? {
                    Some(named) => named.constant || self.has_pointer(named.ty),
                    None => true,
                },
                _ => false,
            };
            if hides {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the token at an index stands behind `struct`, `union` or `enum`.
    fn is_tag(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| self.tokens[before].kind);
        matches!(
            before,
            Some(TokenKind::Struct | TokenKind::Union | TokenKind::Enum)
        )
    }

    fn has_pointer(&self, mut ty: TypeId) -> bool {
        let table = self.table();
        while let CType::Array { element, .. } = table.get(table.plain(ty)) {
            ty = element;
        }
        matches!(
            table.get(table.plain(ty)),
            CType::Pointer(_) | CType::Function(_)
        )
    }
}
