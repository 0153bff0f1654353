//! Arithmetic of constant expressions, in the target's types (C11 6.3.1, 6.5, 6.6 §4).

use rustc_apfloat::Float as _;

use super::Parser;
use super::operand::Evaluated;
use crate::cdef::lex::TokenKind;
use crate::ctype::Primitive;
use crate::layout::RecordRules;

/// Why a constant expression has no value.
pub(super) type Problem = &'static str;

/// What is a limit of farcall, and no error of the text's.
pub(super) const TOO_LARGE: Problem = "an 'unsigned __int128' from 2^127 on";
const OVERFLOW: Problem = "the value does not fit its type";
pub(super) const NOT_AN_INTEGER: Problem = "the operator needs integers";

impl Parser<'_> {
    /// Whether an integer type has the value.
    pub(super) fn holds(&self, ty: Primitive, value: i128) -> bool {
        self.wrapped(ty, value) == Some(value)
    }

    /// The value modulo 2^N, as conversions to unsigned types have it, and gcc's to signed ones (C11 6.3.1.3). Nothing for
    /// unsigned 128-bit values in the upper half, which are not represented here.
    pub(super) fn wrapped(&self, ty: Primitive, value: i128) -> Option<i128> {
        let model = self.table().model();
        let bits = match ty {
            Primitive::Bool => return Some((value != 0).into()),
            ty => 8 * ty.layout(model).size,
        };
        if bits >= 128 {
            return (ty.is_signed(model) || value >= 0).then_some(value);
        }
        let unused = 128 - bits as u32;
        Some(if ty.is_signed(model) {
            (value << unused) >> unused
        } else {
            (((value as u128) << unused) >> unused) as i128
        })
    }

    /// The least and the greatest value of an integer type, as far as they are represented here.
    fn bounds(&self, ty: Primitive) -> (i128, i128) {
        let model = self.table().model();
        let unused = 128 - 8 * ty.layout(model).size as u32;
        if ty.is_signed(model) {
            (i128::MIN >> unused, i128::MAX >> unused)
        } else {
            (0, (u128::MAX >> unused.max(1)) as i128)
        }
    }

    /// The value converted to a type, as by a cast. Nothing for values that are not represented here.
    pub(super) fn convert(&self, value: Evaluated, ty: Primitive) -> Option<Evaluated> {
        if !ty.is_integer() {
            let format = self.format(ty);
            return Some(Evaluated::Float(match value {
                Evaluated::Integer(value) => format.of_integer(value),
                Evaluated::Float(value) => format.rounded(value),
            }));
        }
        let integer = match value {
            Evaluated::Integer(value) => value,
            Evaluated::Float(value) if ty == Primitive::Bool => (!value.is_zero()).into(),
            Evaluated::Float(value) => {
                // C leaves what does not fit undefined; gcc gives the nearest value, and 0 for what is no number.
                let (least, most) = self.bounds(ty);
                value.to_i128(128).value.clamp(least, most)
            }
        };
        self.wrapped(ty, integer).map(Evaluated::Integer)
    }

    /// The integer promotions (C11 6.3.1.1 §2). `size_t` and its kin become the keyword type of their size.
    pub(super) fn promoted(&self, ty: Primitive) -> Primitive {
        use Primitive::*;
        // ACLE 5.1: `__fp16` is for storage alone.
        if ty == Fp16 {
            return Float;
        }
        if !ty.is_integer() || matches!(ty, Long | UnsignedLong | LongLong | UnsignedLongLong) {
            return ty;
        }
        let model = self.table().model();
        let signed = ty.is_signed(model);
        match (ty.layout(model).size, signed) {
            (0..4, _) | (4, true) => Int,
            (4, false) => UnsignedInt,
            (8, _) => self.long(signed),
            (_, true) => Int128,
            (_, false) => UnsignedInt128,
        }
    }

    /// The promoted type of a bit-field: `int` if that has all its values.
    pub(super) fn promoted_bits(&self, ty: Primitive, bits: u32) -> Primitive {
        let int = 8 * Primitive::Int.layout(self.table().model()).size as u32;
        match ty.is_signed(self.table().model()) {
            _ if bits < int => Primitive::Int,
            true if bits == int => Primitive::Int,
            false if bits == int => Primitive::UnsignedInt,
            _ => self.promoted(ty),
        }
    }

    /// gcc's own type of a bit-field: the smallest integer that is large enough. No name stands for it unless it has as many
    /// bits, which the answer says.
    pub(super) fn type_of_bits(&self, ty: Primitive, bits: u32) -> (Primitive, bool) {
        let model = self.table().model();
        let whole = u64::from(bits) == 8 * ty.layout(model).size;
        if whole || ty == Primitive::Bool || model.rules == RecordRules::Msvc {
            return (ty, true);
        }
        let bytes = bits.div_ceil(8).next_power_of_two();
        let signed = ty.is_signed(model);
        let exact = self.exact_integer(bytes as u8, signed);
        (exact.unwrap_or(ty), 8 * bytes == bits)
    }

    /// The usual arithmetic conversions (C11 6.3.1.8).
    pub(super) fn common(&self, a: Primitive, b: Primitive) -> Primitive {
        let (a, b) = (self.promoted(a), self.promoted(b));
        if !a.is_integer() || !b.is_integer() {
            let rank = |ty: Primitive| (!ty.is_integer(), ty.component().is_some(), ty as u8);
            return if rank(a) >= rank(b) { a } else { b };
        }
        let model = self.table().model();
        let (higher, lower) = if rank(a) >= rank(b) { (a, b) } else { (b, a) };
        let same_size = higher.layout(model).size == lower.layout(model).size;
        let unsigned_wins = !lower.is_signed(model) && same_size;
        if higher.is_signed(model) && unsigned_wins {
            unsigned(higher)
        } else {
            higher
        }
    }

    /// A binary operator on two values of the type that [`common`](Self::common) gave; shifts have the type of the
    /// left one. Comparisons give 0 or 1.
    pub(super) fn binary(
        &self,
        operator: TokenKind,
        ty: Primitive,
        a: Evaluated,
        b: Evaluated,
    ) -> Result<Evaluated, Problem> {
        let (Some(a), Some(b)) = (self.convert(a, ty), self.convert(b, ty)) else {
            return Err(TOO_LARGE);
        };
        match (a, b) {
            (Evaluated::Integer(a), Evaluated::Integer(b)) => {
                let value = integers(operator, a, b).map_err(|problem| limit(ty, problem))?;
                if comparison(operator) {
                    Ok(Evaluated::Integer(value))
                } else {
                    self.in_range(ty, value)
                }
            }
            _ => self.format(ty).binary(operator, a.float(), b.float()),
        }
    }

    /// A shift, whose operands are promoted each by itself (C11 6.5.7).
    pub(super) fn shift(
        &self,
        left: bool,
        ty: Primitive,
        value: i128,
        by: i128,
    ) -> Result<Evaluated, Problem> {
        let bits = 8 * ty.layout(self.table().model()).size as i128;
        if !(0..bits).contains(&by) {
            return Err("the shift is negative or as large as the type");
        }
        let by = by as u32;
        if !left {
            return Ok(Evaluated::Integer(value >> by));
        }
        let shifted = (value << by) >> by == value;
        if ty.is_signed(self.table().model()) {
            // gcc allows a bit to be shifted into the sign, as `1 << 31` is common.
            let value = if shifted {
                self.wrapped(ty, value << by)
            } else {
                None
            };
            return value.map(Evaluated::Integer).ok_or(OVERFLOW);
        }
        // Of the widest type, bits may be lost that count here.
        if ty == Primitive::UnsignedInt128 && !shifted {
            return Err(TOO_LARGE);
        }
        let value = self.wrapped(ty, value << by).map(Evaluated::Integer);
        value.ok_or(limit(ty, OVERFLOW))
    }

    /// `-`, `~` and `+` on a value of the promoted type.
    pub(super) fn unary(
        &self,
        operator: TokenKind,
        ty: Primitive,
        value: Evaluated,
    ) -> Result<Evaluated, Problem> {
        match (operator, value) {
            (TokenKind::Plus, value) => Ok(value),
            (TokenKind::Minus, Evaluated::Float(value)) => Ok(Evaluated::Float(-value)),
            (TokenKind::Minus, Evaluated::Integer(value)) => {
                self.in_range(ty, value.checked_neg().ok_or(limit(ty, OVERFLOW))?)
            }
            (_, Evaluated::Integer(value)) => self.in_range(ty, !value),
            (_, Evaluated::Float(_)) => Err(NOT_AN_INTEGER),
        }
    }

    /// Unsigned arithmetic wraps, signed arithmetic must stay in range.
    fn in_range(&self, ty: Primitive, value: i128) -> Result<Evaluated, Problem> {
        let wrapped = self.wrapped(ty, value).ok_or(limit(ty, OVERFLOW))?;
        let fits = wrapped == value || !ty.is_signed(self.table().model());
        if fits {
            Ok(Evaluated::Integer(wrapped))
        } else {
            Err(OVERFLOW)
        }
    }
}

/// Why a value of a type is not known: what passes the end of `i128` may be a value of the widest type all the same.
fn limit(ty: Primitive, problem: Problem) -> Problem {
    match (ty, problem) {
        (Primitive::UnsignedInt128, OVERFLOW) => TOO_LARGE,
        _ => problem,
    }
}

/// The conversion rank of a promoted integer type (C11 6.3.1.1 §1).
fn rank(ty: Primitive) -> u8 {
    use Primitive::*;
    match ty {
        Int128 | UnsignedInt128 => 4,
        LongLong | UnsignedLongLong => 3,
        Long | UnsignedLong => 2,
        _ => 1,
    }
}

fn unsigned(ty: Primitive) -> Primitive {
    use Primitive::*;
    match ty {
        Int => UnsignedInt,
        Long => UnsignedLong,
        LongLong => UnsignedLongLong,
        Int128 => UnsignedInt128,
        other => other,
    }
}

fn comparison(operator: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        operator,
        Less | Greater | LessEqual | GreaterEqual | Equal | NotEqual
    )
}

fn integers(operator: TokenKind, a: i128, b: i128) -> Result<i128, Problem> {
    use TokenKind::*;
    match operator {
        Plus => a.checked_add(b),
        Minus => a.checked_sub(b),
        // A product of two unsigned 64-bit numbers may pass 2^127; its low half is right all the same.
        Star => Some(a.wrapping_mul(b)),
        Slash | Percent if b == 0 => return Err("division by zero"),
        Slash => a.checked_div(b),
        Percent => a.checked_rem(b),
        Ampersand => Some(a & b),
        Pipe => Some(a | b),
        Caret => Some(a ^ b),
        Less => Some((a < b).into()),
        Greater => Some((a > b).into()),
        LessEqual => Some((a <= b).into()),
        GreaterEqual => Some((a >= b).into()),
        Equal => Some((a == b).into()),
        NotEqual => Some((a != b).into()),
        _ => None,
    }
    .ok_or(OVERFLOW)
}
