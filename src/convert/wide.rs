//! Floating-point formats that Rust has no type for: binary16, the x87 80-bit format, binary128.

use std::sync::Arc;

use rustc_apfloat::ieee::{Double, Half, Quad, X87DoubleExtended};
use rustc_apfloat::{Float, FloatConvert};

use crate::cdata::{CData, Scalar};
use crate::ctype::{CType, TypeId, TypeTable};
use crate::shape::{Form, Format, Shape};

impl Format {
    /// Bytes that carry the number; `long double` has padding after its ten.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Format::Half => 2,
            Format::X87 => 10,
            Format::Quad => 16,
        }
    }

    /// The bits of the number nearest to `value`, ties to even.
    pub(crate) fn encode(self, value: f64) -> u128 {
        let value = Double::from_bits(value.to_bits().into());
        let inexact = &mut false;
        match self {
            Format::Half => FloatConvert::<Half>::convert(value, inexact)
                .value
                .to_bits(),
            Format::X87 => FloatConvert::<X87DoubleExtended>::convert(value, inexact)
                .value
                .to_bits(),
            Format::Quad => FloatConvert::<Quad>::convert(value, inexact)
                .value
                .to_bits(),
        }
    }

    /// The bits of the number nearest to a decimal or hexadecimal literal; `None` if it is none.
    fn parse(self, literal: &str) -> Option<u128> {
        Some(match self {
            Format::Half => literal.parse::<Half>().ok()?.to_bits(),
            Format::X87 => literal.parse::<X87DoubleExtended>().ok()?.to_bits(),
            Format::Quad => literal.parse::<Quad>().ok()?.to_bits(),
        })
    }

    /// The `f64` nearest to the number, ties to even.
    pub(crate) fn decode(self, bits: u128) -> f64 {
        let inexact = &mut false;
        let value: Double = match self {
            Format::Half => Half::from_bits(bits).convert(inexact).value,
            Format::X87 => X87DoubleExtended::from_bits(bits).convert(inexact).value,
            Format::Quad => Quad::from_bits(bits).convert(inexact).value,
        };
        f64::from_bits(value.to_bits() as u64)
    }

    /// The number in decimal, with enough digits to tell it from its neighbours.
    fn print(self, bits: u128) -> String {
        match self {
            Format::Half => Half::from_bits(bits).to_string(),
            Format::X87 => X87DoubleExtended::from_bits(bits).to_string(),
            Format::Quad => Quad::from_bits(bits).to_string(),
        }
    }
}

/// Reads a number.
///
/// # Safety
///
/// The format's bytes are readable at `from`.
pub(crate) unsafe fn decode_at(format: Format, from: *const u8) -> f64 {
    let mut bits = [0; 16];
    // SAFETY: the caller's promise; no format has more than 16 bytes.
    unsafe { std::ptr::copy_nonoverlapping(from, bits.as_mut_ptr(), format.bytes()) };
    format.decode(u128::from_le_bytes(bits))
}

/// A number with more digits than are shown of it: `1.25E+0`, `-Inf`.
///
/// # Safety
///
/// The format's bytes are readable at `from`.
pub(crate) unsafe fn scientific_at(format: Format, from: *const u8) -> String {
    let mut bits = [0; 16];
    // SAFETY: the caller's promise; no format has more than 16 bytes.
    unsafe { std::ptr::copy_nonoverlapping(from, bits.as_mut_ptr(), format.bytes()) };
    let bits = u128::from_le_bytes(bits);
    match format {
        Format::Half => format!("{:1$.30}", Half::from_bits(bits), 0),
        Format::X87 => format!("{:1$.30}", X87DoubleExtended::from_bits(bits), 0),
        Format::Quad => format!("{:1$.30}", Quad::from_bits(bits), 0),
    }
}

/// Writes the number nearest to `value`, and nothing into the padding after it.
///
/// # Safety
///
/// The format's bytes are writable at `to`.
pub(crate) unsafe fn encode_at(format: Format, value: f64, to: *mut u8) {
    let bits = format.encode(value).to_le_bytes();
    // SAFETY: the caller's promise; no format has more than 16 bytes.
    unsafe { std::ptr::copy_nonoverlapping(bits.as_ptr(), to, format.bytes()) };
}

/// The number of a real type of these formats that a literal stands for.
pub(crate) fn parse(types: &Arc<TypeTable>, ty: TypeId, literal: &str) -> Option<CData> {
    let Form::WideFloat(format) = Shape::of(types, ty).form else {
        return None;
    };
    let mut scalar = Scalar([0; 32]);
    let bits = format.parse(literal)?.to_le_bytes();
    scalar.0[..format.bytes()].copy_from_slice(&bits[..format.bytes()]);
    Some(CData::scalar(types, ty, scalar))
}

/// A number, real or complex, of a type that `f64` does not hold.
pub(crate) fn print(types: &TypeTable, ty: TypeId, bytes: &[u8; 32]) -> String {
    let (Form::WideFloat(format) | Form::WideComplex(format)) = Shape::of(types, ty).form else {
        return format!("{bytes:02x?}");
    };
    let part = |at: usize| {
        let mut bits = [0; 16];
        bits[..format.bytes()].copy_from_slice(&bytes[at..at + format.bytes()]);
        format.print(u128::from_le_bytes(bits))
    };
    match types.get(types.plain(ty)) {
        CType::Primitive(primitive) if primitive.component().is_some() => {
            let imaginary = part(primitive.layout(types.model()).size as usize / 2);
            let sign = if imaginary.starts_with('-') { "" } else { "+" };
            format!("{}{sign}{imaginary}i", part(0))
        }
        _ => part(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Intel manual volume 1, table 4-3; IEEE 754-2019 tables 3.3 and 3.5.
    #[test]
    fn known_encodings() {
        for (format, value, bits) in [
            (Format::X87, 1.0, 0x3fff_8000_0000_0000_0000),
            (Format::X87, -2.5, 0xc000_a000_0000_0000_0000),
            (Format::X87, f64::INFINITY, 0x7fff_8000_0000_0000_0000),
            (Format::Quad, 1.0, 0x3fff << 112),
            (Format::Half, 1.0, 0x3c00),
            (Format::Half, 65504.0, 0x7bff),
            (Format::Half, -0.0, 0x8000),
        ] {
            assert_eq!(format.encode(value), bits, "{value} as {format:?}");
            assert_eq!(
                format.decode(bits).to_bits(),
                value.to_bits(),
                "{bits:#x} of {format:?}"
            );
        }
        assert_eq!(Format::Half.encode(65520.0), 0x7c00, "rounds to infinity");
    }
}
