//! Expressions (C11 6.5), evaluated as they are read.

use super::arithmetic::{Problem, TOO_LARGE};
use super::operand::{Evaluated, Number, Operand};
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Declaration};
use crate::ctype::{CType, Primitive, TypeId};

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
            None => Err(self.no_value(at)),
        }
    }

    /// The failure that an expression has no value before the program runs.
    #[inline(never)]
    pub(super) fn no_value(&self, at: Token) -> Box<super::Failure> {
        let (at, what) = match self.without_value {
            Some(token) if token.start >= at.start => (
                token,
                format!("'{}' {}", self.text_of(token), self.why_no_value(token)),
            ),
            _ => (at, "this has none".into()),
        };
        let problem = format!("expected a value that is known before the program runs, but {what}");
        self.fail_at(at, CdefErrorKind::Constant(problem.into()))
    }

    fn why_no_value(&self, name: Token) -> &'static str {
        if self.parameters.contains_key(self.text_of(name)) {
            return "is a parameter";
        }
        match self.draft.name(self.text_of(name)) {
            Some(Declaration::Constant(_)) => "was left to a C compiler with '...'",
            Some(Declaration::Function(_)) => "is a function",
            Some(Declaration::Variable(_)) => "is a variable",
            _ => "is not known",
        }
    }

    /// Reads expressions with commas between them: the last one counts (C11 6.5.17), and has no value for a constant expression
    /// (6.6 §3).
    pub(super) fn expression(&mut self) -> Parsed<Operand> {
        let first = self.conditional()?;
        if self.peek() != TokenKind::Comma {
            return Ok(first);
        }
        let mut last = first;
        while self.eat(TokenKind::Comma) {
            last = self.conditional()?;
        }
        Ok(Operand::typed(self.named_type(self.decayed(last)).0.ty))
    }

    /// Reads an expression of which only the type matters.
    pub(super) fn type_of_expression(&mut self) -> Parsed<TypeId> {
        let at = self.token();
        let operand = self.unevaluated(Self::expression)?;
        self.no_bit_field(at, operand)?;
        Ok(operand.ty)
    }

    pub(super) fn unevaluated<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        self.unevaluated += 1;
        let parsed = parse(self);
        self.unevaluated -= 1;
        parsed
    }

    /// Reads an operand that is evaluated only if `evaluated`.
    pub(super) fn operand_if(
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

    pub(super) fn conditional(&mut self) -> Parsed<Operand> {
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
        let (then, otherwise) = (self.value_of(then), self.value_of(otherwise));
        let ty = self.common_type(then, otherwise);
        let chosen = match truth {
            Some(true) => then.value,
            Some(false) => otherwise.value,
            None => None,
        };
        let value = match self.arithmetic_type(ty) {
            Some(number) => chosen.and_then(|value| self.convert(value, number)),
            None => chosen,
        };
        Ok(Operand::of(ty, value))
    }

    /// The type of `c ? a : b` (C11 6.5.15 §5, §6). Where pointers disagree it is `void *`, as in gcc.
    #[inline(never)]
    fn common_type(&self, a: Operand, b: Operand) -> TypeId {
        let table = self.table();
        if let (Some(a), Some(b)) = (self.arithmetic_type(a.ty), self.arithmetic_type(b.ty)) {
            return table.primitive(self.common(a, b));
        }
        let is_pointer = |ty| matches!(table.get(ty), CType::Pointer(_));
        let void_pointer = table.pointer(table.void());
        match (is_pointer(a.ty), is_pointer(b.ty)) {
            (true, true) if a.null => b.ty,
            (true, true) if b.null || a.ty == b.ty => a.ty,
            (true, true) => void_pointer,
            (false, true) => b.ty,
            (true, false) | (false, false) => a.ty,
        }
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
            return Ok(Operand::of(
                int,
                logical(operator.kind, left.value, right.value),
            ));
        }
        let (left, right) = (self.value_of(left), self.value_of(right));
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
        let for_integers = shift || matches!(operator.kind, Percent | Ampersand | Pipe | Caret);
        if for_integers && !(a.is_integer() && b.is_integer()) {
            return Err(self.invalid(operator, "the operator needs integers"));
        }
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
            _ => self.binary(operator.kind, common, a, b),
        };
        self.computed(operator, ty, computed)
    }

    /// A computed value, or the failure to compute it, which does not count where nothing is evaluated.
    pub(super) fn computed(
        &self,
        at: Token,
        ty: TypeId,
        computed: Result<Evaluated, Problem>,
    ) -> Parsed<Operand> {
        match computed {
            Ok(value) => Ok(Operand::known(ty, value)),
            Err(_) if self.unevaluated > 0 => Ok(Operand::typed(ty)),
            Err(TOO_LARGE) => Err(self.fail_at(at, CdefErrorKind::Unsupported(TOO_LARGE.into()))),
            Err(problem) => Err(self.fail_at(at, CdefErrorKind::Constant(problem.into()))),
        }
    }

    /// `p + 1`, `p - q`, comparisons: enough for the `offsetof` of old headers.
    pub(super) fn pointer_arithmetic(
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
                        let difference = Evaluated::Integer(a.wrapping_sub(b) / size);
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
        Ok(Operand::of(pointer.ty, moved.map(Evaluated::Integer)))
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

    /// An operand's value: arrays and functions as pointers, bit-fields that `int` holds as `int` (C11 6.3.1.1 §2).
    fn value_of(&self, operand: Operand) -> Operand {
        let operand = self.decayed(operand);
        match (operand.bits, self.arithmetic_type(operand.ty)) {
            (Some(bits), Some(ty)) => {
                let ty = self.promoted_bits(ty, bits);
                Operand::typed(self.table().primitive(ty))
            }
            _ => operand,
        }
    }

    /// Arrays and functions turn into pointers (C11 6.3.2.1).
    pub(super) fn decayed(&self, operand: Operand) -> Operand {
        let table = self.table();
        let target = match table.get(table.plain(operand.ty)) {
            CType::Array { element, .. } => element,
            CType::Function(_) => operand.ty,
            _ => return operand,
        };
        let value = operand.address.map(Evaluated::Integer);
        Operand::of(table.pointer(target), value)
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
