//! gcc's machine modes: other sizes for numbers.

use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{CType, Primitive, TypeId};
use crate::layout::{Arch, LongDoubleFormat};

/// A machine mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A number.
    Scalar(Scalar),
    /// A vector of so many numbers: `V4SF`.
    Vector(u32, Scalar),
}

/// The mode of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    /// An integer of this many bytes.
    Integer(u8),
    /// A floating-point type, real or complex.
    Float(Primitive),
}

impl Parser<'_> {
    /// `(DI)`, `(__V4SF__)`
    #[inline(never)]
    pub(super) fn mode_argument(&mut self) -> Parsed<Mode> {
        self.expect(TokenKind::ParenOpen)?;
        let at = self.attribute_name()?;
        self.expect(TokenKind::ParenClose)?;
        let name = self.text_of(at).trim_matches('_');
        let vector = name.strip_prefix('V').and_then(|rest| {
            let (lanes, lane) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
            let lanes: u32 = lanes.parse().ok()?;
            let possible = lanes.is_power_of_two() && lanes <= 64;
            Some(Mode::Vector(lanes, self.scalar_mode(lane)?)).filter(|_| possible)
        });
        let mode = vector.or_else(|| self.scalar_mode(name).map(Mode::Scalar));
        let unknown = || CdefErrorKind::Unsupported(format!("mode '{name}'"));
        mode.ok_or_else(|| self.fail_at(at, unknown()))
    }

    fn scalar_mode(&self, name: &str) -> Option<Scalar> {
        use Primitive::*;
        let model = self.table().model();
        let pointer = model.pointer_size as u8;
        let extended = model.long_double.format == LongDoubleFormat::X87;
        let quadruple = model.long_double.format == LongDoubleFormat::Binary128;
        Some(match name {
            "QI" | "byte" => Scalar::Integer(1),
            "HI" => Scalar::Integer(2),
            "SI" => Scalar::Integer(4),
            "DI" => Scalar::Integer(8),
            "TI" => Scalar::Integer(16),
            "word" | "pointer" | "unwind_word" | "libgcc_shift_count" => Scalar::Integer(pointer),
            "libgcc_cmp_return" if model.arch == Arch::Aarch64 => Scalar::Integer(4),
            "libgcc_cmp_return" => Scalar::Integer(pointer),
            "HF" => Scalar::Float(Float16),
            "SF" => Scalar::Float(Float),
            "DF" => Scalar::Float(Double),
            // Only x86 has the format, as its `long double`.
            "XF" if extended => Scalar::Float(LongDouble),
            "TF" if quadruple => Scalar::Float(LongDouble),
            "TF" => Scalar::Float(Float128),
            "HC" => Scalar::Float(Float16Complex),
            "SC" => Scalar::Float(FloatComplex),
            "DC" => Scalar::Float(DoubleComplex),
            "XC" if extended => Scalar::Float(LongDoubleComplex),
            "TC" if quadruple => Scalar::Float(LongDoubleComplex),
            "TC" => Scalar::Float(Float128Complex),
            _ => return None,
        })
    }

    /// The type that a mode makes of a type of the same kind.
    pub(super) fn with_mode(&self, ty: TypeId, mode: Mode, at: Token) -> Parsed<TypeId> {
        let table = self.table();
        let scalar = match mode {
            Mode::Scalar(scalar) | Mode::Vector(_, scalar) => scalar,
        };
        let pointer = Scalar::Integer(table.model().pointer_size as u8);
        if let (CType::Pointer(_), true) = (table.get(ty), mode == Mode::Scalar(pointer)) {
            return Ok(ty);
        }
        let primitive = self.arithmetic_type(ty);
        let new = match (scalar, primitive) {
            (Scalar::Float(new), Some(old)) if new.kind() == old.kind() => Some(new),
            (Scalar::Integer(size), Some(old)) if old.is_integer() => {
                let signed = old.is_signed(table.model());
                self.exact_integer(size, signed)
            }
            _ => None,
        };
        let Some(new) = new else {
            let spelling = table.spelling(ty);
            return Err(self.invalid(at, format!("this mode does not fit '{spelling}'")));
        };
        self.check_available(at, new, new.spelling())?;
        let new = table.primitive(new);
        Ok(match mode {
            Mode::Scalar(_) => new,
            Mode::Vector(lanes, _) => table.vector(new, lanes),
        })
    }

    /// The integer type of a size that gcc prefers for a mode: `int`, then `long`, then `long long`.
    pub(super) fn exact_integer(&self, size: u8, signed: bool) -> Option<Primitive> {
        let pair = match size {
            1 => (Primitive::SignedChar, Primitive::UnsignedChar),
            2 => (Primitive::Short, Primitive::UnsignedShort),
            4 => (Primitive::Int, Primitive::UnsignedInt),
            8 => (self.long(true), self.long(false)),
            16 => (Primitive::Int128, Primitive::UnsignedInt128),
            _ => return None,
        };
        Some(if signed { pair.0 } else { pair.1 })
    }
}
