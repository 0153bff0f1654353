//! Enumerations (C11 6.7.2.2), with C23's fixed underlying types and cffi's `...`.

use super::attribute::Attributes;
use super::macros::Place;
use super::mode::Mode;
use super::{Failure, Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Constant, Declaration, Tag, Value};
use crate::ctype::{EnumBody, EnumId, Enumerator, Primitive, TypeId, TypeSource};
use crate::layout::RecordRules;

/// What a constant without a value of its own is.
#[derive(Clone, Copy)]
enum Next {
    /// Of this type: past its end there is no next one.
    Value(i128, Primitive),
    /// It follows one whose value a `...` left to the compiler.
    Deferred,
    /// It follows the largest integer of its type.
    TooLarge(i128),
    /// It follows one that is wrong.
    Failed,
}

impl<'a> Parser<'a> {
    /// Reads what follows `enum`.
    pub(super) fn enum_specifier(&mut self, in_typedef: bool) -> Parsed<TypeId> {
        self.bump();
        let mut attributes = self.attributes()?;
        let tag = (self.peek() == TokenKind::Identifier).then(|| self.bump());
        let fixed = self.underlying_type()?;
        if self.peek() == TokenKind::BraceOpen {
            let id = self.enum_to_define(tag, in_typedef)?;
            self.check_underlying(tag.unwrap_or(self.token()), id, fixed)?;
            self.draft
                .begin_body(Tag::Enum(id), tag.unwrap_or(self.token()).start);
            let constants = self.enumerators(id, fixed, &mut attributes);
            self.draft.end_body(Tag::Enum(id));
            if let Err(failure) = constants {
                let spelling = self.table().enumeration(id).spelling();
                self.failed_types.insert(spelling);
                return Err(failure);
            }
            return Ok(self.table().enumeration(id).type_id());
        }
        let Some(tag) = tag else {
            return Err(self.expected("'{'"));
        };
        let id = self.enum_named(tag)?;
        self.check_underlying(tag, id, fixed)?;
        if let (Some(underlying), None) = (fixed, self.draft.enum_body(id)) {
            let body = EnumBody {
                underlying,
                enumerators: [].into(),
                partial: false,
            };
            self.draft.complete_enumeration(id, body);
        }
        Ok(self.table().enumeration(id).type_id())
    }

    /// `: type` (C23 6.7.3.3).
    fn underlying_type(&mut self) -> Parsed<Option<Primitive>> {
        let begins = self.peek() == TokenKind::Colon && self.starts_type_at(1)?;
        if !begins {
            return Ok(None);
        }
        self.bump();
        let at = self.token();
        let ty = self.specifiers()?.ty;
        match self
            .arithmetic_type(ty)
            .filter(|primitive| primitive.is_integer())
        {
            Some(primitive) => Ok(Some(primitive)),
            None => {
                let spelling = self.table().spelling(ty);
                Err(self.invalid(
                    at,
                    format!("an enumeration's type must be an integer type, not '{spelling}'"),
                ))
            }
        }
    }

    /// Refuses a type other than the one that an earlier declaration gave (C23 6.7.3.3).
    fn check_underlying(&self, at: Token, id: EnumId, fixed: Option<Primitive>) -> Parsed<()> {
        match (fixed, self.draft.enum_body(id)) {
            (Some(fixed), Some(body)) if body.underlying != fixed => {
                let spelling = self.table().enumeration(id).spelling();
                let before = body.underlying.spelling();
                Err(self.invalid(
                    at,
                    format!("'{spelling}' was declared with type '{before}'"),
                ))
            }
            _ => Ok(()),
        }
    }

    fn enum_named(&mut self, tag: Token) -> Parsed<EnumId> {
        let name = self.text_of(tag);
        match self.draft.tag("enum", name) {
            Some(Tag::Enum(id)) => Ok(id),
            Some(Tag::Record(id)) => {
                let key = format!("enum {name}");
                match self.draft.tag("enum", &key) {
                    Some(Tag::Enum(id)) => Ok(id),
                    _ if self.options.cffi => {
                        let id = self.draft.new_enumeration(name);
                        self.draft.declare_tag(&key, Tag::Enum(id));
                        Ok(id)
                    }
                    _ => Err(self.other_tag(tag, self.table().record(id).kind.keyword())),
                }
            }
            None => {
                let id = self.draft.new_enumeration(name);
                self.draft.declare_tag(name, Tag::Enum(id));
                Ok(id)
            }
        }
    }

    fn enum_to_define(&mut self, tag: Option<Token>, in_typedef: bool) -> Parsed<EnumId> {
        let Some(tag) = tag else {
            let (name, _) = self.anonymous_tag(in_typedef);
            return Ok(self.draft.new_enumeration(&name));
        };
        let id = self.enum_named(tag)?;
        self.refuse_nested(tag, Tag::Enum(id))?;
        match self.draft.enum_body(id) {
            // A fixed underlying type may have been declared before the constants.
            Some(body) if body.is_definition() && !self.options.replace => {
                let name = self.table().enumeration(id).spelling();
                Err(self.fail_at(tag, CdefErrorKind::Redefined(name)))
            }
            Some(body) if body.is_definition() => {
                let id = self.draft.new_enumeration(self.text_of(tag));
                self.draft.declare_tag(self.text_of(tag), Tag::Enum(id));
                Ok(id)
            }
            _ => Ok(id),
        }
    }

    fn enumerators(
        &mut self,
        id: EnumId,
        fixed: Option<Primitive>,
        attributes: &mut Attributes,
    ) -> Parsed<()> {
        let open = self.bump();
        if self.peek() == TokenKind::BraceClose {
            return Err(self.expected("an enumeration constant"));
        }
        let mut enumerators: Vec<Enumerator> = Vec::new();
        let (mut partial, mut failed) = (false, false);
        // Others may stand before each of those that are listed.
        let listed_in_part = self.lists_enumerators_in_part();
        let mut next = match listed_in_part {
            true => Next::Deferred,
            false => Next::Value(0, Primitive::Int),
        };
        while self.peek() != TokenKind::BraceClose {
            if self.eat(TokenKind::Ellipsis) {
                partial = true;
                next = Next::Deferred;
            } else {
                let start = self.place();
                match self.enumerator(next, fixed, &mut partial) {
                    Ok((enumerator, known)) => {
                        next = match known {
                            Some(ty) if !listed_in_part => {
                                self.next_value(enumerator.value, ty, fixed)
                            }
                            _ => Next::Deferred,
                        };
                        enumerators.push(enumerator);
                    }
                    Err(failure) => {
                        self.report(&failure);
                        self.skip_enumerator(start, failure)?;
                        (next, failed) = (Next::Failed, true);
                    }
                }
            }
            if self.peek() == TokenKind::End {
                return Err(self.unclosed(open));
            }
            if !self.eat(TokenKind::Comma) && self.peek() != TokenKind::BraceClose {
                return Err(self.expected("',' or '}'"));
            }
        }
        let end = self.bump();
        attributes.merge_own(&self.attributes_of_body()?);
        if failed {
            return Err(self.invalid(end, "a constant failed").and_reported());
        }
        let underlying = match fixed {
            Some(underlying) => underlying,
            None => self.enough_for(&enumerators, attributes.packed, end)?,
        };
        let underlying = match attributes.mode {
            Some(mode) => self.enum_with_mode(underlying, mode, &enumerators, end)?,
            None => underlying,
        };
        self.retype_constants(&enumerators, underlying, fixed.is_some());
        let body = EnumBody {
            underlying,
            enumerators: enumerators.into(),
            partial,
        };
        self.draft.complete_enumeration(id, body);
        Ok(())
    }

    /// Whether cffi's `...` stands for constants between the braces that were opened here.
    #[inline(never)]
    fn lists_enumerators_in_part(&self) -> bool {
        let mut depth = 0u32;
        for pair in self.tokens[self.at - 1..].windows(2) {
            match pair[1].kind {
                TokenKind::ParenOpen | TokenKind::BraceOpen => depth += 1,
                TokenKind::ParenClose => depth = depth.saturating_sub(1),
                TokenKind::BraceClose if depth == 0 => return false,
                TokenKind::BraceClose => depth -= 1,
                TokenKind::Ellipsis if depth == 0 && pair[0].kind != TokenKind::Assign => {
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// gcc gives constants that `int` does not hold the enumeration's type once that is known, and so does C23 (6.7.3.3 §15).
    fn retype_constants(&mut self, enumerators: &[Enumerator], underlying: Primitive, fixed: bool) {
        if fixed || self.table().model().rules == RecordRules::Msvc {
            return;
        }
        let ty = self.table().primitive(underlying);
        for enumerator in enumerators {
            if self.holds(Primitive::Int, enumerator.value) {
                continue;
            }
            if let Some(Declaration::Constant(constant)) = self.draft.name(&enumerator.name) {
                let constant = Constant { ty, ..*constant };
                self.draft
                    .declare(&enumerator.name, Declaration::Constant(constant));
            }
        }
    }

    /// The type that `__attribute__((mode(QI)))` makes of the one that gcc would choose.
    fn enum_with_mode(
        &self,
        underlying: Primitive,
        mode: Mode,
        enumerators: &[Enumerator],
        at: Token,
    ) -> Parsed<Primitive> {
        let table = self.table();
        let ty = self.with_mode(table.primitive(underlying), mode, at)?;
        match self.arithmetic_type(ty) {
            Some(ty) if enumerators.iter().all(|e| self.holds(ty, e.value)) => Ok(ty),
            _ => Err(self.invalid(at, "the mode is too small for the enumeration's values")),
        }
    }

    /// Goes to the end of a constant that failed. What names it later fails for no reason of its own.
    fn skip_enumerator(&mut self, start: Place<'a>, failure: Box<Failure>) -> Parsed<()> {
        self.go_back(start);
        let name = self.token();
        if name.kind == TokenKind::Identifier {
            self.failed_names.insert(self.text_of(name));
        }
        // A missing parenthesis must not hide the brace.
        let (mut parentheses, mut braces) = (0u32, 0u32);
        loop {
            match self.peek() {
                TokenKind::Comma if parentheses == 0 && braces == 0 => return Ok(()),
                TokenKind::BraceClose if braces == 0 => return Ok(()),
                TokenKind::Semicolon if braces == 0 => return Err(failure),
                TokenKind::End => return Err(failure),
                TokenKind::ParenOpen => parentheses += 1,
                TokenKind::ParenClose => parentheses = parentheses.saturating_sub(1),
                TokenKind::BraceOpen => braces += 1,
                TokenKind::BraceClose => braces -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// What comes after a value: gcc counts in `int`, and beyond it in the type of the expression.
    fn next_value(&self, value: i128, ty: Primitive, fixed: Option<Primitive>) -> Next {
        let free = fixed.is_some() || self.table().model().rules == RecordRules::Msvc;
        let ty = if self.holds(Primitive::Int, value) {
            Primitive::Int
        } else {
            ty
        };
        match value.checked_add(1) {
            Some(next) if free || self.holds(ty, next) => Next::Value(next, ty),
            _ => Next::TooLarge(value),
        }
    }

    fn enumerator(
        &mut self,
        next: Next,
        fixed: Option<Primitive>,
        partial: &mut bool,
    ) -> Parsed<(Enumerator, Option<Primitive>)> {
        let name = self.expect(TokenKind::Identifier)?;
        self.attributes()?;
        let (value, known) = if !self.eat(TokenKind::Assign) {
            match next {
                Next::Value(value, ty) => (value, Some(ty)),
                Next::Deferred => (0, None),
                Next::TooLarge(last) => return Err(self.too_large(name, last.saturating_add(1))),
                Next::Failed => return Err(self.invalid(name, "").and_reported()),
            }
        } else if self.eat(TokenKind::Ellipsis) {
            *partial = true;
            (0, None)
        } else {
            let at = self.token();
            let number = self.constant_expression()?;
            let no_integer = "an enumeration constant must be an integer";
            let value = number.value.integer();
            let ty = self.arithmetic_type(number.ty).unwrap_or(Primitive::Int);
            (
                value.ok_or_else(|| self.invalid(at, no_integer))?,
                Some(self.promoted(ty)),
            )
        };
        // Microsoft's constants are `int`s: larger values lose their upper bits.
        let value = match (fixed, self.table().model().rules) {
            (None, RecordRules::Msvc) => i128::from(value as i32),
            _ => value,
        };
        let ty = match fixed {
            Some(primitive) => primitive,
            None => self
                .constant_type(value)
                .ok_or_else(|| self.too_large(name, value))?,
        };
        if !self.holds(ty, value) {
            return Err(self.too_large(name, value));
        }
        let ty = self.table().primitive(ty);
        let constant = Constant {
            ty,
            value: if known.is_some() {
                Value::Integer(value)
            } else {
                Value::Deferred
            },
        };
        self.reserve(name, Declaration::Constant(constant))?;
        Ok((
            Enumerator {
                name: self.text_of(name).into(),
                value,
            },
            known,
        ))
    }

    fn too_large(&self, at: Token, value: i128) -> Box<Failure> {
        self.invalid(at, format!("{value} does not fit the enumeration's type"))
    }

    /// The type of an enumeration constant: `int` if that holds it (C11 6.7.2.2 §3), else what gcc takes.
    fn constant_type(&self, value: i128) -> Option<Primitive> {
        [
            Primitive::Int,
            Primitive::UnsignedInt,
            self.long(true),
            self.long(false),
        ]
        .into_iter()
        .find(|&ty| self.holds(ty, value))
    }

    /// The type that gcc gives an enumeration: unsigned unless a value is negative, no smaller than `int` unless packed.
    /// Microsoft's is always `int`.
    fn enough_for(&self, enumerators: &[Enumerator], packed: bool, at: Token) -> Parsed<Primitive> {
        if self.table().model().rules == RecordRules::Msvc {
            return Ok(Primitive::Int);
        }
        let signed = enumerators.iter().any(|e| e.value < 0);
        let small = [
            (Primitive::SignedChar, Primitive::UnsignedChar),
            (Primitive::Short, Primitive::UnsignedShort),
        ];
        let large = [
            (Primitive::Int, Primitive::UnsignedInt),
            (self.long(true), self.long(false)),
        ];
        let choices = small.into_iter().filter(|_| packed).chain(large);
        choices
            .map(|(with_sign, without)| if signed { with_sign } else { without })
            .find(|&ty| enumerators.iter().all(|e| self.holds(ty, e.value)))
            .ok_or_else(|| self.invalid(at, "no integer type holds all values of the enumeration"))
    }

    /// The 8-byte integer that gcc prefers: `long` where it is that large.
    pub(super) fn long(&self, signed: bool) -> Primitive {
        match (self.table().model().long_size, signed) {
            (8, true) => Primitive::Long,
            (8, false) => Primitive::UnsignedLong,
            (_, true) => Primitive::LongLong,
            (_, false) => Primitive::UnsignedLongLong,
        }
    }
}
