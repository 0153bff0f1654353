//! The default argument promotions (C11 6.5.2.2 §6).

use crate::ctype::{CType, Primitive, TypeId, TypeTable};

/// The type that an argument of type `ty` has after `...`.
pub fn promoted(types: &TypeTable, ty: TypeId) -> TypeId {
    let ty = types.plain(ty);
    match types.get(ty) {
        CType::Array { element, .. } => types.pointer(element),
        CType::Function(_) => types.pointer(ty),
        // `_Float32` and `_Float16` are types of their own, which gcc passes as they are.
        CType::Primitive(Primitive::Float | Primitive::Fp16) => types.primitive(Primitive::Double),
        CType::Primitive(primitive) if primitive.is_integer() => {
            promoted_integer(types, ty, primitive)
        }
        CType::Enum(id) => match types.enumeration(id).body() {
            Some(body) => promoted_integer(types, ty, body.underlying),
            None => ty,
        },
        _ => ty,
    }
}

/// What is narrower than `int` becomes one, for `int` holds all its values.
fn promoted_integer(types: &TypeTable, ty: TypeId, primitive: Primitive) -> TypeId {
    let size = primitive.layout(types.model()).size;
    if size < 4 {
        types.primitive(Primitive::Int)
    } else {
        ty
    }
}
