//! C types to machine types: what remains of a function type when only its calls matter.

use std::sync::Arc;

use farcall_jit as jit;

use crate::Error;
use crate::ctype::{
    CType, Convention, FunctionType, Passing, Primitive, PrimitiveKind, RecordId, RecordKind,
    TypeId, TypeTable,
};
use crate::layout::{LongDoubleFormat, layout_of};

/// The machine signature of a call with the given variable arguments (none unless the function is variadic).
///
/// # Errors
///
/// [`Error::Layout`] where a type by value is incomplete, [`Error::Convention`].
pub fn signature(
    types: &TypeTable,
    name: &str,
    function: &FunctionType,
    variable: &[TypeId],
) -> Result<jit::Signature, Error> {
    if !matches!(
        function.convention,
        Convention::Default | Convention::SysvAbi
    ) {
        return Err(Error::Convention {
            function: name.into(),
            convention: function.convention.keyword(),
        });
    }
    let params = function.params.iter().chain(variable).enumerate();
    let params = params
        .map(|(i, &ty)| {
            machine_type(types, ty)
                .map_err(|e| e.within(|| format!("argument {} of '{name}'", i + 1)))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let result = match types.get(types.plain(function.result)) {
        CType::Void => None,
        _ => Some(
            machine_type(types, function.result)
                .map_err(|e| e.within(|| format!("result of '{name}'")))?,
        ),
    };
    let signature = jit::Signature::new(params, result);
    Ok(if function.variadic {
        signature.variadic(function.params.len() as u16)
    } else {
        signature
    })
}

/// The machine type of a C type by value.
///
/// # Errors
///
/// [`Error::Layout`] if its size is not known.
pub fn machine_type(types: &TypeTable, ty: TypeId) -> Result<jit::Type, Error> {
    let layout = layout_of(types, ty)?;
    Ok(match types.get(types.plain(ty)) {
        CType::Primitive(primitive) => primitive_type(types, primitive),
        CType::Pointer(_) => integer(layout.size, false).into(),
        CType::Enum(id) => {
            let body = types.enumeration(id).body();
            let signed = body.is_some_and(|body| body.underlying.is_signed(types.model()));
            integer(layout.size, signed).into()
        }
        CType::Array { element, length } => {
            jit::Type::array(machine_type(types, element)?, length.unwrap_or(0))
        }
        CType::Vector { element, .. } => {
            let float = matches!(types.get(element), CType::Primitive(p) if p.kind() == PrimitiveKind::Float);
            jit::Vector {
                size: layout.size.try_into().unwrap_or(u8::MAX),
                float,
            }
            .into()
        }
        CType::Record(id) => record(types, id)?,
        CType::Void | CType::Function(_) | CType::Aligned { .. } | CType::Deferred(_) => {
            unreachable!("these have no layout, or were taken off")
        }
    })
}

fn record(types: &TypeTable, id: RecordId) -> Result<jit::Type, Error> {
    let record = types.record(id);
    let body = record.body().expect("a record with a layout has a body");
    if let (Passing::AsFirstMember, Some(first)) = (body.passing, body.fields.first()) {
        return machine_type(types, first.ty);
    }
    let fields = body
        .fields
        .iter()
        // A flexible array member takes no part in passing.
        .filter(|field| !matches!(types.get(field.ty), CType::Array { length: None, .. }))
        .map(|field| {
            let ty = machine_type(types, field.ty)?;
            Ok(match field.bits {
                None => jit::Field::new(field.offset, ty),
                Some(bits) => {
                    let bits = jit::Bits {
                        shift: bits.shift,
                        width: bits.width,
                        named: field.name.is_some(),
                    };
                    jit::Field::bits(field.offset, ty, bits)
                }
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(jit::Type::Record(Arc::new(jit::Record {
        size: body.size,
        align: body.align,
        natural_align: body.natural_align,
        union: record.kind == RecordKind::Union,
        fields,
    })))
}

fn primitive_type(types: &TypeTable, primitive: Primitive) -> jit::Type {
    let size = primitive.layout(types.model()).size;
    match primitive.kind() {
        PrimitiveKind::Float => float(types, primitive, size).into(),
        PrimitiveKind::Complex => jit::Type::Complex(float(types, primitive, size / 2)),
        _ => integer(size, primitive.is_signed(types.model())).into(),
    }
}

/// The formats of `long double` and its aliases are the target's; all others follow from the size.
fn float(types: &TypeTable, primitive: Primitive, size: u64) -> jit::Float {
    let component = primitive.component().unwrap_or(primitive);
    match (component, types.model().long_double.format) {
        (Primitive::LongDouble | Primitive::Float64x, LongDoubleFormat::X87) => match size {
            12 => jit::Float::F80In12,
            _ => jit::Float::F80,
        },
        _ => match size {
            2 => jit::Float::F16,
            4 => jit::Float::F32,
            8 => jit::Float::F64,
            _ => jit::Float::F128,
        },
    }
}

fn integer(size: u64, signed: bool) -> jit::Int {
    match (size, signed) {
        (1, true) => jit::Int::I8,
        (1, false) => jit::Int::U8,
        (2, true) => jit::Int::I16,
        (2, false) => jit::Int::U16,
        (4, true) => jit::Int::I32,
        (4, false) => jit::Int::U32,
        (8, true) => jit::Int::I64,
        (8, false) => jit::Int::U64,
        (_, true) => jit::Int::I128,
        (_, false) => jit::Int::U128,
    }
}
