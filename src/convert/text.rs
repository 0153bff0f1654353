//! Text to units of one, two or four bytes and back.

use std::ptr;

use crate::Error;
use crate::error::ErrorClass;
use crate::host::{Host, View};
use crate::shape::{Form, Shape};

/// How many units of `unit` bytes the text has, without a terminating zero. One byte is a unit of UTF-8.
pub(super) fn units<H: Host>(host: &H, unit: u64, text: H::Ref<'_>) -> u64 {
    let units = |code: u32| match unit {
        1 => match code {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0x800..0x1_0000 => 3,
            _ => 4,
        },
        2 if code > 0xffff => 2,
        _ => 1,
    };
    host.code_points(text).map(units).sum()
}

/// Writes the units of the text, and no more of them than there is room for: it may be another text by now.
///
/// # Safety
///
/// There is room for `room` units at `to`.
pub(super) unsafe fn write<H: Host>(
    host: &H,
    unit: u64,
    text: H::Ref<'_>,
    to: *mut u8,
    room: u64,
) -> Result<(), H::Error> {
    let mut written = 0;
    let mut put = |value: u32| {
        if written < room {
            let bytes = value.to_ne_bytes();
            let bytes = match cfg!(target_endian = "little") {
                true => &bytes[..unit as usize],
                false => &bytes[4 - unit as usize..],
            };
            // SAFETY: inside the room, of which `written` units have been used.
            unsafe {
                let to = to.add((written * unit) as usize);
                ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            }
            written += 1;
        }
    };
    for code in host.code_points(text) {
        match unit {
            1 => {
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut bytes = [0; 4];
                let bytes = character.encode_utf8(&mut bytes).bytes();
                bytes.for_each(|byte| put(byte.into()));
            }
            2 if code > 0x10_ffff => {
                let message =
                    format!("unicode character out of range for conversion to char16_t: {code:#x}");
                return Err(Error::refused(ErrorClass::Value, message).into());
            }
            2 if code > 0xffff => {
                let pair = code - 0x1_0000;
                put(0xd800 | (pair >> 10));
                put(0xdc00 | (pair & 0x3ff));
            }
            _ => put(code),
        }
    }
    Ok(())
}

/// The code points of UTF-16, surrogates that are no pair as they are.
pub(crate) fn code_points_16(
    units: impl Iterator<Item = u16> + Clone,
) -> impl Iterator<Item = u32> + Clone {
    char::decode_utf16(units).map(|decoded| match decoded {
        Ok(character) => character.into(),
        Err(error) => error.unpaired_surrogate().into(),
    })
}

/// Stores a `char` or one of its wider kin.
///
/// # Safety
///
/// The type's bytes are writable at `to`.
pub(super) unsafe fn store_character<H: Host>(
    host: &H,
    shape: &Shape,
    to: *mut u8,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let code = match character(host, shape, value)? {
        Some(code) => code,
        None if H::LENIENT => lenient(host, shape, value)?,
        None => return Err(no_character(host, shape, value)),
    };
    // SAFETY: the caller's promise.
    unsafe {
        match shape.form {
            Form::Char => to.write(code as u8),
            Form::Char16 => to.cast::<u16>().write_unaligned(code as u16),
            _ => to.cast::<u32>().write_unaligned(code),
        }
    }
    Ok(())
}

fn character<H: Host>(host: &H, shape: &Shape, value: H::Ref<'_>) -> Result<Option<u32>, H::Error> {
    if let Some(cdata) = host.cdata(value)? {
        let types = host.types();
        let given = Shape::of(types, cdata.ty);
        let same = given.is_character() && given.size(types) == shape.size(types);
        // SAFETY: of all reads: cdata that is a number lies at its address.
        return Ok(same.then(|| unsafe {
            match shape.form {
                Form::Char => cdata.address.read().into(),
                Form::Char16 => cdata.address.cast::<u16>().read_unaligned().into(),
                _ => cdata.address.cast::<u32>().read_unaligned(),
            }
        }));
    }
    Ok(match (host.view(value), shape.form) {
        (View::Bytes(&[byte]), Form::Char) => Some(byte.into()),
        (View::Text, Form::Char16) => single(host, value).filter(|&code| code <= 0xffff),
        (View::Text, Form::Char32 { .. }) => single(host, value),
        _ => None,
    })
}

/// The character of a text of one.
pub(super) fn single<H: Host>(host: &H, text: H::Ref<'_>) -> Option<u32> {
    let mut codes = host.code_points(text);
    match (codes.next(), codes.next()) {
        (Some(code), None) => Some(code),
        _ => None,
    }
}

/// Numbers, and characters of text for `char`.
fn lenient<H: Host>(host: &H, shape: &Shape, value: H::Ref<'_>) -> Result<u32, H::Error> {
    let size = shape.size(host.types()).unwrap_or(1);
    let limit = u64::MAX >> (64 - 8 * size);
    if let (View::Text, Form::Char) = (host.view(value), shape.form)
        && let Some(code @ 0..=0xff) = single(host, value)
    {
        return Ok(code);
    }
    let number = match host.cdata(value)? {
        Some(_) => None,
        None => host.integer(value).ok(),
    };
    match number {
        // A code is a character whether or not `char` has a sign.
        Some(crate::host::Integer::Small(code))
            if code <= limit as i64 && code >= -((limit / 2) as i64) - 1 =>
        {
            Ok(code as u32)
        }
        Some(_) => Err(Error::Range {
            value: host.show(value),
            ty: host.types().spelling(shape.ty),
            place: Default::default(),
        }
        .into()),
        None => Err(no_character(host, shape, value)),
    }
}

#[cold]
fn no_character<H: Host>(host: &H, shape: &Shape, value: H::Ref<'_>) -> H::Error {
    let (ty, expected) = match shape.form {
        Form::Char => ("char", "bytes of length 1"),
        Form::Char16 => ("char16_t", "unicode string of length 1"),
        _ => ("char32_t", "unicode string of length 1"),
    };
    let is_text = host.cdata(value).is_ok_and(|cdata| cdata.is_none())
        && matches!(host.view(value), View::Text)
        && !matches!(shape.form, Form::Char);
    let found = match is_text {
        true => wrong_text(host, value),
        false => host.type_name(value),
    };
    Error::Kind {
        ty: ty.into(),
        expected: expected.into(),
        found,
        place: Default::default(),
    }
    .into()
}

/// What a text is that is not one character of two bytes.
pub(super) fn wrong_text<H: Host>(host: &H, text: H::Ref<'_>) -> String {
    match host.code_points(text).count() {
        1 => "larger-than-0xFFFF character".into(),
        count => format!("unicode string of length {count}"),
    }
}
