//! Types that a target's compilers do not have.

use super::{Failure, Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::Token;
use crate::ctype::Primitive;
use crate::layout::{Arch, DataModel, RecordRules};

impl Parser<'_> {
    /// Refuses a type that the target lacks, under the name that it was asked for by. gcc's keywords `__float128` and
    /// `__float80` are for x86 alone, where the types have other names elsewhere.
    pub(super) fn check_available(&self, at: Token, ty: Primitive, name: &str) -> Parsed<()> {
        let model = self.table().model();
        let is_for_x86 = matches!(self.text_of(at), "__float128" | "__float80");
        let lacks = lacks(model, ty) || is_for_x86 && model.arch == Arch::Aarch64;
        if lacks {
            let name = if is_for_x86 { self.text_of(at) } else { name };
            Err(self.lacking(at, name))
        } else {
            Ok(())
        }
    }

    fn lacking(&self, at: Token, name: &str) -> Box<Failure> {
        let target = self.table().model().name;
        let kind = CdefErrorKind::Invalid(format!("{target} has no type '{name}'"));
        self.fail_at(at, kind)
    }
}

/// 32-bit targets have no 128-bit integers, and Microsoft's compiler none of the types that gcc or ISO/IEC TS 18661-3 add.
fn lacks(model: &DataModel, ty: Primitive) -> bool {
    use Primitive::*;
    let microsoft = model.rules == RecordRules::Msvc;
    match ty.component().unwrap_or(ty) {
        Int128 | UnsignedInt128 => microsoft || model.pointer_size < 8,
        Float16 | Float32 | Float64 | Float128 | Float32x | Float64x => microsoft,
        _ => false,
    }
}
