//! The comparison of a Rust type with a C type.

use super::CFunction;
use super::repr::{FunctionRepr, Repr};
use crate::Error;
use crate::ctype::{
    CType, Convention, FunctionType, PrimitiveKind, RecordId, RecordKind, TypeId, TypeTable,
};
use crate::layout::layout_of;

/// How deep pointers are followed: types may point to themselves.
const DEPTH: u32 = 8;

/// Compares `F` with the function type `ty`.
pub(crate) fn check<F: CFunction>(types: &TypeTable, name: &str, ty: TypeId) -> Result<(), Error> {
    let CType::Function(id) = types.get(ty) else {
        unreachable!("declared as a function")
    };
    let function = types.function(id);
    let rust = F::function_repr();
    let differs = |position: String, rust: String, c: String| {
        Err(Error::TypedFunction {
            function: name.into(),
            declared: types.declaration(ty, name),
            position,
            rust,
            c,
        })
    };
    if function.variadic {
        return differs(
            "the parameter list".into(),
            "fixed".into(),
            "variadic: use Library::call".into(),
        );
    }
    if function.convention != Convention::Default {
        return differs(
            "the calling convention".into(),
            "extern \"C\"".into(),
            function.convention.keyword().into(),
        );
    }
    if rust.params.len() != function.params.len() {
        let count = |n: usize| format!("{n} parameter{}", if n == 1 { "" } else { "s" });
        return differs(
            "the parameter list".into(),
            count(rust.params.len()),
            count(function.params.len()),
        );
    }
    for (index, (repr, &param)) in rust.params.iter().zip(&function.params).enumerate() {
        if !same(types, param, repr, DEPTH) {
            return differs(
                format!("parameter {}", index + 1),
                repr.to_string(),
                spelling(types, param),
            );
        }
    }
    if !same(types, function.result, &rust.result, DEPTH) {
        return differs(
            "the result".into(),
            rust.result.to_string(),
            spelling(types, function.result),
        );
    }
    Ok(())
}

fn spelling(types: &TypeTable, ty: TypeId) -> String {
    let size = layout_of(types, ty).map_or_else(
        |_| String::new(),
        |layout| format!(" of {} bytes", layout.size),
    );
    format!("'{}'{size}", types.spelling(ty))
}

fn same(types: &TypeTable, ty: TypeId, repr: &Repr, depth: u32) -> bool {
    let ty = types.plain(ty);
    match (types.get(ty), repr) {
        (CType::Void, Repr::Void) => true,
        (CType::Primitive(primitive), _) => {
            let size = primitive.layout(types.model()).size;
            match (primitive.kind(), repr) {
                (PrimitiveKind::Bool, Repr::Bool) => true,
                // The signedness of `char` is the target's choice, and means nothing for text.
                (PrimitiveKind::Char, Repr::Int { size: 1, .. }) => true,
                (PrimitiveKind::Float, Repr::Float { size: rust }) => size == *rust,
                (
                    PrimitiveKind::Signed | PrimitiveKind::Unsigned | PrimitiveKind::WideChar,
                    Repr::Int { .. },
                ) => is_int(repr, size, primitive.is_signed(types.model())),
                _ => false,
            }
        }
        (CType::Enum(id), Repr::Int { .. }) => types.enumeration(id).body().is_some_and(|body| {
            let size = body.underlying.layout(types.model()).size;
            // C's `enum` is `unsigned int` without negative constants; `c_int` is what people write for it.
            is_int(repr, size, true) || is_int(repr, size, false)
        }),
        (CType::Pointer(target), Repr::Pointer(rust)) => {
            depth == 0 || same_target(types, target, &rust(), depth - 1)
        }
        (CType::Pointer(target), Repr::Function(rust)) => match types.get(types.plain(target)) {
            CType::Function(id) => {
                depth == 0 || same_function(types, types.function(id), &rust(), depth - 1)
            }
            _ => false,
        },
        (CType::Array { element, length }, Repr::Array(rust, count)) => {
            length == Some(*count) && same(types, element, &rust(), depth)
        }
        (CType::Record(id), Repr::Struct { .. }) => same_record(types, id, repr, depth),
        _ => false,
    }
}

/// `void *` and pointers to types that only C knows go with every Rust pointer.
fn same_target(types: &TypeTable, target: TypeId, repr: &Repr, depth: u32) -> bool {
    let target = types.plain(target);
    match (types.get(target), repr) {
        (CType::Void, _) | (_, Repr::Void) => true,
        (CType::Record(id), _) if types.record(id).body().is_none() => true,
        _ => same(types, target, repr, depth),
    }
}

fn same_function(
    types: &TypeTable,
    function: &FunctionType,
    rust: &FunctionRepr,
    depth: u32,
) -> bool {
    !function.variadic
        && function.convention == Convention::Default
        && function.params.len() == rust.params.len()
        && function
            .params
            .iter()
            .zip(&rust.params)
            .all(|(&ty, repr)| same(types, ty, repr, depth))
        && same(types, function.result, &rust.result, depth)
}

fn same_record(types: &TypeTable, id: RecordId, repr: &Repr, depth: u32) -> bool {
    let Repr::Struct {
        size,
        align,
        fields,
        ..
    } = repr
    else {
        return false;
    };
    let record = types.record(id);
    let Some(body) = record.body() else {
        return false;
    };
    record.kind == RecordKind::Struct
        && (body.size, body.align) == (*size, *align)
        && body.fields.len() == fields.len()
        && body
            .fields
            .iter()
            .zip(fields)
            .all(|(field, (name, offset, repr))| {
                // Names may differ, for `type` is none in Rust; but a name that C has stands for the same member.
                let elsewhere = field.name.as_deref() != Some(*name) && body.member(name).is_some();
                !elsewhere
                    && field.bits.is_none()
                    && field.offset == *offset
                    && same(types, field.ty, repr, depth)
            })
}

fn is_int(repr: &Repr, c_size: u64, c_signed: bool) -> bool {
    matches!(repr, Repr::Int { size, signed } if (*size, *signed) == (c_size, c_signed))
}
