//! Unary expressions and casts (C11 6.5.3, 6.5.4).

use super::arithmetic::TOO_LARGE;
use super::operand::{Evaluated, Operand};
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{CType, Primitive, TypeId};
use crate::layout::{Arch, RecordRules};

impl Parser<'_> {
    pub(super) fn unary_expression(&mut self) -> Parsed<Operand> {
        self.nested(Self::unary_level)
    }

    fn unary_level(&mut self) -> Parsed<Operand> {
        if self.peek() == TokenKind::Identifier {
            self.enter_macros()?;
        }
        let token = self.token();
        match token.kind {
            TokenKind::Extension => {
                self.bump();
                self.unary_expression()
            }
            TokenKind::Minus | TokenKind::Plus | TokenKind::Tilde => self.sign(),
            TokenKind::Bang => {
                self.bump();
                let operand = self.unary_expression()?;
                let operand = self.decayed(operand);
                let value = operand
                    .value
                    .map(|value| Evaluated::Integer((!value.is_true()).into()));
                Ok(Operand::of(self.table().primitive(Primitive::Int), value))
            }
            TokenKind::Star => {
                self.bump();
                let operand = self.unary_expression()?;
                self.dereferenced(token, operand)
            }
            TokenKind::Ampersand => {
                self.bump();
                let operand = self.unary_expression()?;
                self.no_bit_field(token, operand)?;
                let value = operand.address.map(Evaluated::Integer);
                Ok(Operand::of(self.table().pointer(operand.ty), value))
            }
            TokenKind::Sizeof | TokenKind::Alignof => self.size_or_alignment(),
            TokenKind::ParenOpen if self.starts_type_at(1)? => self.cast(),
            _ => self.postfix(),
        }
    }

    #[inline(never)]
    pub(super) fn sign(&mut self) -> Parsed<Operand> {
        let operator = self.bump();
        let operand = self.unary_expression()?;
        let Some(ty) = self.arithmetic_type(operand.ty) else {
            return Err(self.invalid(operator, "the operator needs a number"));
        };
        if operator.kind == TokenKind::Tilde && !ty.is_integer() {
            return Err(self.invalid(operator, "the operator needs an integer"));
        }
        let ty = match operand.bits {
            Some(bits) => self.promoted_bits(ty, bits),
            None => self.promoted(ty),
        };
        let id = self.table().primitive(ty);
        match operand.value {
            Some(value) => self.computed(operator, id, self.unary(operator.kind, ty, value)),
            None => Ok(Operand::typed(id)),
        }
    }

    pub(super) fn dereferenced(&self, at: Token, operand: Operand) -> Parsed<Operand> {
        let pointer = self.decayed(operand);
        match self.table().get(pointer.ty) {
            CType::Pointer(target) => Ok(Operand::at(
                target,
                pointer.value.and_then(Evaluated::integer),
            )),
            _ => Err(self.invalid(at, "only a pointer can be dereferenced")),
        }
    }

    #[inline(never)]
    fn size_or_alignment(&mut self) -> Parsed<Operand> {
        let operator = self.bump();
        let is_type = self.peek() == TokenKind::ParenOpen && self.starts_type_at(1)?;
        let (ty, operand) = if is_type {
            self.bump();
            let ty = self.nested(Self::type_name)?;
            self.expect(TokenKind::ParenClose)?;
            if self.peek() == TokenKind::BraceOpen {
                let literal = self.unevaluated(|p| p.compound_literal(ty))?;
                (literal.ty, Some(literal))
            } else {
                (ty, None)
            }
        } else {
            let operand = self.unevaluated(Self::unary_expression)?;
            self.no_bit_field(operator, operand)?;
            (operand.ty, Some(operand))
        };
        let is_gnu = self.text_of(operator).starts_with("__alignof");
        let declared = operand.and_then(|operand| operand.align);
        let value = match (
            operator.kind,
            operand.and_then(|operand| operand.record_align),
        ) {
            (TokenKind::Sizeof, _) => self.size_of(operator, ty)?,
            _ if declared.is_some() => declared.unwrap_or(1),
            (_, Some(most)) => self.align_of(operator, ty)?.min(most),
            // Of an expression, C11's spelling asks for the same as gcc's.
            _ if is_gnu || operand.is_some() => self.preferred_align(operator, ty)?,
            _ => self.least_align(operator, ty)?,
        };
        Ok(Operand::known(
            self.table().primitive(Primitive::Size),
            Evaluated::Integer(value.into()),
        ))
    }

    /// A bit-field has no size, alignment or address, and its type has no name (C11 6.5.3.2 §1, 6.5.3.4 §1).
    pub(super) fn no_bit_field(&self, at: Token, operand: Operand) -> Parsed<()> {
        match operand.bits {
            Some(_) => Err(self.invalid(at, "this does not take a bit-field")),
            None => Ok(()),
        }
    }

    /// gcc: `sizeof(void)` and of a function is 1.
    fn size_of(&self, at: Token, ty: TypeId) -> Parsed<u64> {
        match self.table().get(ty) {
            CType::Void | CType::Function(_) => Ok(1),
            _ => self.check_complete(at, ty).map(|layout| layout.size),
        }
    }

    /// `_Alignof`, which gcc also answers for `void` and functions.
    fn align_of(&self, at: Token, ty: TypeId) -> Parsed<u64> {
        match self.table().get(ty) {
            CType::Function(_) if self.table().model().arch == Arch::Aarch64 => Ok(4),
            CType::Void | CType::Function(_) => Ok(1),
            _ => self.check_complete(at, ty).map(|layout| layout.align),
        }
    }

    /// What gcc's `_Alignof` gives of a type: on x86 no more than 16, though it places vectors, and what holds them, at multiples
    /// of their size, unless an attribute took part.
    fn least_align(&self, at: Token, ty: TypeId) -> Parsed<u64> {
        let model = self.table().model();
        let limited = model.rules != RecordRules::Msvc
            && model.arch != Arch::Aarch64
            && !self.user_align(self.element_of(ty));
        let most = if limited { model.max_align } else { u64::MAX };
        Ok(self.align_of(at, ty)?.min(most))
    }

    /// What gcc's `__alignof__` gives: on i386 it is 8 for 8-byte numbers, and arrays and complex numbers made of them,
    /// outside of records (C11's `_Alignof` gives 4 there).
    fn preferred_align(&self, at: Token, ty: TypeId) -> Parsed<u64> {
        let align = self.align_of(at, ty)?;
        let table = self.table();
        let mut inner = ty;
        while let CType::Array { element, .. } = table.get(inner) {
            inner = element;
        }
        if let CType::Aligned { .. } = table.get(inner) {
            return Ok(align);
        }
        let number = self.arithmetic_type(inner);
        let part = number.map(|number| number.component().unwrap_or(number).layout(table.model()));
        Ok(match part {
            Some(part) if part.size == 8 => align.max(8),
            _ => align,
        })
    }

    /// `(type)expression`, or a compound literal `(type){...}`.
    #[inline(never)]
    fn cast(&mut self) -> Parsed<Operand> {
        let open = self.bump();
        let ty = self.nested(Self::type_name)?;
        self.expect(TokenKind::ParenClose)?;
        if self.peek() == TokenKind::BraceOpen {
            let literal = self.compound_literal(ty)?;
            return self.suffixed(literal);
        }
        let operand = self.unary_expression()?;
        let operand = self.decayed(operand);
        let table = self.table();
        let zero = operand.value == Some(Evaluated::Integer(0));
        let null =
            zero && self.arithmetic_type(operand.ty).is_some() && ty == table.pointer(table.void());
        let value = match (
            table.get(table.plain(ty)),
            self.arithmetic_type(ty),
            operand.value,
        ) {
            (_, Some(primitive), Some(value)) => {
                let converted = self.convert(value, primitive).ok_or(TOO_LARGE);
                return self.computed(open, ty, converted);
            }
            (CType::Pointer(_), _, Some(Evaluated::Integer(value))) => {
                Some(Evaluated::Integer(value))
            }
            _ => None,
        };
        Ok(Operand {
            null,
            ..Operand::of(ty, value)
        })
    }
}
