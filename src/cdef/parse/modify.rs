//! What attributes make of types and calling conventions.

use super::attribute::Attributes;
use super::{Parsed, Parser};
use crate::cdef::lex::Token;
use crate::ctype::{CType, Convention, FunctionType, PrimitiveKind, TypeId};
use crate::layout::{Arch, layout_of};

impl Parser<'_> {
    /// The type that `mode` and `vector_size` make of a type.
    pub(super) fn modified(
        &self,
        ty: TypeId,
        attributes: &Attributes,
        at: Token,
    ) -> Parsed<TypeId> {
        let ty = match attributes.mode {
            Some(mode) => self.with_mode(ty, mode, at)?,
            None => ty,
        };
        match attributes.vector_size {
            Some(size) => self.within(ty, |element| self.vector(element, size.into(), at)),
            None => Ok(ty),
        }
    }

    /// Changes what pointers point to, arrays are made of and functions return, as gcc's `vector_size` does.
    fn within(
        &self,
        mut ty: TypeId,
        change: impl FnOnce(TypeId) -> Parsed<TypeId>,
    ) -> Parsed<TypeId> {
        let table = self.table();
        let mut outer = Vec::new();
        loop {
            let node = table.get(ty);
            ty = match node {
                CType::Pointer(target) => target,
                CType::Array { element, .. } => element,
                CType::Function(id) => table.function(id).result,
                _ => break,
            };
            outer.push(node);
        }
        let changed = change(ty)?;
        Ok(outer
            .into_iter()
            .rev()
            .fold(changed, |ty, node| match node {
                CType::Pointer(_) => table.pointer(ty),
                CType::Array { length, .. } => table.array(ty, length),
                CType::Function(id) => table.function_type(FunctionType {
                    result: ty,
                    ..table.function(id).clone()
                }),
                _ => ty,
            }))
    }

    pub(super) fn vector(&self, element: TypeId, size: u64, at: Token) -> Parsed<TypeId> {
        let table = self.table();
        let element = table.plain(element);
        let number = match table.get(element) {
            CType::Primitive(primitive) => !matches!(
                primitive.kind(),
                PrimitiveKind::Complex | PrimitiveKind::Bool
            ),
            CType::Enum(_) => true,
            _ => false,
        };
        let lane =
            layout_of(&self.draft, element).map_err(|error| self.fail_at(at, error.into()))?;
        if !number || !size.is_multiple_of(lane.size) {
            return Err(self.invalid(
                at,
                format!(
                    "no vector of {size} bytes has lanes of type '{}'",
                    table.spelling(element)
                ),
            ));
        }
        Ok(table.vector(element, (size / lane.size) as u32))
    }

    /// What a convention comes to on the target: only 32-bit x86 has several, Windows has `__vectorcall`, and the 64-bit
    /// systems know each other's.
    pub(super) fn effective(&self, convention: Convention) -> Convention {
        let model = self.table().model();
        let takes = match convention {
            Convention::Default => true,
            Convention::Stdcall
            | Convention::Fastcall
            | Convention::Thiscall
            | Convention::Regparm(_) => model.arch == Arch::X86,
            Convention::Vectorcall => model.is_windows(),
            Convention::MsAbi => model.arch == Arch::X86_64 && !model.is_windows(),
            Convention::SysvAbi => model.arch == Arch::X86_64 && model.is_windows(),
        };
        if takes {
            convention
        } else {
            Convention::Default
        }
    }
}
