//! Literals to values, as the C type that they are for asks.

use farcall::ctype::{CType, Primitive, PrimitiveKind, TypeId};
use farcall::{CData, Ffi, Library, Value};

use crate::literal::Literal;
use crate::number::{float, integer, is_float};

/// Reads one argument for a parameter of type `ty`; without one for `...`, where the literal decides.
///
/// The shell takes quotes away, so what a text parameter gets is text as it stands.
pub(crate) fn read(
    ffi: &Ffi,
    library: &Library,
    ty: Option<TypeId>,
    text: &str,
) -> Result<Value, String> {
    if let Some(CType::Pointer(target)) = ty.map(|ty| ffi.types().get(ffi.types().plain(ty)))
        && let CType::Function(_) = ffi.types().get(ffi.types().plain(target))
        && ffi.declarations().function(text).is_some()
    {
        return Ok(library
            .function(text)
            .map_err(|error| error.to_string())?
            .cdata()
            .into());
    }
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
            if text.contains(&0) {
                return Err(
                    "text with a NUL character ends there for C; write [...] for bytes".into(),
                );
            }
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
        // That an integer type takes no float is for the conversion to say.
        (_, Literal::Number(number)) if is_float(number) => float(number),
        (_, Literal::Number(number)) => integer(number),
        (CType::Primitive(primitive), Literal::Braces(parts))
            if primitive.kind() == PrimitiveKind::Complex =>
        {
            match parts.as_slice() {
                [
                    (None, Literal::Number(real)),
                    (None, Literal::Number(imaginary)),
                ] => {
                    let part = |text: &str| f64::try_from(float(text)?).map_err(|e| e.to_string());
                    Ok(Value::Complex(part(real)?, part(imaginary)?))
                }
                _ => Err("a complex number is {real, imaginary}".into()),
            }
        }
        (CType::Vector { element, .. }, Literal::Braces(lanes)) => {
            let lanes: Vec<Literal> = lanes.iter().map(|(_, lane)| lane.clone()).collect();
            list(ffi, element, &lanes)
        }
        (CType::Pointer(target), _) if types.get(types.plain(target)) == CType::Void => {
            Err("'void *' does not say what an array or a struct consists of".into())
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
        Ok(Literal::Number(number)) if is_float(&number) => variable_number(ffi, float(&number)?),
        Ok(Literal::Number(number)) => variable_number(ffi, integer(&number)?),
        Ok(Literal::Character(c)) => cast(ffi, ffi.types().primitive(Primitive::Int), u32::from(c)),
        Ok(Literal::Null) => Ok(ffi.null()),
        Ok(Literal::Text(text)) => chars(ffi, &text),
        Ok(Literal::Name(name)) => match named(ffi, &name) {
            Ok(value) => variable_number(ffi, value),
            Err(_) => chars(ffi, text.as_bytes()),
        },
        Ok(Literal::Braces(_) | Literal::Brackets(_)) => {
            Err("'...' does not say what an array or a struct consists of".into())
        }
        // What begins as something else and is not right is a mistake; all else is text without its quotes.
        Err(error) if text.starts_with(['"', '\'', '{', '[', '(']) => Err(error),
        Err(_) => chars(ffi, text.as_bytes()),
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
        (_, Some(_)) => Err(format!(
            "the declarations leave the value of '{name}' to a C compiler, which would have to give it"
        )),
        ("true", _) => Ok(true.into()),
        ("false", _) => Ok(false.into()),
        _ => Err(format!(
            "'{name}' is no constant of the declarations; text needs quotes here"
        )),
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
