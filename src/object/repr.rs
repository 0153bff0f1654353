//! How cdata is shown.

use super::Object;
use crate::convert::{complex_of_cdata, integer_of_cdata};
use crate::ctype::TypeTable;
use crate::host::{Host, Integer};
use crate::shape::{Form, Format, Shape};

/// The cdata as cffi shows it: `<cdata 'int *' owning 4 bytes>`, `<cdata 'short' -5>`.
///
/// # Errors
///
/// The host's own.
///
/// # Safety
///
/// A number lies at its address; no other memory is read.
pub unsafe fn repr<H: Host>(host: &H, object: &Object) -> Result<String, H::Error> {
    let types = host.types();
    let ty = types.spelling(object.shape.ty);
    if let Some(owned) = object.owned {
        let owned = match object.shape.form {
            // What follows a character is a zero that it does not count.
            Form::Pointer(item) if object.room(types).is_none() => {
                Shape::of(types, item).size(types).unwrap_or(owned)
            }
            _ => owned,
        };
        return Ok(format!("<cdata '{ty}' owning {owned} bytes>"));
    }
    let shown = match object.shape.form {
        _ if object.shape.is_number() => {
            // SAFETY: the caller's promise.
            unsafe { number(host, object) }?
        }
        Form::Array { length: None, .. } => format!("sliced length {}", object.length),
        _ if object.address.is_null() => "NULL".into(),
        _ => format!("{:p}", object.address),
    };
    let reference = match object.shape.form {
        Form::Record(_) => " &",
        _ => "",
    };
    Ok(format!("<cdata '{ty}{reference}' {shown}>"))
}

unsafe fn number<H: Host>(host: &H, object: &Object) -> Result<String, H::Error> {
    let types = host.types();
    // SAFETY: of all reads: the caller's promise.
    unsafe {
        if object.shape.enumeration(types).is_some() {
            return Ok(enum_name(types, object, true));
        }
        match object.shape.form {
            Form::WideFloat(format) if object.shape.stays_cdata() => {
                Ok(long_double_repr(format, object.address))
            }
            Form::WideComplex(_) => Ok(complex_of_cdata(types, &object.cdata())
                .map(|(real, imaginary)| complex_repr(real, imaginary))?),
            _ => host.repr_at(&object.shape, object.address),
        }
    }
}

/// The name of an enumeration's value, or the value; with `both`, value and name.
///
/// # Safety
///
/// The value lies at the cdata's address.
pub unsafe fn enum_name(types: &TypeTable, object: &Object, both: bool) -> String {
    // SAFETY: the caller's promise.
    let value = match unsafe { integer_of_cdata(types, &object.cdata()) } {
        Ok(Integer::Small(value)) => value.into(),
        Ok(Integer::Wide(value)) => value,
        Ok(Integer::WideUnsigned(value)) => return value.to_string(),
        _ => 0i128,
    };
    let body = object
        .shape
        .enumeration(types)
        .and_then(|id| types.enumeration(id).body());
    match body.and_then(|body| body.name_of(value)) {
        Some(name) if both => format!("{value}: {name}"),
        Some(name) => name.into(),
        None => value.to_string(),
    }
}

/// A number of a format that Rust has no type for, as C's `%LE` prints it: six digits behind the point, an exponent of two
/// at least.
///
/// # Safety
///
/// The number lies at `from`.
pub unsafe fn long_double_repr(format: Format, from: *const u8) -> String {
    // SAFETY: the caller's promise.
    let text = unsafe { crate::convert::scientific_at(format, from) };
    let Some((mantissa, exponent)) = text.split_once('E') else {
        return text.trim_start_matches('+').to_uppercase();
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (digits, carry) = rounded(&digits);
    let exponent = exponent + i32::from(carry);
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    let (whole, fraction) = digits.split_at(1);
    format!(
        "{sign}{whole}.{fraction}E{exponent_sign}{:02}",
        exponent.unsigned_abs()
    )
}

/// Decimal digits rounded to seven, ties to even, and whether that made one more, which is then left out.
fn rounded(digits: &[u8]) -> (String, bool) {
    let mut seven: u32 = (0..7)
        .map(|index| digits.get(index).map_or(0, |digit| u32::from(digit - b'0')))
        .fold(0, |number, digit| 10 * number + digit);
    let rest = digits.get(7..).unwrap_or(&[]);
    let more_than_half = match rest.split_first() {
        Some((b'6'..=b'9', _)) => true,
        Some((b'5', rest)) => rest.iter().any(|&digit| digit != b'0') || seven % 2 == 1,
        _ => false,
    };
    seven += u32::from(more_than_half);
    match seven {
        10_000_000 => ("1000000".into(), true),
        seven => (format!("{seven:07}"), false),
    }
}

/// A number with the fewest digits that tell it from its neighbours, as Python's `repr` writes it.
///
/// ```
/// use farcall::object::float_repr;
///
/// assert_eq!([1.0, 1e16, 1.5e-7, f64::NAN].map(float_repr), ["1.0", "1e+16", "1.5e-07", "nan"]);
/// ```
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (digits, exponent) = shortest(value.abs());
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if value != 0.0 && !(1e-4..1e16).contains(&value.abs()) {
        let (whole, fraction) = digits.split_at(1);
        let point = if fraction.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{whole}{point}{fraction}e{exponent_sign}{places:02}");
    }
    match (exponent < 0, digits.len().checked_sub(places + 1)) {
        (true, _) => format!("{sign}0.{}{digits}", "0".repeat(places - 1)),
        (false, None | Some(0)) => format!("{sign}{digits:0<width$}.0", width = places + 1),
        (false, Some(_)) => {
            let (whole, fraction) = digits.split_at(places + 1);
            format!("{sign}{whole}.{fraction}")
        }
    }
}

/// The digits of `d.ddd`, and the power of ten that it is multiplied by. Of two that are as short and as near, those that end
/// in an even digit, which Rust's own printing does not choose.
fn shortest(value: f64) -> (String, i32) {
    let short = format!("{value:e}");
    let count = short
        .bytes()
        .take_while(|&c| c != b'e')
        .filter(u8::is_ascii_digit)
        .count();
    let even = format!("{value:.*e}", count - 1);
    let chosen = match even.parse() == Ok(value) {
        true => even,
        false => short,
    };
    let (mantissa, exponent) = chosen.split_once('e').unwrap_or((&chosen, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (digits, exponent.parse().unwrap_or(0))
}

/// A complex number as Python's `repr` writes it.
pub(crate) fn complex_repr(real: f64, imaginary: f64) -> String {
    let part = |value: f64| {
        let text = float_repr(value);
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imaginary));
    }
    let imaginary = part(imaginary);
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{imaginary}j)", part(real))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::wide::encode_at;

    #[test]
    fn numbers_are_printed_as_by_python() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (-743.825_744_628_906_2, "-743.8257446289062"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-1.25e22, "-1.25e+22"),
            (0.000_1, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (100.5, "100.5"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float_repr(value), text);
        }
    }

    #[test]
    fn numbers_are_printed_as_by_printf() {
        for (value, text) in [
            (0.0, "0.000000E+00"),
            (-2.5, "-2.500000E+00"),
            (123_456_789.0, "1.234568E+08"),
            (1e-300, "1.000000E-300"),
            (0.999_999_96, "1.000000E+00"),
            (95_655.155_766_358_25, "9.565516E+04"),
            (f64::INFINITY, "INF"),
            (f64::NEG_INFINITY, "-INF"),
        ] {
            let mut bytes = [0; 16];
            // SAFETY: there is room for the format.
            let shown = unsafe {
                encode_at(Format::X87, value, bytes.as_mut_ptr());
                long_double_repr(Format::X87, bytes.as_ptr())
            };
            assert_eq!(shown, text);
        }
    }
}
