//! Unary, postfix and primary expressions (C11 6.5.1 to 6.5.4).

use super::operand::{Evaluated, Operand};
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Declaration, Value};
use crate::ctype::{CType, Member, Primitive, TypeId, TypeSource};
use crate::layout::{Layout, layout_of};

impl Parser<'_> {
    pub(super) fn unary_expression(&mut self) -> Parsed<Operand> {
        self.nested(Self::unary_level)
    }

    fn unary_level(&mut self) -> Parsed<Operand> {
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
                Ok(Operand {
                    ty: self.table().primitive(Primitive::Int),
                    value,
                    address: None,
                })
            }
            TokenKind::Star => {
                self.bump();
                let operand = self.unary_expression()?;
                self.dereferenced(token, operand)
            }
            TokenKind::Ampersand => {
                self.bump();
                let operand = self.unary_expression()?;
                let value = operand.address.map(Evaluated::Integer);
                Ok(Operand {
                    ty: self.table().pointer(operand.ty),
                    value,
                    address: None,
                })
            }
            TokenKind::Sizeof | TokenKind::Alignof => self.size_or_alignment(),
            TokenKind::ParenOpen if self.starts_type_at(1)? => self.cast(),
            _ => self.postfix(),
        }
    }

    pub(super) fn sign(&mut self) -> Parsed<Operand> {
        let operator = self.bump();
        let operand = self.unary_expression()?;
        let Some(ty) = self.arithmetic_type(operand.ty) else {
            return Err(self.invalid(operator, "the operator needs a number"));
        };
        if operator.kind == TokenKind::Tilde && !ty.is_integer() {
            return Err(self.invalid(operator, "the operator needs an integer"));
        }
        let ty = self.promoted(ty);
        let id = self.table().primitive(ty);
        match operand.value {
            Some(value) => self.computed(operator, id, self.unary(operator.kind, ty, value)),
            None => Ok(Operand::typed(id)),
        }
    }

    fn dereferenced(&self, at: Token, operand: Operand) -> Parsed<Operand> {
        let pointer = self.decayed(operand);
        match self.table().get(pointer.ty) {
            CType::Pointer(target) => Ok(Operand::at(
                target,
                pointer.value.and_then(Evaluated::integer),
            )),
            _ => Err(self.invalid(at, "only a pointer can be dereferenced")),
        }
    }

    fn size_or_alignment(&mut self) -> Parsed<Operand> {
        let operator = self.bump();
        let is_type = self.peek() == TokenKind::ParenOpen && self.starts_type_at(1)?;
        let ty = if is_type {
            self.bump();
            let ty = self.nested(Self::type_name)?;
            self.expect(TokenKind::ParenClose)?;
            ty
        } else {
            self.unevaluated(Self::unary_expression)?.ty
        };
        let value = match operator.kind {
            TokenKind::Sizeof => self.size_of(operator, ty)?,
            _ if self.text_of(operator).starts_with("__alignof") => {
                self.preferred_align(operator, ty)?
            }
            _ => self.check_complete(operator, ty)?.align,
        };
        Ok(Operand::known(
            self.table().primitive(Primitive::Size),
            Evaluated::Integer(value.into()),
        ))
    }

    /// gcc: `sizeof(void)` and of a function is 1.
    fn size_of(&self, at: Token, ty: TypeId) -> Parsed<u64> {
        match self.table().get(ty) {
            CType::Void | CType::Function(_) => Ok(1),
            _ => self.check_complete(at, ty).map(|layout| layout.size),
        }
    }

    /// What gcc's `__alignof__` gives: for 8-byte scalars on i386 it is 8 outside of records (C11's `_Alignof` gives
    /// 4 there).
    fn preferred_align(&self, at: Token, ty: TypeId) -> Parsed<u64> {
        let Layout { size, align } = self.check_complete(at, ty)?;
        let scalar = self.arithmetic_type(ty).is_some();
        Ok(if scalar && size == 8 {
            align.max(8)
        } else {
            align
        })
    }

    /// `(type)expression`, or a compound literal `(type){...}`.
    fn cast(&mut self) -> Parsed<Operand> {
        let open = self.bump();
        let ty = self.nested(Self::type_name)?;
        self.expect(TokenKind::ParenClose)?;
        if self.peek() == TokenKind::BraceOpen {
            self.skip_group()?;
            return Ok(Operand::typed(ty));
        }
        let operand = self.unary_expression()?;
        let operand = self.decayed(operand);
        let table = self.table();
        let value = match (
            table.get(table.plain(ty)),
            self.arithmetic_type(ty),
            operand.value,
        ) {
            (_, Some(primitive), Some(value)) => {
                let converted = self
                    .convert(value, primitive)
                    .ok_or("the value does not fit the cast's type");
                return self.computed(open, ty, converted);
            }
            (CType::Pointer(_), _, Some(Evaluated::Integer(value))) => {
                Some(Evaluated::Integer(value))
            }
            _ => None,
        };
        Ok(Operand {
            ty,
            value,
            address: None,
        })
    }

    fn postfix(&mut self) -> Parsed<Operand> {
        let mut operand = self.primary()?;
        loop {
            let operator = self.token();
            operand = match operator.kind {
                TokenKind::Dot => {
                    self.bump();
                    self.member_of(operand)?
                }
                TokenKind::Arrow => {
                    self.bump();
                    let record = self.dereferenced(operator, operand)?;
                    self.member_of(record)?
                }
                TokenKind::BracketOpen => {
                    self.bump();
                    let index = self.nested(Self::conditional)?;
                    self.expect(TokenKind::BracketClose)?;
                    let plus = Token {
                        kind: TokenKind::Plus,
                        ..operator
                    };
                    let (operand, index) = (self.decayed(operand), self.decayed(index));
                    let sum = self.pointer_arithmetic(plus, operand, index)?;
                    self.dereferenced(operator, sum)?
                }
                TokenKind::ParenOpen => self.call(operand)?,
                _ => return Ok(operand),
            };
        }
    }

    /// A call has a type, and never a value here.
    fn call(&mut self, callee: Operand) -> Parsed<Operand> {
        let at = self.token();
        self.skip_group()?;
        let table = self.table();
        let callee = self.decayed(callee);
        if let CType::Pointer(target) = table.get(callee.ty)
            && let CType::Function(id) = table.get(target)
        {
            return Ok(Operand::typed(table.function(id).result));
        }
        Err(self.invalid(at, "only a function can be called"))
    }

    fn primary(&mut self) -> Parsed<Operand> {
        let token = self.token();
        match token.kind {
            TokenKind::Number => {
                self.bump();
                self.number(token)
                    .map(|number| Operand::known(number.ty, number.value))
            }
            TokenKind::Character => {
                self.bump();
                self.character(token)
                    .map(|number| Operand::known(number.ty, number.value))
            }
            TokenKind::String => Ok(self.string()),
            TokenKind::Offsetof => self.offset_of(),
            TokenKind::ParenOpen => {
                self.bump();
                let operand = self.nested(Self::conditional)?;
                self.expect(TokenKind::ParenClose)?;
                Ok(operand)
            }
            TokenKind::Identifier => self.named(token),
            _ => Err(self.expected("an expression")),
        }
    }

    /// String literals next to each other are one array, with a zero at its end (C11 6.4.5 §6).
    fn string(&mut self) -> Operand {
        let (mut element, mut length) = (Primitive::Char, 1);
        while self.peek() == TokenKind::String {
            let token = self.bump();
            let text = self.text_of(token);
            let (prefix, quoted) = text.split_at(text.find('"').unwrap_or(0));
            match prefix {
                "L" => element = Primitive::Wchar,
                "u" => element = Primitive::Char16,
                "U" => element = Primitive::Char32,
                _ => {}
            }
            let size = element.layout(self.table().model()).size;
            let inside = quoted
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            length += string_units(inside.unwrap_or(quoted), size);
        }
        let table = self.table();
        Operand::typed(table.array(table.primitive(element), Some(length)))
    }

    fn named(&mut self, token: Token) -> Parsed<Operand> {
        self.evaluate_defines();
        let name = self.text_of(token);
        let operand = match self.draft.name(name) {
            Some(Declaration::Constant(constant)) => match constant.value {
                Value::Integer(value) => Operand::known(constant.ty, Evaluated::Integer(value)),
                Value::Float(value) => Operand::known(constant.ty, Evaluated::Float(value)),
                Value::Deferred => Operand::typed(constant.ty),
            },
            Some(Declaration::Variable(variable)) => Operand::at(variable.ty, None),
            Some(Declaration::Function(function)) => Operand::typed(function.ty),
            Some(Declaration::Typedef(_)) | None => {
                return Err(self.fail_at(token, CdefErrorKind::UnknownConstant(name.into())));
            }
        };
        self.bump();
        Ok(operand)
    }

    /// `offsetof(type, member.member[index])`
    fn offset_of(&mut self) -> Parsed<Operand> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let ty = self.nested(Self::type_name)?;
        self.expect(TokenKind::Comma)?;
        let mut place = self.member_of(Operand::at(ty, Some(0)))?;
        while self.peek() != TokenKind::ParenClose {
            let operator = self.token();
            place = match operator.kind {
                TokenKind::Dot => {
                    self.bump();
                    self.member_of(place)?
                }
                TokenKind::BracketOpen => {
                    self.bump();
                    let index = self.nested(Self::conditional)?;
                    self.expect(TokenKind::BracketClose)?;
                    let plus = Token {
                        kind: TokenKind::Plus,
                        ..operator
                    };
                    let array = self.decayed(place);
                    let sum = self.pointer_arithmetic(plus, array, index)?;
                    self.dereferenced(operator, sum)?
                }
                _ => return Err(self.expected("'.', '[' or ')'")),
            };
        }
        self.bump();
        let value = place.address.map(Evaluated::Integer);
        Ok(Operand {
            ty: self.table().primitive(Primitive::Size),
            value,
            address: None,
        })
    }

    /// The member whose name is next, of a record lvalue.
    fn member_of(&mut self, record: Operand) -> Parsed<Operand> {
        let token = self.expect(TokenKind::Identifier)?;
        let Member { ty, offset, .. } = self.member_named(record.ty, token)?;
        let address = record
            .address
            .and_then(|address| address.checked_add(offset.into()));
        Ok(Operand::at(ty, address))
    }

    fn member_named(&self, ty: TypeId, name: Token) -> Parsed<Member> {
        let table = self.table();
        let text = self.text_of(name);
        let missing = || {
            let kind = CdefErrorKind::UnknownMember {
                record: table.spelling(ty),
                member: text.into(),
            };
            self.fail_at(name, kind)
        };
        let CType::Record(id) = table.get(table.plain(ty)) else {
            return Err(missing());
        };
        match self.draft.record_body(id) {
            Some(body) => body.member(text).copied().ok_or_else(missing),
            None => match layout_of(&self.draft, ty) {
                Err(error) => Err(self.fail_at(name, error.into())),
                Ok(_) => Err(missing()),
            },
        }
    }
}

/// Units of `size` bytes that a literal's text takes; an escape is one, and a character as many as its encoding.
fn string_units(text: &str, size: u64) -> u64 {
    let units = |c: char| match size {
        1 => c.len_utf8() as u64,
        2 => c.len_utf16() as u64,
        _ => 1,
    };
    let mut characters = text.chars().peekable();
    let mut count = 0;
    while let Some(c) = characters.next() {
        if c != '\\' {
            count += units(c);
            continue;
        }
        let (radix, most) = match characters.next() {
            Some('x') => (16, usize::MAX),
            Some('0'..='7') => (8, 2),
            Some(kind @ ('u' | 'U')) => {
                let digits: String = characters
                    .by_ref()
                    .take(if kind == 'u' { 4 } else { 8 })
                    .collect();
                let named = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                count += named.map_or(1, units);
                continue;
            }
            _ => (0, 0),
        };
        count += 1;
        for _ in 0..most {
            if characters
                .next_if(|c| radix > 0 && c.is_digit(radix))
                .is_none()
            {
                break;
            }
        }
    }
    count
}
