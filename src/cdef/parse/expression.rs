//! Expressions (C11 6.5), evaluated as they are read.

use super::arithmetic::Problem;
use super::operand::{Evaluated, Number, Operand};
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Declaration, Value};
use crate::ctype::{CType, Member, Primitive, TypeId, TypeSource};
use crate::layout::{Layout, layout_of};

impl Parser<'_> {
    /// Reads an expression that must have a value (C11 6.6).
    pub(super) fn constant_expression(&mut self) -> Parsed<Number> {
        let at = self.token();
        let operand = self.nested(Self::conditional)?;
        match operand.value {
            Some(value) => Ok(Number {
                ty: operand.ty,
                value,
            }),
            None => Err(self.fail_at(
                at,
                CdefErrorKind::Constant("its value is not known here".into()),
            )),
        }
    }

    /// Reads an expression of which only the type matters.
    pub(super) fn type_of_expression(&mut self) -> Parsed<TypeId> {
        Ok(self.unevaluated(Self::conditional)?.ty)
    }

    fn unevaluated<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.unevaluated += 1;
        let parsed = parse(self);
        self.unevaluated -= 1;
        parsed
    }

    /// Reads an operand that is evaluated only if `evaluated`.
    fn operand_if(
        &mut self,
        evaluated: bool,
        parse: impl FnOnce(&mut Self) -> Parsed<Operand>,
    ) -> Parsed<Operand> {
        if evaluated {
            parse(self)
        } else {
            self.unevaluated(parse)
        }
    }

    fn conditional(&mut self) -> Parsed<Operand> {
        let condition = self.binary_expression(0)?;
        if !self.eat(TokenKind::Question) {
            return Ok(condition);
        }
        let truth = condition.value.map(Evaluated::is_true);
        // gcc's `a ?: b`.
        let then = match self.peek() {
            TokenKind::Colon => condition,
            _ => self.nested(|p| p.operand_if(truth != Some(false), Self::conditional))?,
        };
        self.expect(TokenKind::Colon)?;
        let otherwise = self.nested(|p| p.operand_if(truth != Some(true), Self::conditional))?;
        let chosen = match truth {
            Some(true) => then,
            Some(false) => otherwise,
            None => Operand::typed(then.ty),
        };
        let types = (
            self.arithmetic_type(then.ty),
            self.arithmetic_type(otherwise.ty),
        );
        let (Some(a), Some(b)) = types else {
            return Ok(chosen);
        };
        let common = self.common(a, b);
        let value = chosen.value.and_then(|value| self.convert(value, common));
        Ok(Operand {
            ty: self.table().primitive(common),
            value,
            address: None,
        })
    }

    /// Reads operators that bind at least as tightly as `min`, by precedence climbing.
    fn binary_expression(&mut self, min: u8) -> Parsed<Operand> {
        let mut left = self.unary_expression()?;
        loop {
            let operator = self.token();
            let Some(precedence) =
                precedence(operator.kind).filter(|&precedence| precedence >= min)
            else {
                return Ok(left);
            };
            self.bump();
            let decided = match operator.kind {
                TokenKind::AndAnd => left.value.is_some_and(|value| !value.is_true()),
                TokenKind::OrOr => left.value.is_some_and(|value| value.is_true()),
                _ => false,
            };
            let right = self.operand_if(!decided, |p| p.binary_expression(precedence + 1))?;
            left = self.combine(operator, left, right)?;
        }
    }

    fn combine(&mut self, operator: Token, left: Operand, right: Operand) -> Parsed<Operand> {
        use TokenKind::*;
        let table = self.table();
        let int = table.primitive(Primitive::Int);
        if let AndAnd | OrOr = operator.kind {
            return Ok(Operand {
                ty: int,
                value: logical(operator.kind, left.value, right.value),
                address: None,
            });
        }
        let (left, right) = (self.decayed(left), self.decayed(right));
        let types = (
            self.arithmetic_type(left.ty),
            self.arithmetic_type(right.ty),
        );
        let (Some(a), Some(b)) = types else {
            return self.pointer_arithmetic(operator, left, right);
        };
        let comparison = matches!(
            operator.kind,
            Less | Greater | LessEqual | GreaterEqual | Equal | NotEqual
        );
        let shift = matches!(operator.kind, ShiftLeft | ShiftRight);
        let common = if shift {
            self.promoted(a)
        } else {
            self.common(a, b)
        };
        let ty = if comparison {
            int
        } else {
            table.primitive(common)
        };
        let (Some(a), Some(b)) = (left.value, right.value) else {
            return Ok(Operand::typed(ty));
        };
        let computed = match (a.integer(), b.integer()) {
            (Some(a), Some(b)) if shift => self.shift(operator.kind == ShiftLeft, common, a, b),
            _ if shift => Err("the operator needs integers"),
            _ => self.binary(operator.kind, common, a, b),
        };
        self.computed(operator, ty, computed)
    }

    /// A computed value, or the failure to compute it, which does not count where nothing is evaluated.
    fn computed(
        &self,
        at: Token,
        ty: TypeId,
        computed: Result<Evaluated, Problem>,
    ) -> Parsed<Operand> {
        match computed {
            Ok(value) => Ok(Operand::known(ty, value)),
            Err(_) if self.unevaluated > 0 => Ok(Operand::typed(ty)),
            Err(problem) => Err(self.fail_at(at, CdefErrorKind::Constant(problem.into()))),
        }
    }

    /// `p + 1`, `p - q`, comparisons: enough for the `offsetof` of old headers.
    fn pointer_arithmetic(
        &mut self,
        operator: Token,
        left: Operand,
        right: Operand,
    ) -> Parsed<Operand> {
        use TokenKind::*;
        let table = self.table();
        let values = (
            left.value.and_then(Evaluated::integer),
            right.value.and_then(Evaluated::integer),
        );
        let (pointer, offset) = match (table.get(left.ty), table.get(right.ty)) {
            (CType::Pointer(_), CType::Pointer(target)) => {
                let int = table.primitive(Primitive::Int);
                let (Some(a), Some(b)) = values else {
                    return Ok(Operand::typed(int));
                };
                let size = self.size_for_arithmetic(operator, target)?.max(1);
                return match operator.kind {
                    Minus => {
                        let difference = Evaluated::Integer((a - b) / size);
                        Ok(Operand::known(
                            table.primitive(Primitive::Ptrdiff),
                            difference,
                        ))
                    }
                    kind => {
                        let computed = self.binary(
                            kind,
                            Primitive::Uintptr,
                            Evaluated::Integer(a),
                            Evaluated::Integer(b),
                        );
                        self.computed(operator, int, computed)
                    }
                };
            }
            (CType::Pointer(_), _) if matches!(operator.kind, Plus | Minus) => (left, values.1),
            (_, CType::Pointer(_)) if operator.kind == Plus => (right, values.0),
            _ => return Err(self.invalid(operator, "the operator does not take these operands")),
        };
        let CType::Pointer(target) = table.get(pointer.ty) else {
            return Ok(pointer);
        };
        let size = self.size_for_arithmetic(operator, target)?;
        let sign = if operator.kind == Minus { -1 } else { 1 };
        let base = pointer.value.and_then(Evaluated::integer);
        let moved = offset
            .zip(base)
            .and_then(|(n, base)| n.checked_mul(sign * size)?.checked_add(base));
        Ok(Operand {
            ty: pointer.ty,
            value: moved.map(Evaluated::Integer),
            address: None,
        })
    }

    /// gcc counts `void *` and function pointers in bytes.
    fn size_for_arithmetic(&self, at: Token, target: TypeId) -> Parsed<i128> {
        match self.table().get(target) {
            CType::Void | CType::Function(_) => Ok(1),
            _ => self
                .check_complete(at, target)
                .map(|layout| layout.size.into()),
        }
    }

    /// Arrays and functions turn into pointers (C11 6.3.2.1).
    fn decayed(&self, operand: Operand) -> Operand {
        let table = self.table();
        let target = match table.get(table.plain(operand.ty)) {
            CType::Array { element, .. } => element,
            CType::Function(_) => operand.ty,
            _ => return operand,
        };
        let value = operand.address.map(Evaluated::Integer);
        Operand {
            ty: table.pointer(target),
            value,
            address: None,
        }
    }

    fn unary_expression(&mut self) -> Parsed<Operand> {
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

    fn sign(&mut self) -> Parsed<Operand> {
        let operator = self.bump();
        let operand = self.unary_expression()?;
        let Some(ty) = self.arithmetic_type(operand.ty) else {
            return Err(self.invalid(operator, "the operator needs a number"));
        };
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

    /// A string literal is an array of its bytes and a zero; escapes are not taken apart, as only `sizeof` could tell.
    fn string(&mut self) -> Operand {
        let mut length = 1;
        while self.peek() == TokenKind::String {
            let token = self.bump();
            length += u64::from(token.end - token.start).saturating_sub(2);
        }
        let table = self.table();
        Operand::typed(table.array(table.primitive(Primitive::Char), Some(length)))
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

/// How tightly a binary operator binds; nothing for other tokens.
fn precedence(operator: TokenKind) -> Option<u8> {
    use TokenKind::*;
    Some(match operator {
        OrOr => 0,
        AndAnd => 1,
        Pipe => 2,
        Caret => 3,
        Ampersand => 4,
        Equal | NotEqual => 5,
        Less | Greater | LessEqual | GreaterEqual => 6,
        ShiftLeft | ShiftRight => 7,
        Plus | Minus => 8,
        Star | Slash | Percent => 9,
        _ => return None,
    })
}

/// `&&` and `||`, with the right operand unknown if the left one decides.
fn logical(
    operator: TokenKind,
    left: Option<Evaluated>,
    right: Option<Evaluated>,
) -> Option<Evaluated> {
    let (left, right) = (left.map(Evaluated::is_true), right.map(Evaluated::is_true));
    let truth = match (operator, left, right) {
        (TokenKind::AndAnd, Some(false), _) => false,
        (TokenKind::OrOr, Some(true), _) => true,
        (_, Some(_), Some(right)) => right,
        _ => return None,
    };
    Some(Evaluated::Integer(truth.into()))
}
