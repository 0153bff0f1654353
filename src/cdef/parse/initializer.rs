//! Initialisers (C11 6.7.9): how long they make an array.

use hashbrown::HashMap;

use super::operand::Operand;
use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::TokenKind;
use crate::ctype::{CType, Primitive, RecordId, RecordKind, TypeId, TypeSource};
use crate::layout::{LayoutError, layout_of};

/// Where in an array the next item goes.
#[derive(Default)]
struct Cursor {
    /// The element.
    index: u64,
    /// How many of its scalars are initialised by items without braces of their own.
    filled: u64,
    /// The elements there are so far.
    length: u64,
}

impl Cursor {
    fn jump_to(&mut self, index: u64) {
        (self.index, self.filled) = (index, 0);
    }

    /// Takes `scalars` of the `of` that an element has.
    fn take(&mut self, scalars: u64, of: u64) {
        self.length = self.length.max(self.index.saturating_add(1));
        self.filled = self.filled.saturating_add(scalars);
        if self.filled >= of {
            self.jump_to(self.index.saturating_add(1));
        }
    }
}

impl Parser<'_> {
    /// Refuses an initialiser that is no expression, or not of the type. What has braces, or names what is not declared here,
    /// is left to C.
    #[inline(never)]
    pub(super) fn check_initializer(&mut self, ty: TypeId) -> Parsed<()> {
        let (start, at) = (self.place(), self.token());
        let (errors, last_reported) = (self.errors.len(), self.last_reported);
        if at.kind == TokenKind::BraceOpen {
            return Ok(());
        }
        let parsed = self.unevaluated(Self::conditional);
        let whole = match self.peek() {
            TokenKind::Comma | TokenKind::Semicolon => Ok(()),
            _ => Err(self.expected("',' or ';'")),
        };
        self.errors.truncate(errors);
        self.last_reported = last_reported;
        self.go_back(start);
        match parsed {
            Ok(_) if whole.is_err() => whole,
            Err(failure) if matches!(failure.kind, CdefErrorKind::Syntax { .. }) => Err(failure),
            Ok(operand) if !self.initializes(operand.ty, ty) => {
                let table = self.table();
                let (from, to) = (table.spelling(operand.ty), table.spelling(ty));
                Err(self.invalid(
                    at,
                    format!("a value of type '{from}' cannot initialize '{to}'"),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether gcc takes the initialiser, be it with a warning.
    fn initializes(&self, from: TypeId, to: TypeId) -> bool {
        let table = self.table();
        let (from, to) = (table.plain(from), table.plain(to));
        let is_pointer = matches!(
            table.get(from),
            CType::Pointer(_) | CType::Array { .. } | CType::Function(_)
        );
        let (number, target) = (self.arithmetic_type(from), self.arithmetic_type(to));
        match table.get(to) {
            _ if from == to => true,
            CType::Pointer(_) => is_pointer || number.is_some_and(Primitive::is_integer),
            CType::Array { element: to, .. } => match table.get(from) {
                CType::Array { element: from, .. } => {
                    from == to || self.is_character(from) && self.is_character(to)
                }
                _ => false,
            },
            CType::Record(_) => false,
            _ => match target {
                Some(target) => number.is_some() || is_pointer && target.is_integer(),
                None => true,
            },
        }
    }

    /// Reads `{...}` behind `(type)` (C11 6.5.2.5). An array without a length gets its items' number.
    #[inline(never)]
    pub(super) fn compound_literal(&mut self, ty: TypeId) -> Parsed<Operand> {
        let open = self.token();
        let table = self.table();
        let CType::Array {
            element,
            length: None,
        } = table.get(table.plain(ty))
        else {
            self.skip_group()?;
            return Ok(Operand::at(ty, None));
        };
        let length = self.nested(|p| p.items(element))?;
        let array = table.array(element, Some(length));
        if let Err(error @ LayoutError::TooLarge(_)) = layout_of(&self.draft, array) {
            return Err(self.fail_at(open, error.into()));
        }
        Ok(Operand::at(array, None))
    }

    /// Reads what initialises an array of unknown length, and counts the elements that it makes.
    pub(super) fn initial_length(&mut self, element: TypeId) -> Parsed<u64> {
        if self.peek() == TokenKind::BraceOpen {
            return self.nested(|p| p.items(element));
        }
        let text = self.conditional()?;
        match self.table().get(text.ty) {
            CType::Array {
                length: Some(length),
                ..
            } => Ok(length),
            _ => Err(self.expected("'{'")),
        }
    }

    /// Reads the items of an array of unknown length, and counts the elements that they make.
    fn items(&mut self, element: TypeId) -> Parsed<u64> {
        self.bump();
        if self.peek() == TokenKind::String && self.is_character(element) {
            let text = self.string();
            if let CType::Array {
                length: Some(length),
                ..
            } = self.table().get(text.ty)
                && self.eat(TokenKind::BraceClose)
            {
                return Ok(length);
            }
        }
        let scalars = self.scalars(element, &mut HashMap::new());
        let mut cursor = Cursor::default();
        while !self.eat(TokenKind::BraceClose) {
            let designated = self.peek() == TokenKind::BracketOpen;
            if designated {
                let index = self.designator()?;
                cursor.jump_to(index);
            }
            let whole = self.item(element)? || designated;
            cursor.take(if whole { scalars } else { 1 }, scalars);
            if !self.eat(TokenKind::Comma) && self.peek() != TokenKind::BraceClose {
                return Err(self.expected("',' or '}'"));
            }
        }
        Ok(cursor.length)
    }

    /// Reads an item. The answer says whether it is for a whole element, rather than for its next scalar.
    fn item(&mut self, element: TypeId) -> Parsed<bool> {
        let table = self.table();
        if self.peek() == TokenKind::BraceOpen {
            self.skip_group()?;
            return Ok(true);
        }
        let is_text = self.peek() == TokenKind::String
            && matches!(table.get(table.plain(element)), CType::Array { element, .. } if self.is_character(element));
        let item = self.unevaluated(Self::conditional)?;
        Ok(is_text || table.plain(item.ty) == table.plain(element))
    }

    /// Reads `[n].member =` or gcc's `[n ... m] =`.
    fn designator(&mut self) -> Parsed<u64> {
        self.bump();
        let mut at = self.token();
        let mut index = self.constant_expression()?;
        if self.eat(TokenKind::Ellipsis) {
            at = self.token();
            index = self.constant_expression()?;
        }
        self.expect(TokenKind::BracketClose)?;
        while self.peek() != TokenKind::Assign {
            match self.peek() {
                TokenKind::Dot | TokenKind::Identifier => drop(self.bump()),
                TokenKind::BracketOpen => self.skip_group()?,
                _ => return Err(self.expected("'='")),
            }
        }
        self.bump();
        let index = index.value.integer().map(u64::try_from);
        match index {
            Some(Ok(index)) => Ok(index),
            _ => Err(self.fail_at(
                at,
                CdefErrorKind::Invalid("an index must be an integer from 0".into()),
            )),
        }
    }

    /// Whether string literals initialise arrays of the type.
    fn is_character(&self, ty: TypeId) -> bool {
        self.arithmetic_type(ty).is_some_and(|primitive| {
            primitive.is_integer()
                && (primitive.layout(self.table().model()).size == 1
                    || matches!(
                        primitive,
                        Primitive::Wchar | Primitive::Char16 | Primitive::Char32
                    ))
        })
    }

    /// How many scalars initialise a value of the type. Each record is counted once: they may hold each other many times.
    fn scalars(&self, ty: TypeId, known: &mut HashMap<RecordId, u64>) -> u64 {
        let table = self.table();
        match table.get(table.plain(ty)) {
            CType::Array { element, length } => self
                .scalars(element, known)
                .saturating_mul(length.unwrap_or(0)),
            CType::Record(id) => {
                if let Some(&count) = known.get(&id) {
                    return count;
                }
                let fields = self
                    .draft
                    .record_body(id)
                    .map_or(&[][..], |body| &body.fields);
                let taken = fields
                    .iter()
                    .filter(|field| field.name.is_some() || field.bits.is_none());
                let most = match table.record(id).kind {
                    RecordKind::Struct => usize::MAX,
                    RecordKind::Union => 1,
                };
                let count = taken.take(most).fold(0u64, |sum, field| {
                    sum.saturating_add(self.scalars(field.ty, known))
                });
                known.insert(id, count);
                count
            }
            _ => 1,
        }
    }
}
