//! Hexadecimal floating-point numbers (C11 6.4.4.2), rounded once.

use crate::ctype::Primitive;

/// The value of `1.8p3`, whose digits count sixteenths and whose exponent powers of two, as a type has it.
pub(super) fn hexadecimal(text: &str, ty: Primitive) -> Option<f64> {
    let (digits, exponent) = text.split_once('p')?;
    let negative = exponent.starts_with('-');
    let exponent = match exponent.parse::<i64>() {
        Ok(exponent) => exponent,
        // So far out that only the sign matters.
        Err(_) => {
            let size = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            let number = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
            number.then_some(if negative { i64::MIN } else { i64::MAX })?
        }
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number = Significand::default();
    for digit in whole.chars() {
        number.push(digit.to_digit(16)?, 4);
    }
    for digit in fraction.chars() {
        number.push(digit.to_digit(16)?, 0);
    }
    number.exponent = number.exponent.saturating_add(exponent);
    Some(match ty {
        Primitive::Float | Primitive::Float32 => number.rounded(24, -126, 127),
        Primitive::Float16 => number.rounded(11, -14, 15),
        _ => number.rounded(53, -1022, 1023),
    })
}

/// `bits * 2^exponent`, and something less than the last bit if `more`.
#[derive(Default)]
struct Significand {
    bits: u64,
    exponent: i64,
    more: bool,
}

impl Significand {
    /// Adds a digit; `weight` is what a digit before the point adds to the exponent.
    fn push(&mut self, digit: u32, weight: i64) {
        if self.bits >> 60 == 0 {
            self.bits = self.bits << 4 | u64::from(digit);
            self.exponent += weight - 4;
        } else {
            self.more |= digit != 0;
            self.exponent += weight;
        }
    }

    /// The nearest number of `precision` bits between exponents, ties to the even one; fewer bits below the least.
    fn rounded(mut self, precision: i64, least: i64, most: i64) -> f64 {
        if self.bits == 0 {
            return 0.0;
        }
        let free = self.bits.leading_zeros();
        self.bits <<= free;
        let exponent = self.exponent.saturating_sub(free.into());
        let leading = exponent.saturating_add(63);
        let kept = precision.min(leading.saturating_sub(least).saturating_add(precision));
        if leading > most {
            return f64::INFINITY;
        }
        if kept < 0 {
            return 0.0;
        }
        let dropped = 64 - kept as u32;
        let (bits, rest) = match dropped {
            64 => (0, self.bits),
            _ => (self.bits >> dropped, self.bits << (64 - dropped)),
        };
        let half = 1 << 63;
        let up = rest > half || rest == half && (self.more || bits & 1 == 1);
        let value = (bits + u64::from(up)) as f64;
        // In two steps, for neither power need be a number of its own at the ends of the range.
        let exponent = (exponent + i64::from(dropped)) as i32;
        let value = value * 2.0f64.powi(exponent / 2) * 2.0f64.powi(exponent - exponent / 2);
        if value >= 2.0f64.powi(most as i32) * 2.0 {
            return f64::INFINITY;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_range() {
        let double = |text| hexadecimal(text, Primitive::Double);
        let float = |text| hexadecimal(text, Primitive::Float);
        assert_eq!(double("1p-1074"), Some(f64::from_bits(1)));
        assert_eq!(double("1.8p-1074"), Some(f64::from_bits(2)));
        assert_eq!(double("1p-1075"), Some(0.0));
        assert_eq!(double("1.0000001p-1075"), Some(f64::from_bits(1)));
        assert_eq!(double("1.fffffffffffffp+1023"), Some(f64::MAX));
        assert_eq!(double("1.fffffffffffff8p1023"), Some(f64::INFINITY));
        assert_eq!(double("1p1024"), Some(f64::INFINITY));
        assert_eq!(double("1p99999999999999999999"), Some(f64::INFINITY));
        assert_eq!(double("1p-99999999999999999999"), Some(0.0));
        assert_eq!(double("0p99999999999999999999"), Some(0.0));
        assert_eq!(double(".8p1"), Some(1.0));
        assert_eq!(double("12345678.9abcdef01234p0"), Some(305419896.60444444));
        assert_eq!(double("1.00000000000008p0"), Some(1.0));
        let next = Some(1.0 + f64::EPSILON);
        assert_eq!(double("1.000000000000080000001p0"), next);
        assert_eq!(float("1.000001p0"), Some(1.0));
        assert_eq!(float("1.0000011p0"), Some(1.0 + f64::from(f32::EPSILON)));
        assert_eq!(float("1p-149"), Some(f64::from(f32::from_bits(1))));
        assert_eq!(float("1.ffffffp127"), Some(f64::INFINITY));
        for wrong in ["p1", ".p1", "1p", "1", "1gp1", "1p1x", "1p+"] {
            assert_eq!(double(wrong), None, "{wrong}");
        }
    }
}
