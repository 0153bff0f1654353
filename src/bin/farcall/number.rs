//! C's number literals.

use farcall::Value;

/// An integer (C11 6.4.4.1, and `0b`); suffixes are read over, for the type is the parameter's.
///
/// The error says whether it is no integer, or one that no C type holds.
pub(crate) fn integer(text: &str) -> Result<Value, String> {
    let (negative, digits) = sign(text);
    let lower = digits.to_ascii_lowercase();
    let lower = lower.trim_end_matches(['u', 'l']);
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(format!("'{text}' is not an integer"));
    }
    let beyond = || format!("'{text}' does not fit any C integer type");
    let magnitude = u128::from_str_radix(digits, radix).map_err(|_| beyond())?;
    if !negative {
        return Ok(magnitude.into());
    }
    match magnitude <= 1 << 127 {
        true => Ok(Value::Int((magnitude as i128).wrapping_neg())),
        false => Err(beyond()),
    }
}

/// A floating-point number (C11 6.4.4.2), `inf` and `nan`, or an integer.
pub(crate) fn float(text: &str) -> Result<Value, String> {
    let plain = text
        .strip_suffix(['f', 'F', 'l', 'L'])
        .filter(|_| !text.ends_with("inf"));
    let plain = plain.unwrap_or(text);
    let parsed = plain.parse::<f64>().ok().or_else(|| hexadecimal(text));
    parsed
        .map(Value::Float)
        .map_or_else(|| integer(text).map_err(|_| no_number(text)), Ok)
}

/// Whether a literal has what only floating-point numbers have.
pub(crate) fn is_float(text: &str) -> bool {
    let hex = sign(text).1.to_ascii_lowercase().starts_with("0x");
    text.contains(['.', 'p', 'P']) || (!hex && text.contains(['e', 'E', 'i', 'n']))
}

/// `0x1.8p3`: every digit counts exactly, as far as an `f64` has room.
fn hexadecimal(text: &str) -> Option<f64> {
    let (negative, digits) = sign(text);
    let lower = digits.to_ascii_lowercase();
    let (mantissa, exponent) = lower.strip_prefix("0x")?.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significand = u64::from_str_radix(&digits, 16).ok()?;
    let exponent = exponent
        .parse::<i32>()
        .ok()?
        .checked_sub(4 * i32::try_from(fraction.len()).ok()?)?;
    let magnitude = significand as f64 * 2f64.powi(exponent);
    Some(if negative { -magnitude } else { magnitude })
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn no_number(text: &str) -> String {
    format!("'{text}' is not a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_every_notation() {
        for (text, value) in [
            ("0", 0),
            ("-0x10", -16),
            ("010", 8),
            ("0b101", 5),
            ("+7", 7),
            ("5L", 5),
            ("1u", 1),
            ("0xffULL", 255),
        ] {
            assert_eq!(integer(text), Ok(Value::Int(value)), "{text}");
        }
        assert_eq!(
            integer("-170141183460469231731687303715884105728"),
            Ok(Value::Int(i128::MIN))
        );
        assert_eq!(
            integer("340282366920938463463374607431768211455"),
            Ok(Value::Large(u128::MAX))
        );
        assert!(
            integer("340282366920938463463374607431768211456")
                .unwrap_err()
                .contains("does not fit")
        );
        for text in ["", "-", "0x", "1.5", "08", "x", "1e3"] {
            assert!(
                integer(text).unwrap_err().contains("not an integer"),
                "{text}"
            );
        }
    }

    #[test]
    fn floats_in_every_notation() {
        for (text, value) in [
            ("2.5", 2.5),
            ("-.5", -0.5),
            ("1e-3", 1e-3),
            ("0x1p3", 8.0),
            ("-0x1.8p-1", -0.75),
            ("1.5f", 1.5),
            ("3", 3.0),
            ("-inf", f64::NEG_INFINITY),
            ("0x10", 16.0),
        ] {
            let read = float(text).unwrap();
            let read = f64::try_from(read).unwrap();
            assert_eq!(read, value, "{text}");
        }
        assert!(float("abc").is_err() && float("1.2.3").is_err());
    }
}
