//! Literals to values, as the C type that they are for asks.

use farcall::ctype::{CType, Primitive, PrimitiveKind, TypeId};
use farcall::{CData, Ffi, Value};

use crate::literal::Literal;

/// Reads one argument for a parameter of type `ty`; without one for `...`, where the literal decides.
///
/// The shell takes quotes away, so what a text parameter gets is text as it stands.
pub(crate) fn read(ffi: &Ffi, ty: Option<TypeId>, text: &str) -> Result<Value, String> {
    match ty {
        Some(ty) if is_text(ffi, ty) && !text.starts_with(['"', '[']) && text != "NULL" => {
            value(ffi, ty, &Literal::Text(text.into()))
        }
        Some(ty) => value(ffi, ty, &Literal::parse(text)?),
        None => variable(ffi, text).map(Value::CData),
    }
}

fn value(ffi: &Ffi, ty: TypeId, literal: &Literal) -> Result<Value, String> {
    let types = ffi.types();
    match (types.get(types.plain(ty)), literal) {
        (_, Literal::Null) => Ok(Value::None),
        // Memory that is still there when a result that points into it is shown.
        (CType::Pointer(target), Literal::Text(text)) => {
            let unit = if types.get(types.plain(target)) == CType::Void {
                types.primitive(Primitive::Char)
            } else {
                target
            };
            allocate(ffi, types.array(unit, None), text_or_bytes(text))
        }
        (_, Literal::Text(text)) => Ok(text_or_bytes(text)),
        (CType::Primitive(primitive), Literal::Character(c))
            if primitive.kind() == PrimitiveKind::WideChar =>
        {
            Ok(c.to_string().into())
        }
        (_, Literal::Character(c)) => Ok(u32::from(*c).into()),
        (_, Literal::Name(name)) => named(ffi, name),
        (CType::Primitive(primitive), Literal::Number(number))
            if matches!(
                primitive.kind(),
                PrimitiveKind::Float | PrimitiveKind::Complex
            ) =>
        {
            let wide = ffi
                .literal(primitive.spelling(), number)
                .map_err(|error| error.to_string())?;
            wide.map_or_else(|| float(number), |wide| Ok(wide.into()))
        }
        (CType::Pointer(_), Literal::Number(number)) => {
            cast(ffi, ty, integer(number)?).map(Value::CData)
        }
        (_, Literal::Number(number)) => {
            integer(number).or_else(|error| float(number).map_err(|_| error))
        }
        (CType::Pointer(target), literal) => memory(ffi, target, literal),
        (CType::Array { element, .. }, Literal::Brackets(items)) => list(ffi, element, items),
        (CType::Record(id), Literal::Braces(members)) => {
            let Some(body) = types.record(id).body() else {
                return Err(format!("'{}' is incomplete", types.spelling(ty)));
            };
            if members.iter().all(|(name, _)| name.is_none()) {
                let slots = body
                    .fields
                    .iter()
                    .filter(|field| field.name.is_some() || field.bits.is_none());
                let slots: Vec<TypeId> = slots.map(|field| field.ty).collect();
                let value_of = |(index, (_, member)): (usize, &(_, Literal))| {
                    // One too many is for the conversion to refuse.
                    value(ffi, slots.get(index).copied().unwrap_or(ty), member)
                };
                return members
                    .iter()
                    .enumerate()
                    .map(value_of)
                    .collect::<Result<_, _>>()
                    .map(Value::List);
            }
            let named = members.iter().map(|(name, member)| {
                let name = name
                    .as_deref()
                    .ok_or("either all members have names or none")?;
                let member_ty = body.member(name).map(|member| member.ty);
                let member_ty = member_ty
                    .ok_or_else(|| format!("'{}' has no member '{name}'", types.spelling(ty)))?;
                Ok((name.to_owned(), value(ffi, member_ty, member)?))
            });
            named.collect::<Result<_, String>>().map(Value::Map)
        }
        (_, Literal::Brackets(_)) => {
            Err(format!("'{}' does not take an array", types.spelling(ty)))
        }
        (_, Literal::Braces(_)) => Err(format!("'{}' does not take a struct", types.spelling(ty))),
    }
}

/// Memory of the command's own for a pointer, so that what the function leaves in it can be shown.
fn memory(ffi: &Ffi, target: TypeId, literal: &Literal) -> Result<Value, String> {
    let types = ffi.types();
    match literal {
        Literal::Brackets(items) => {
            let array = types.array(target, Some(items.len() as u64));
            allocate(ffi, array, list(ffi, target, items)?)
        }
        literal => allocate(ffi, types.pointer(target), value(ffi, target, literal)?),
    }
}

fn allocate(ffi: &Ffi, ty: TypeId, initialiser: Value) -> Result<Value, String> {
    let memory = ffi.alloc_type(ty, initialiser);
    memory.map(Value::CData).map_err(|error| error.to_string())
}

/// Wide characters come from text alone, bytes take both.
fn text_or_bytes(text: &[u8]) -> Value {
    match str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => text.into(),
    }
}

fn list(ffi: &Ffi, element: TypeId, items: &[Literal]) -> Result<Value, String> {
    items
        .iter()
        .map(|item| value(ffi, element, item))
        .collect::<Result<_, _>>()
        .map(Value::List)
}

/// An argument for `...`: a number's type is chosen by [`variable_number`], text is a `char *`.
fn variable(ffi: &Ffi, text: &str) -> Result<CData, String> {
    match Literal::parse(text) {
        Ok(Literal::Number(number)) => {
            variable_number(ffi, integer(&number).or_else(|_| float(&number))?)
        }
        Ok(Literal::Character(c)) => cast(ffi, ffi.types().primitive(Primitive::Int), u32::from(c)),
        Ok(Literal::Null) => Ok(ffi.null()),
        Ok(Literal::Text(text)) => chars(ffi, &text),
        Ok(Literal::Name(name)) => match named(ffi, &name) {
            Ok(value) => variable_number(ffi, value),
            Err(_) => chars(ffi, text.as_bytes()),
        },
        _ => chars(ffi, text.as_bytes()),
    }
}

/// An `int` if it fits one, else a `long long`; a `double`.
fn variable_number(ffi: &Ffi, value: Value) -> Result<CData, String> {
    let primitive = match value {
        Value::Float(_) => Primitive::Double,
        Value::Bool(_) => Primitive::Int,
        Value::Int(int) if i32::try_from(int).is_ok() => Primitive::Int,
        _ => Primitive::LongLong,
    };
    cast(ffi, ffi.types().primitive(primitive), value)
}

fn chars(ffi: &Ffi, text: &[u8]) -> Result<CData, String> {
    let types = ffi.types();
    let chars = types.array(types.primitive(Primitive::Char), None);
    ffi.alloc_type(chars, text)
        .map_err(|error| error.to_string())
}

fn cast(ffi: &Ffi, ty: TypeId, value: impl Into<Value>) -> Result<CData, String> {
    ffi.cast_type(ty, value).map_err(|error| error.to_string())
}

fn named(ffi: &Ffi, name: &str) -> Result<Value, String> {
    match (
        name,
        ffi.declarations()
            .constant(name)
            .map(|constant| constant.value),
    ) {
        (_, Some(farcall::cdef::Value::Integer(value))) => Ok(value.into()),
        (_, Some(farcall::cdef::Value::Float(value))) => Ok(value.into()),
        ("true", _) => Ok(true.into()),
        ("false", _) => Ok(false.into()),
        _ => Err(format!(
            "'{name}' is no constant of the declarations; text needs quotes here"
        )),
    }
}

/// C's integer literals (C11 6.4.4.1), without suffixes, and `0b`.
fn integer(text: &str) -> Result<Value, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let magnitude =
        u128::from_str_radix(digits, radix).map_err(|_| format!("'{text}' is not an integer"))?;
    match (negative, i128::try_from(magnitude)) {
        (false, _) => Ok(magnitude.into()),
        (true, Ok(int)) => Ok((-int).into()),
        (true, Err(_)) => Err(format!("'{text}' is too small for any C type")),
    }
}

fn float(text: &str) -> Result<Value, String> {
    match text.parse::<f64>() {
        Ok(float) => Ok(float.into()),
        // Hexadecimal floats are none of Rust's; integers in any notation are numbers too.
        Err(_) => integer(text).map_err(|_| format!("'{text}' is not a number")),
    }
}

/// Whether a type is a pointer to characters.
pub(crate) fn is_text(ffi: &Ffi, ty: TypeId) -> bool {
    let types = ffi.types();
    let CType::Pointer(target) = types.get(types.plain(ty)) else {
        return false;
    };
    matches!(types.get(types.plain(target)), CType::Primitive(p)
        if matches!(p.kind(), PrimitiveKind::Char | PrimitiveKind::WideChar))
}
