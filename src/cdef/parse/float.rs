//! Floating-point constants, each in the format of its type on the target.

use rustc_apfloat::ieee::{self, Double, Quad};
use rustc_apfloat::{Float as _, FloatConvert as _};

use super::Parser;
use super::arithmetic::{NOT_AN_INTEGER, Problem};
use super::operand::Evaluated;
use crate::cdef::lex::TokenKind;
use crate::ctype::Primitive;
use crate::layout::LongDoubleFormat;

/// Numbers with more digits are refused: to read one takes time that grows with the square of its length.
const MAX_DIGITS: usize = 5000;

/// How a type keeps its numbers. [`Quad`] holds those of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Half,
    Single,
    Double,
    X87,
    Quad,
}

/// Runs an expression with the type of a format's numbers.
macro_rules! in_format {
    ($format:expr, $number:ident => $value:expr) => {
        match $format {
            Format::Half => {
                type $number = ieee::Half;
                $value
            }
            Format::Single => {
                type $number = ieee::Single;
                $value
            }
            Format::Double => {
                type $number = ieee::Double;
                $value
            }
            Format::X87 => {
                type $number = ieee::X87DoubleExtended;
                $value
            }
            Format::Quad => {
                type $number = ieee::Quad;
                $value
            }
        }
    };
}

impl Parser<'_> {
    /// The format of a floating-point type, or of its parts.
    pub(super) fn format(&self, ty: Primitive) -> Format {
        match ty.component().unwrap_or(ty) {
            Primitive::Float16 | Primitive::Fp16 => Format::Half,
            Primitive::Float | Primitive::Float32 => Format::Single,
            Primitive::Float128 => Format::Quad,
            Primitive::LongDouble | Primitive::Float64x => {
                match self.table().model().long_double.format {
                    LongDoubleFormat::X87 => Format::X87,
                    LongDoubleFormat::Binary128 => Format::Quad,
                    LongDoubleFormat::Binary64 => Format::Double,
                }
            }
            _ => Format::Double,
        }
    }
}

impl Format {
    /// The nearest number of the format, ties to even.
    pub(super) fn rounded(self, value: Quad) -> Quad {
        in_format!(self, Number => {
            let value: Number = value.convert(&mut false).value;
            value.convert(&mut false).value
        })
    }

    /// The number nearest to an integer, rounded once.
    pub(super) fn of_integer(self, value: i128) -> Quad {
        in_format!(self, Number => Number::from_i128(value).value.convert(&mut false).value)
    }

    /// The number that decimal digits, or hexadecimal ones behind `0x`, stand for.
    pub(super) fn parse(self, digits: &str) -> Option<Quad> {
        if digits.len() > MAX_DIGITS {
            return None;
        }
        in_format!(self, Number => Some(digits.parse::<Number>().ok()?.convert(&mut false).value))
    }

    /// A binary operator on two numbers of the format. Comparisons give 0 or 1.
    pub(super) fn binary(
        self,
        operator: TokenKind,
        a: Quad,
        b: Quad,
    ) -> Result<Evaluated, Problem> {
        use TokenKind::*;
        let truth = |truth: bool| Ok(Evaluated::Integer(truth.into()));
        match operator {
            Less => return truth(a < b),
            Greater => return truth(a > b),
            LessEqual => return truth(a <= b),
            GreaterEqual => return truth(a >= b),
            Equal => return truth(a == b),
            NotEqual => return truth(a != b),
            _ => {}
        }
        in_format!(self, Number => {
            let a: Number = a.convert(&mut false).value;
            let b: Number = b.convert(&mut false).value;
            let value = match operator {
                Plus => a + b,
                Minus => a - b,
                Star => a * b,
                Slash => a / b,
                _ => return Err(NOT_AN_INTEGER),
            };
            Ok(Evaluated::Float(value.value.convert(&mut false).value))
        })
    }
}

/// A `double` as a wider number.
pub(super) fn widened(value: f64) -> Quad {
    let double = Double::from_bits(value.to_bits().into());
    double.convert(&mut false).value
}

/// The nearest `double`.
pub(super) fn narrowed(value: Quad) -> f64 {
    let double: Double = value.convert(&mut false).value;
    f64::from_bits(double.to_bits() as u64)
}
