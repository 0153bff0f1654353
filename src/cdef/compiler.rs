//! Macros that every compiler predefines about its types (gcc's "Common Predefined Macros"), for texts that have not gone
//! through one.

use crate::ctype::Primitive::{self, *};
use crate::layout::{Arch, DataModel, RecordRules};

/// The type that `__SIZE_TYPE__` and its kin stand for.
pub(super) fn type_named(name: &str, model: &DataModel) -> Option<Primitive> {
    let stem = name.strip_prefix("__")?.strip_suffix("_TYPE__")?;
    match stem {
        "CHAR16" => Some(UnsignedShort),
        "CHAR32" => Some(UnsignedInt),
        "SIG_ATOMIC" if model.rules != RecordRules::Msvc => Some(Int),
        _ => header_type(stem, model).or_else(|| exact_type(stem, model)),
    }
}

/// The value of `__INT_MAX__`, `__SIZEOF_LONG__` and their kin, and its type.
pub(super) fn constant(name: &str, model: &DataModel) -> Option<(Primitive, i128)> {
    let inside = name.strip_prefix("__")?.strip_suffix("__")?;
    let number = match inside {
        "CHAR_BIT" => 8,
        "BYTE_ORDER" | "ORDER_LITTLE_ENDIAN" => 1234,
        "ORDER_BIG_ENDIAN" => 4321,
        "ORDER_PDP_ENDIAN" => 3412,
        "BIGGEST_ALIGNMENT" => model.max_align.into(),
        "LP64" if model.long_size == 8 => 1,
        _ => match (inside.strip_prefix("SIZEOF_"), inside.strip_suffix("_MAX")) {
            (Some(stem), _) => sized_type(stem, model)?.layout(model).size.into(),
            (_, Some(stem)) => return largest(stem, model),
            _ => return None,
        },
    };
    Some((Int, number))
}

/// The largest value of a type, which has the promoted type (C11 7.20.2 §2).
fn largest(stem: &str, model: &DataModel) -> Option<(Primitive, i128)> {
    let ty = match stem {
        "SCHAR" => SignedChar,
        "SHRT" => Short,
        "INT" => Int,
        "LONG" => Long,
        "LONG_LONG" => LongLong,
        _ => header_type(stem, model).or_else(|| exact_type(stem, model))?,
    };
    let size = ty.layout(model).size;
    let bits = 8 * size - u64::from(ty.is_signed(model));
    let promoted = if size < 4 { Int } else { ty };
    Some((promoted, (1 << bits) - 1))
}

fn sized_type(stem: &str, model: &DataModel) -> Option<Primitive> {
    let microsoft = model.rules == RecordRules::Msvc;
    Some(match stem {
        "SHORT" => Short,
        "INT" => Int,
        "LONG" => Long,
        "LONG_LONG" => LongLong,
        "FLOAT" => Float,
        "DOUBLE" => Double,
        "LONG_DOUBLE" => LongDouble,
        "INT128" if model.pointer_size == 8 => Int128,
        "FLOAT128" if model.arch != Arch::Aarch64 && !microsoft => Float128,
        "FLOAT80" if model.arch != Arch::Aarch64 && !microsoft => LongDouble,
        "POINTER" => header_type("SIZE", model)?,
        "SIZE_T" | "PTRDIFF_T" | "WCHAR_T" | "WINT_T" => {
            header_type(stem.strip_suffix("_T")?, model)?
        }
        _ => return None,
    })
}

/// Types of the standard headers.
fn header_type(stem: &str, model: &DataModel) -> Option<Primitive> {
    let windows = model.is_windows();
    Some(match (stem, model.pointer_size) {
        ("SIZE" | "UINTPTR", 4) => UnsignedInt,
        ("SIZE" | "UINTPTR", _) => eight(false, model),
        ("PTRDIFF" | "INTPTR", 4) => Int,
        ("PTRDIFF" | "INTPTR", _) => eight(true, model),
        ("INTMAX", _) => eight(true, model),
        ("UINTMAX", _) => eight(false, model),
        ("WCHAR" | "WINT", _) if windows => UnsignedShort,
        ("WINT", _) => UnsignedInt,
        ("WCHAR", 4) => Long,
        ("WCHAR", _) if model.wchar_signed => Int,
        ("WCHAR", _) => UnsignedInt,
        _ => return None,
    })
}

/// Types by their bits: `INT32`, `UINT_LEAST8`. glibc's fast ones are as large as a register.
fn exact_type(stem: &str, model: &DataModel) -> Option<Primitive> {
    let signed = !stem.starts_with('U');
    let rest = stem.strip_prefix('U').unwrap_or(stem).strip_prefix("INT")?;
    let fast = rest.strip_prefix("_FAST");
    let bits = fast.or(rest.strip_prefix("_LEAST")).unwrap_or(rest);
    let bits = match (fast, bits) {
        (Some(_), "16" | "32") if !model.is_windows() => match model.pointer_size {
            4 => "32",
            _ => "64",
        },
        _ => bits,
    };
    Some(match (bits, signed) {
        ("8", true) => SignedChar,
        ("8", false) => UnsignedChar,
        ("16", true) => Short,
        ("16", false) => UnsignedShort,
        ("32", true) => Int,
        ("32", false) => UnsignedInt,
        ("64", signed) => eight(signed, model),
        _ => return None,
    })
}

/// The integer of 8 bytes that compilers prefer.
fn eight(signed: bool, model: &DataModel) -> Primitive {
    match (model.long_size, signed) {
        (8, true) => Long,
        (8, false) => UnsignedLong,
        (_, true) => LongLong,
        (_, false) => UnsignedLongLong,
    }
}
