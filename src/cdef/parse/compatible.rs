//! Types that are one for C though they are spelled differently (C11 6.2.7).

use super::Parser;
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{Declaration, Function};
use crate::ctype::{CType, FunctionId, Primitive, TypeId};

/// Function types can double with each typedef: after this many comparisons types count as different.
const MAX_STEPS: u32 = 1000;

/// How much two types must have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sameness {
    Compatible,
    Same,
}

impl Parser<'_> {
    /// The type of a function that is declared again, where one of its declarations has the empty list of old C, which agrees
    /// with a list without a type that the default promotions change (C11 6.7.6.3 §15; gone in C23).
    #[inline(never)]
    pub(super) fn agreed_without_prototype(&mut self, name: Token, ty: TypeId) -> TypeId {
        let text = self.text_of(name);
        let at = self
            .tokens
            .partition_point(|token| token.start < name.start);
        let follows =
            |ahead: usize, kind| self.tokens.get(at + ahead).map(|token| token.kind) == Some(kind);
        let ahead = if follows(1, TokenKind::ParenClose) {
            2
        } else {
            1
        };
        let empty =
            follows(ahead, TokenKind::ParenOpen) && follows(ahead + 1, TokenKind::ParenClose);
        let Some(Declaration::Function(old)) = self.draft.name(text).cloned() else {
            if empty && self.peek() != TokenKind::BraceOpen {
                self.without_prototype.insert(text);
            }
            return ty;
        };
        // A definition says how many parameters there are.
        if empty && self.peek() != TokenKind::BraceOpen && self.may_be_unlisted(old.ty, ty) {
            return old.ty;
        }
        if !empty && self.without_prototype.remove(text) && self.may_be_unlisted(ty, old.ty) {
            self.draft
                .declare(text, Declaration::Function(Function { ty, ..old }));
        }
        ty
    }

    /// Whether the functions of one type may be declared by an empty list, as those of the other are.
    fn may_be_unlisted(&self, listed: TypeId, unlisted: TypeId) -> bool {
        let table = self.table();
        let (CType::Function(listed), CType::Function(unlisted)) =
            (table.get(listed), table.get(unlisted))
        else {
            return false;
        };
        let (listed, unlisted) = (table.function(listed), table.function(unlisted));
        let promoted = |&ty: &TypeId| {
            self.arithmetic_type(ty).is_some_and(|primitive| {
                primitive == Primitive::Float
                    || primitive.is_integer() && primitive.layout(table.model()).size < 4
            })
        };
        unlisted.params.is_empty()
            && !listed.variadic
            && !unlisted.variadic
            && listed.convention == unlisted.convention
            && self.same_for_c(listed.result, unlisted.result)
            && !listed.params.iter().any(promoted)
    }

    /// Whether two types are compatible: `size_t` is another name of `unsigned long` on some targets, an enumeration agrees
    /// with its integer type, and an array without a length with those that have one.
    pub(super) fn same_for_c(&self, a: TypeId, b: TypeId) -> bool {
        self.same(a, b, Sameness::Compatible, &mut MAX_STEPS.clone())
    }

    /// Whether two types are the same, as the declarations of one typedef must be (C11 6.7 §3).
    pub(super) fn same_type(&self, a: TypeId, b: TypeId) -> bool {
        let realigned = |ty| matches!(self.table().get(ty), CType::Aligned { .. });
        if realigned(a) || realigned(b) {
            return a == b;
        }
        self.same(a, b, Sameness::Same, &mut MAX_STEPS.clone())
    }

    fn same(&self, mut a: TypeId, mut b: TypeId, how: Sameness, steps: &mut u32) -> bool {
        let table = self.table();
        loop {
            (a, b) = (table.plain(a), table.plain(b));
            *steps = steps.saturating_sub(1);
            (a, b) = match (table.get(a), table.get(b)) {
                _ if a == b => return true,
                _ if *steps == 0 => return false,
                (CType::Enum(_), CType::Enum(_)) => return false,
                (CType::Record(a), CType::Record(b)) => {
                    return table.record_id(a) == table.record_id(b);
                }
                (CType::Pointer(a), CType::Pointer(b)) => (a, b),
                (CType::Function(a), CType::Function(b)) => {
                    return self.same_functions(a, b, how, steps);
                }
                (
                    CType::Array {
                        element: a,
                        length: m,
                    },
                    CType::Array {
                        element: b,
                        length: n,
                    },
                ) if m == n || how == Sameness::Compatible && (m.is_none() || n.is_none()) => {
                    (a, b)
                }
                (CType::Enum(_), _) | (_, CType::Enum(_)) if how == Sameness::Same => return false,
                _ => {
                    let keyword = |ty| Some(self.keyword_type(self.arithmetic_type(ty)?));
                    return keyword(a).is_some() && keyword(a) == keyword(b);
                }
            };
        }
    }

    fn same_functions(&self, a: FunctionId, b: FunctionId, how: Sameness, steps: &mut u32) -> bool {
        let (a, b) = (self.table().function(a), self.table().function(b));
        a.params.len() == b.params.len()
            && (a.variadic, a.convention) == (b.variadic, b.convention)
            && self.same(a.result, b.result, how, steps)
            && a.params
                .iter()
                .zip(&b.params)
                .all(|(&a, &b)| self.same(a, b, how, steps))
    }

    /// The type in keywords that a name of the standard headers stands for on the target.
    fn keyword_type(&self, ty: Primitive) -> Primitive {
        use Primitive::*;
        let model = self.table().model();
        if (ty as u8) < Wchar as u8 {
            return ty;
        }
        let signed = ty.is_signed(model);
        match (ty.layout(model).size, signed) {
            (1, true) => SignedChar,
            (1, false) => UnsignedChar,
            (2, true) => Short,
            (2, false) => UnsignedShort,
            // glibc's `wchar_t` is a `long` on i386.
            (4, true) if ty == Wchar && model.long_size == 4 => Long,
            (4, true) => Int,
            (4, false) => UnsignedInt,
            (_, signed) => self.long(signed),
        }
    }
}
