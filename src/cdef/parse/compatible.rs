//! Types that are one for C though they are spelled differently (C11 6.2.7).

use super::Parser;
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
