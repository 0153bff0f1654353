//! What attributes make of types and calling conventions.

use super::attribute::{Attributes, Mode};
use super::{Parsed, Parser};
use crate::cdef::lex::Token;
use crate::ctype::{CType, Convention, Primitive, PrimitiveKind, TypeId};
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
            Some(size) => self.vector(ty, size, at),
            None => Ok(ty),
        }
    }

    fn with_mode(&self, ty: TypeId, mode: Mode, at: Token) -> Parsed<TypeId> {
        let table = self.table();
        let primitive = self.arithmetic_type(ty);
        let new = match (mode, primitive) {
            (Mode::Float(float), Some(_)) => Some(float),
            (Mode::Integer(size), Some(primitive)) if primitive.is_integer() => {
                let signed = primitive.is_signed(table.model());
                exact_integer(size, signed, table.model().long_size)
            }
            _ => None,
        };
        match new {
            Some(primitive) => Ok(table.primitive(primitive)),
            None => Err(self.invalid(
                at,
                format!("this mode does not fit '{}'", table.spelling(ty)),
            )),
        }
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

/// The integer type of a size that gcc prefers for a mode: `int`, then `long`, then `long long`.
fn exact_integer(size: u64, signed: bool, long_size: u64) -> Option<Primitive> {
    let pair = match size {
        1 => (Primitive::SignedChar, Primitive::UnsignedChar),
        2 => (Primitive::Short, Primitive::UnsignedShort),
        4 => (Primitive::Int, Primitive::UnsignedInt),
        8 if long_size == 8 => (Primitive::Long, Primitive::UnsignedLong),
        8 => (Primitive::LongLong, Primitive::UnsignedLongLong),
        16 => (Primitive::Int128, Primitive::UnsignedInt128),
        _ => return None,
    };
    Some(if signed { pair.0 } else { pair.1 })
}
