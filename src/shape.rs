//! What matters about a type when values of it are read and written: resolved once, so that a conversion is one `match`.

use crate::ctype::{
    CType, EnumId, FunctionId, Primitive, PrimitiveKind, RecordId, TypeId, TypeTable,
};
use crate::layout::{LongDoubleFormat, layout_of};

mod slots;

pub use slots::{Slot, Slots};

/// A type as conversions see it. Hosts keep it beside their own objects for types.
///
/// ```
/// use farcall::Ffi;
/// use farcall::shape::{Form, Shape, Width};
///
/// let ffi = Ffi::new();
/// let shape = Shape::of(ffi.types(), ffi.type_of("uint16_t")?);
/// assert_eq!(shape.form, Form::Integer(Width::U16));
/// assert_eq!(shape.size(ffi.types()), Some(2));
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The type, without an alignment of its own.
    pub ty: TypeId,
    /// What its values are.
    pub form: Form,
    /// In bytes; [`UNKNOWN`] if there was none when the type was looked at.
    size: u64,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Shape>() == 40);

/// No size.
const UNKNOWN: u64 = u64::MAX;

/// What the values of a type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `_Bool`.
    Bool,
    /// An integer, or an enumeration.
    Integer(Width),
    /// `char`: one byte of text.
    Char,
    /// `char16_t` and the like: a unit of two bytes.
    Char16,
    /// `char32_t` and the like: a unit of four bytes.
    Char32 {
        /// Whether it is a signed number in arithmetic.
        signed: bool,
    },
    /// IEEE binary32.
    Float,
    /// IEEE binary64.
    Double,
    /// A floating-point number that Rust has no type for.
    WideFloat(Format),
    /// Two binary32s.
    FloatComplex,
    /// Two binary64s.
    DoubleComplex,
    /// Two numbers that Rust has no type for.
    WideComplex(Format),
    /// A pointer to anything but a function.
    Pointer(TypeId),
    /// A pointer to a function.
    FunctionPointer(FunctionId),
    /// An array.
    Array {
        /// Type of an item.
        item: TypeId,
        /// Number of items; none for `T[]`.
        length: Option<u64>,
    },
    /// A structure or union, perhaps only declared.
    Record(RecordId),
    /// A SIMD vector.
    Vector {
        /// Type of a lane.
        lane: TypeId,
        /// Number of lanes.
        lanes: u32,
    },
    /// `void`.
    Void,
    /// A function itself.
    Function(FunctionId),
    /// An enumeration that is only declared.
    OpaqueEnum(EnumId),
    /// A type that `...` left to a C compiler.
    Deferred,
}

/// Width and sign of an integer type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of Rust's own integers")]
pub enum Width {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    I128,
    U128,
}

impl Width {
    /// The width of so many bytes.
    pub const fn of_size(size: u64, signed: bool) -> Width {
        match (size, signed) {
            (1, true) => Width::I8,
            (1, false) => Width::U8,
            (2, true) => Width::I16,
            (2, false) => Width::U16,
            (4, true) => Width::I32,
            (4, false) => Width::U32,
            (8, true) => Width::I64,
            (8, false) => Width::U64,
            (_, true) => Width::I128,
            (_, false) => Width::U128,
        }
    }

    /// Bytes that a value takes.
    pub const fn size(self) -> u64 {
        match self {
            Width::I8 | Width::U8 => 1,
            Width::I16 | Width::U16 => 2,
            Width::I32 | Width::U32 => 4,
            Width::I64 | Width::U64 => 8,
            Width::I128 | Width::U128 => 16,
        }
    }

    /// Whether negative values exist.
    pub const fn is_signed(self) -> bool {
        matches!(
            self,
            Width::I8 | Width::I16 | Width::I32 | Width::I64 | Width::I128
        )
    }
}

/// A floating-point format without a Rust type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// IEEE binary16.
    Half,
    /// The x87 80-bit format (Intel manual, volume 1, section 4.2.2), in 16 or 12 bytes.
    X87,
    /// IEEE binary128.
    Quad,
}

impl Shape {
    /// Looks at a type.
    pub fn of(types: &TypeTable, ty: TypeId) -> Shape {
        let ty = types.plain(ty);
        let form = match types.get(ty) {
            CType::Void => Form::Void,
            CType::Primitive(primitive) => primitive_form(types, primitive),
            CType::Pointer(target) => match types.get(types.plain(target)) {
                CType::Function(id) => Form::FunctionPointer(id),
                _ => Form::Pointer(target),
            },
            CType::Array { element, length } => Form::Array {
                item: element,
                length,
            },
            CType::Function(id) => Form::Function(id),
            CType::Record(id) => Form::Record(id),
            CType::Enum(id) => match types.enumeration(id).body() {
                Some(body) => primitive_form(types, body.underlying),
                None => Form::OpaqueEnum(id),
            },
            CType::Vector { element, lanes } => Form::Vector {
                lane: element,
                lanes,
            },
            CType::Aligned { .. } | CType::Deferred(_) => Form::Deferred,
        };
        let size = match form {
            Form::Void | Form::Function(_) | Form::OpaqueEnum(_) | Form::Deferred => UNKNOWN,
            Form::Pointer(_) | Form::FunctionPointer(_) => types.model().pointer_size,
            _ => layout_of(types, ty).map_or(UNKNOWN, |layout| layout.size),
        };
        Shape { ty, form, size }
    }

    /// `sizeof`, if it is known by now: a record may have been completed since the type was looked at.
    #[inline]
    pub fn size(&self, types: &TypeTable) -> Option<u64> {
        match self.size {
            UNKNOWN => layout_of(types, self.ty).ok().map(|layout| layout.size),
            size => Some(size),
        }
    }

    /// What a pointer points to or an array consists of.
    #[inline]
    pub fn item(&self) -> Option<TypeId> {
        match self.form {
            Form::Pointer(item) | Form::Array { item, .. } => Some(item),
            _ => None,
        }
    }

    /// Whether it is one of the predefined types or an enumeration, what cffi calls a primitive.
    pub fn is_number(&self) -> bool {
        !matches!(
            self.form,
            Form::Pointer(_)
                | Form::FunctionPointer(_)
                | Form::Array { .. }
                | Form::Record(_)
                | Form::Vector { .. }
                | Form::Void
                | Form::Function(_)
                | Form::OpaqueEnum(_)
                | Form::Deferred
        )
    }

    /// Whether it is an integer to C that is no character: enumerations and `_Bool` are.
    pub fn is_integer(&self) -> bool {
        matches!(self.form, Form::Bool | Form::Integer(_))
    }

    /// Whether it is one of the character types.
    pub fn is_character(&self) -> bool {
        matches!(self.form, Form::Char | Form::Char16 | Form::Char32 { .. })
    }

    /// Whether it is a real floating-point number.
    pub fn is_real(&self) -> bool {
        matches!(self.form, Form::Float | Form::Double | Form::WideFloat(_))
    }

    /// Whether it is a complex number.
    pub fn is_complex(&self) -> bool {
        matches!(
            self.form,
            Form::FloatComplex | Form::DoubleComplex | Form::WideComplex(_)
        )
    }

    /// Whether it is a floating-point number whose values the host has no numbers for and that stay cdata.
    pub fn stays_cdata(&self) -> bool {
        matches!(
            self.form,
            Form::WideFloat(Format::X87 | Format::Quad) | Form::WideComplex(_)
        )
    }

    /// The enumeration that it is.
    pub fn enumeration(&self, types: &TypeTable) -> Option<EnumId> {
        match types.get(self.ty) {
            CType::Enum(id) => Some(id),
            _ => None,
        }
    }
}

fn primitive_form(types: &TypeTable, primitive: Primitive) -> Form {
    let model = types.model();
    let size = primitive.layout(model).size;
    match primitive.kind() {
        PrimitiveKind::Bool => Form::Bool,
        PrimitiveKind::Char => Form::Char,
        PrimitiveKind::WideChar if size == 2 => Form::Char16,
        PrimitiveKind::WideChar => Form::Char32 {
            signed: primitive.is_signed(model),
        },
        PrimitiveKind::Signed | PrimitiveKind::Unsigned => {
            Form::Integer(Width::of_size(size, primitive.is_signed(model)))
        }
        PrimitiveKind::Float => match (wide_format(types, primitive), size) {
            (Some(format), _) => Form::WideFloat(format),
            (None, 4) => Form::Float,
            (None, _) => Form::Double,
        },
        PrimitiveKind::Complex => match (wide_format(types, primitive), size) {
            (Some(format), _) => Form::WideComplex(format),
            (None, 8) => Form::FloatComplex,
            (None, _) => Form::DoubleComplex,
        },
    }
}

fn wide_format(types: &TypeTable, primitive: Primitive) -> Option<Format> {
    match primitive.component().unwrap_or(primitive) {
        Primitive::Float16 | Primitive::Fp16 => Some(Format::Half),
        Primitive::Float128 => Some(Format::Quad),
        Primitive::LongDouble | Primitive::Float64x => match types.model().long_double.format {
            LongDoubleFormat::X87 => Some(Format::X87),
            LongDoubleFormat::Binary128 => Some(Format::Quad),
            LongDoubleFormat::Binary64 => None,
        },
        _ => None,
    }
}
