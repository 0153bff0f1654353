//! Postfix and primary expressions (C11 6.5.1, 6.5.2).

use super::float::widened;
use super::operand::{Evaluated, Operand};
use super::{Parsed, Parser};
use crate::cdef::compiler;
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Declaration, Value};
use crate::ctype::{CType, Convention, FunctionType, Member, Primitive, TypeId, TypeSource};
use crate::layout::layout_of;

impl Parser<'_> {
    pub(super) fn postfix(&mut self) -> Parsed<Operand> {
        let operand = self.primary()?;
        self.suffixed(operand)
    }

    /// Reads what follows an operand: members, indexes, arguments.
    pub(super) fn suffixed(&mut self, mut operand: Operand) -> Parsed<Operand> {
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
                TokenKind::BracketOpen => self.indexed(operand)?,
                TokenKind::ParenOpen => self.call(operand)?,
                _ => return Ok(operand),
            };
        }
    }

    /// Reads `[index]` behind an array or a pointer.
    #[inline(never)]
    pub(super) fn indexed(&mut self, operand: Operand) -> Parsed<Operand> {
        let open = self.bump();
        let index = self.nested(Self::expression)?;
        self.expect(TokenKind::BracketClose)?;
        let plus = Token {
            kind: TokenKind::Plus,
            ..open
        };
        let (operand, index) = (self.decayed(operand), self.decayed(index));
        let sum = self.pointer_arithmetic(plus, operand, index)?;
        self.dereferenced(open, sum)
    }

    /// A call has a type, and never a value here.
    #[inline(never)]
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
            // It takes as much stack as two levels of other things.
            TokenKind::Generic => self.nested(Self::generic_selection),
            TokenKind::ChooseExpression => self.choose_expression(),
            TokenKind::TypesCompatible => self.types_compatible(),
            TokenKind::ConstantP => self.constant_p(),
            TokenKind::ParenOpen => {
                self.bump();
                let operand = self.nested(Self::expression)?;
                self.expect(TokenKind::ParenClose)?;
                Ok(operand)
            }
            TokenKind::Identifier => self.named(token),
            _ => Err(self.expected("an expression")),
        }
    }

    fn named(&mut self, token: Token) -> Parsed<Operand> {
        let name = self.text_of(token);
        if let Some(&ty) = self.parameters.get(name) {
            self.without_value = Some(self.bump());
            return Ok(Operand::at(ty, None));
        }
        let operand = match self.draft.name(name) {
            Some(Declaration::Constant(constant)) => match constant.value {
                Value::Integer(value) => Operand::known(constant.ty, Evaluated::Integer(value)),
                Value::Float(value) => {
                    Operand::known(constant.ty, Evaluated::Float(widened(value)))
                }
                Value::Deferred => Operand::typed(constant.ty),
            },
            Some(Declaration::Variable(variable)) => Operand {
                align: variable.align.map(u64::from),
                ..Operand::at(variable.ty, None)
            },
            Some(Declaration::Function(function)) => Operand::typed(function.ty),
            // gcc takes a function that is not declared for `int f()`.
            None if self.unevaluated > 0 && self.peek_at(1) == TokenKind::ParenOpen => {
                Operand::typed(self.table().function_type(FunctionType {
                    result: self.table().primitive(Primitive::Int),
                    params: [].into(),
                    variadic: false,
                    convention: Convention::Default,
                }))
            }
            Some(Declaration::Typedef(_)) | None => self.compilers_constant(token)?,
        };
        if operand.value.is_none() {
            self.without_value = Some(token);
        }
        self.bump();
        Ok(operand)
    }

    /// What compilers predefine as a constant.
    fn compilers_constant(&self, token: Token) -> Parsed<Operand> {
        let name = self.text_of(token);
        let constant = compiler::constant(name, self.table().model());
        match constant.filter(|_| self.draft.name(name).is_none()) {
            Some((ty, value)) => {
                let ty = self.table().primitive(ty);
                Ok(Operand::known(ty, Evaluated::Integer(value)))
            }
            None => Err(self.fail_at(token, CdefErrorKind::UnknownConstant(name.into()))),
        }
    }

    /// The member whose name is next, of a record lvalue.
    pub(super) fn member_of(&mut self, record: Operand) -> Parsed<Operand> {
        let token = self.expect(TokenKind::Identifier)?;
        let Member {
            ty, offset, bits, ..
        } = self.member_named(record.ty, token)?;
        let address = record
            .address
            .and_then(|address| address.checked_add(offset.into()));
        let record_align = layout_of(&self.draft, record.ty).map(|layout| layout.align);
        Ok(Operand {
            record_align: record_align.ok(),
            bits: bits.map(|bits| bits.width),
            ..Operand::at(ty, address)
        })
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
