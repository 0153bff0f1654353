//! Numbers and character constants (C11 6.4.4).

use std::borrow::Cow;

use super::float::{Format, widened};
use super::hexadecimal::hexadecimal;
use super::operand::{Evaluated, Number};
use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::Token;
use crate::ctype::Primitive;
use crate::layout::RecordRules;

impl Parser<'_> {
    /// The value of a [`Number`](crate::cdef::lex::TokenKind::Number) token.
    #[inline(never)]
    pub(super) fn number(&self, token: Token) -> Parsed<Number> {
        let text = self.text_of(token);
        let text: Cow<'_, str> = if text.contains('\'') {
            text.replace('\'', "").into()
        } else {
            text.into()
        };
        let found = if is_float(&text) {
            self.float(&text)
        } else {
            self.integer(&text)
        };
        let wrong = || {
            self.fail_at(
                token,
                CdefErrorKind::Constant(format!("'{text}' is not a number").into()),
            )
        };
        let (primitive, value) = found.ok_or_else(wrong)?;
        Ok(Number {
            ty: self.table().primitive(primitive),
            value,
        })
    }

    fn integer(&self, text: &str) -> Option<(Primitive, Evaluated)> {
        let lower = text.to_ascii_lowercase();
        let (digits, radix) = match lower.as_bytes() {
            [b'0', b'x', ..] => (&lower[2..], 16),
            [b'0', b'b', ..] => (&lower[2..], 2),
            [b'0', b'0'..=b'9', ..] => (&lower[1..], 8),
            _ => (&lower[..], 10),
        };
        let end = digits
            .find(|c: char| !c.is_digit(radix.max(10)))
            .unwrap_or(digits.len());
        let value = i128::from_str_radix(&digits[..end], radix).ok()?;
        // Both letters of `ll` have one case (C11 6.4.4.1 §1).
        let mixed = text.contains("lL") || text.contains("Ll");
        let suffix = Suffix::of(&digits[end..]).filter(|_| !mixed)?;
        if suffix.microsoft && self.table().model().rules != RecordRules::Msvc {
            return None;
        }
        let ty = self.integer_type(value, suffix, radix == 10)?;
        Some((ty, Evaluated::Integer(value)))
    }

    /// The first type of C11 6.4.4.1 §5's list that holds the value.
    fn integer_type(&self, value: i128, suffix: Suffix, decimal: bool) -> Option<Primitive> {
        use Primitive::*;
        let list = [
            (0, Int, UnsignedInt),
            (1, Long, UnsignedLong),
            (2, LongLong, UnsignedLongLong),
            // gcc goes on to its 128-bit type where the value is unsuffixed.
            (3, Int128, UnsignedInt128),
        ];
        list.into_iter()
            .filter(|row| row.0 >= suffix.longs)
            .find_map(|(_, signed, unsigned)| {
                let signed = (!suffix.unsigned).then_some(signed);
                let unsigned = (suffix.unsigned || !decimal).then_some(unsigned);
                signed
                    .into_iter()
                    .chain(unsigned)
                    .find(|&ty| self.holds(ty, value))
            })
    }

    fn float(&self, text: &str) -> Option<(Primitive, Evaluated)> {
        let lower = text.to_ascii_lowercase();
        let hexadecimal_digits = lower.strip_prefix("0x");
        let is_hexadecimal = hexadecimal_digits.is_some();
        let (digits, ty) = float_suffix(hexadecimal_digits.unwrap_or(&lower), is_hexadecimal)?;
        let format = self.format(ty);
        let value = match format {
            Format::X87 | Format::Quad if is_hexadecimal => {
                // Checks the digits, too.
                hexadecimal(digits, Primitive::Double)?;
                format.parse(&format!("0x{digits}"))?
            }
            _ if is_hexadecimal => widened(hexadecimal(digits, ty)?),
            // By way of `double` they would be rounded twice.
            Format::Single => widened(digits.parse::<f32>().ok()?.into()),
            Format::Double => widened(digits.parse().ok()?),
            Format::Half | Format::X87 | Format::Quad => {
                digits.parse::<f64>().ok()?;
                format.parse(digits)?
            }
        };
        Some((ty, Evaluated::Float(value)))
    }

    /// The value of a [`Character`](crate::cdef::lex::TokenKind::Character) token. Several characters count as digits of
    /// base 256, as for gcc.
    #[inline(never)]
    pub(super) fn character(&self, token: Token) -> Parsed<Number> {
        let text = self.text_of(token);
        let wrong = || {
            self.fail_at(
                token,
                CdefErrorKind::Constant(format!("{text} is not a character").into()),
            )
        };
        let open = text.find('\'').ok_or_else(wrong)?;
        let inside = text[open + 1..].strip_suffix('\'').ok_or_else(wrong)?;
        let ty = match &text[..open] {
            "L" => Primitive::Wchar,
            "u" => Primitive::Char16,
            "U" => Primitive::Char32,
            "u8" => Primitive::UnsignedChar,
            _ => Primitive::Int,
        };
        let value = match ty {
            Primitive::Int => narrow(inside).map(|value| self.plain_character(value)),
            _ => {
                let mut rest = inside;
                let value = character(&mut rest).filter(|_| rest.is_empty());
                value
                    .map(|value| value.into())
                    .filter(|&value| self.holds(ty, value))
            }
        };
        let value = value.ok_or_else(wrong)?;
        Ok(Number {
            ty: self.table().primitive(ty),
            value: Evaluated::Integer(value),
        })
    }

    /// One character has the value of a `char` (C11 6.4.4.4 §10), several have an `int`'s.
    fn plain_character(&self, (value, count): (u32, usize)) -> i128 {
        if count == 1 && self.table().model().char_signed {
            i128::from(value as u8 as i8)
        } else {
            i128::from(value as i32)
        }
    }
}

/// `u`, `l`, `ll` and Microsoft's `i64`.
#[derive(Clone, Copy)]
struct Suffix {
    unsigned: bool,
    longs: u8,
    /// `i64`, which only Microsoft's compiler and clang by its rules take.
    microsoft: bool,
}

impl Suffix {
    fn of(text: &str) -> Option<Suffix> {
        let (unsigned, rest) = match text.strip_prefix('u') {
            Some(rest) => (true, rest),
            None => match text.strip_suffix('u') {
                Some(rest) => (true, rest),
                None => (false, text),
            },
        };
        let longs = match rest {
            "" | "i8" | "i16" | "i32" => 0,
            "l" => 1,
            "ll" | "i64" => 2,
            _ => return None,
        };
        Some(Suffix {
            unsigned,
            longs,
            microsoft: rest.starts_with('i'),
        })
    }
}

fn is_float(text: &str) -> bool {
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let exponent: &[char] = if hexadecimal {
        &['p', 'P']
    } else {
        &['e', 'E']
    };
    text.contains('.') || text.contains(exponent)
}

/// The digits without their suffix, and the suffix's type. `f` is a digit of a hexadecimal number before its exponent.
fn float_suffix(text: &str, hexadecimal: bool) -> Option<(&str, Primitive)> {
    let suffixes = [
        ("f128", Primitive::Float128),
        ("f64x", Primitive::Float64x),
        ("f32x", Primitive::Float32x),
        ("f64", Primitive::Float64),
        ("f32", Primitive::Float32),
        ("f16", Primitive::Float16),
        ("f", Primitive::Float),
        ("l", Primitive::LongDouble),
    ];
    let exponent = if hexadecimal { text.find('p')? } else { 0 };
    let after = &text[exponent..];
    for (suffix, ty) in suffixes {
        if after.ends_with(suffix) {
            return Some((&text[..text.len() - suffix.len()], ty));
        }
    }
    Some((text, Primitive::Double))
}

/// The bytes of a character constant as one number, and how many they are.
fn narrow(mut rest: &str) -> Option<(u32, usize)> {
    let (mut value, mut count) = (0u32, 0);
    while !rest.is_empty() {
        let escaped = rest.starts_with('\\');
        let c = character(&mut rest)?;
        let mut utf8 = [0; 4];
        let bytes: &[u8] = match char::from_u32(c) {
            Some(c) if !escaped => c.encode_utf8(&mut utf8).as_bytes(),
            _ => &[u8::try_from(c).ok()?],
        };
        for &byte in bytes {
            value = value << 8 | u32::from(byte);
            count += 1;
        }
    }
    (count > 0 && count <= 4).then_some((value, count))
}

/// Takes one character or escape sequence (C11 6.4.4.4) off the text.
fn character(rest: &mut &str) -> Option<u32> {
    let first = rest.chars().next()?;
    *rest = &rest[first.len_utf8()..];
    if first != '\\' {
        return Some(first.into());
    }
    let escape = rest.chars().next()?;
    *rest = &rest[escape.len_utf8()..];
    Some(match escape {
        'n' => 10,
        't' => 9,
        'r' => 13,
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'v' => 11,
        'e' => 27,
        'x' => digits(rest, 16, 8)?,
        'u' => digits(rest, 16, 4)?,
        'U' => digits(rest, 16, 8)?,
        '0'..='7' => {
            let more = rest.chars().take(2).take_while(|c| c.is_digit(8)).count();
            let octal = format!("{escape}{}", &rest[..more]);
            *rest = &rest[more..];
            u32::from_str_radix(&octal, 8).ok()?
        }
        '\\' | '\'' | '"' | '?' => escape.into(),
        _ => return None,
    })
}

fn digits(rest: &mut &str, radix: u32, most: usize) -> Option<u32> {
    let count = rest
        .chars()
        .take(most)
        .take_while(|c| c.is_digit(radix))
        .count();
    let value = u32::from_str_radix(&rest[..count], radix).ok()?;
    *rest = &rest[count..];
    Some(value)
}
