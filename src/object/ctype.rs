//! What a type says of itself.

use crate::Error;
use crate::ctype::{CType, Convention, Enumerator, FunctionType, RecordKind, TypeId, TypeTable};
use crate::error::ErrorClass;
use crate::layout::layout_of;
use crate::shape::{Form, Shape, Slots};

/// What kind of type something is, in cffi's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A predefined type.
    Primitive,
    /// An enumeration.
    Enum,
    /// A pointer to anything but a function.
    Pointer,
    /// An array.
    Array,
    /// A structure.
    Struct,
    /// A union.
    Union,
    /// A pointer to a function; there are no others.
    Function,
    /// `void`.
    Void,
    /// A SIMD vector, which cffi does not have.
    Vector,
    /// A type that only a C compiler could complete.
    Unknown,
}

impl Kind {
    /// The kind of a type.
    pub fn of(types: &TypeTable, shape: &Shape) -> Kind {
        match shape.form {
            Form::Pointer(_) => Kind::Pointer,
            Form::FunctionPointer(_) | Form::Function(_) => Kind::Function,
            Form::Array { .. } => Kind::Array,
            Form::Record(id) => match types.record(id).kind {
                RecordKind::Struct => Kind::Struct,
                RecordKind::Union => Kind::Union,
            },
            Form::Void => Kind::Void,
            Form::Vector { .. } => Kind::Vector,
            Form::OpaqueEnum(_) => Kind::Enum,
            Form::Deferred => Kind::Unknown,
            _ if matches!(types.get(shape.ty), CType::Enum(_)) => Kind::Enum,
            _ => Kind::Primitive,
        }
    }

    /// Its name: `primitive`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Primitive => "primitive",
            Kind::Enum => "enum",
            Kind::Pointer => "pointer",
            Kind::Array => "array",
            Kind::Struct => "struct",
            Kind::Union => "union",
            Kind::Function => "function",
            Kind::Void => "void",
            Kind::Vector => "vector",
            Kind::Unknown => "?",
        }
    }
}

/// The members of a record type, in order, those of anonymous members in their place; `None` while it is incomplete.
///
/// # Errors
///
/// If it is no record.
pub fn fields<'t>(types: &'t TypeTable, shape: &Shape) -> Result<Option<&'t Slots>, Error> {
    match shape.form {
        Form::Record(id) => Ok(types.slots(id)),
        _ => Err(no_attribute("fields")),
    }
}

/// The constants of an enumeration type, in order.
///
/// # Errors
///
/// If it is no enumeration.
pub fn elements<'t>(types: &'t TypeTable, shape: &Shape) -> Result<&'t [Enumerator], Error> {
    match types.get(shape.ty) {
        CType::Enum(id) => Ok(types
            .enumeration(id)
            .body()
            .map_or(&[], |body| &body.enumerators)),
        _ => Err(no_attribute("elements")),
    }
}

impl Shape {
    /// What a pointer points to or an array consists of.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn item_type(&self) -> Result<TypeId, Error> {
        self.item().ok_or_else(|| no_attribute("item"))
    }

    /// The length of an array type; `None` of a `T[]`.
    ///
    /// # Errors
    ///
    /// If it is no array.
    pub fn array_length(&self) -> Result<Option<u64>, Error> {
        match self.form {
            Form::Array { length, .. } => Ok(length),
            _ => Err(no_attribute("length")),
        }
    }

    /// Result, parameters and convention of a function type. `attribute` is what is asked for.
    ///
    /// # Errors
    ///
    /// If it is no function type: there is no such attribute.
    pub fn function<'t>(
        &self,
        types: &'t TypeTable,
        attribute: &'static str,
    ) -> Result<&'t FunctionType, Error> {
        match self.form {
            Form::FunctionPointer(id) | Form::Function(id) => Ok(types.function(id)),
            _ => Err(no_attribute(attribute)),
        }
    }

    /// The number that cffi has for a calling convention: libffi's.
    ///
    /// # Errors
    ///
    /// If it is no function type.
    pub fn abi(&self, types: &TypeTable) -> Result<u32, Error> {
        let function = self.function(types, "abi")?;
        Ok(match (function.convention, types.model().pointer_size) {
            (Convention::Stdcall, 4) => 2,
            (Convention::Default, 4) => 1,
            _ if types.model().is_windows() => 1,
            _ => 2,
        })
    }

    /// `sizeof`, in bytes.
    ///
    /// # Errors
    ///
    /// If it is not known.
    pub fn known_size(&self, types: &TypeTable) -> Result<u64, Error> {
        self.size(types).ok_or_else(|| {
            let name = types.spelling(self.ty);
            let message = format!("ctype '{name}' is of unknown size");
            Error::refused(ErrorClass::Value, message)
        })
    }

    /// `_Alignof`, in bytes.
    ///
    /// # Errors
    ///
    /// If it is not known.
    pub fn align(&self, types: &TypeTable) -> Result<u64, Error> {
        // Of an array without a length too.
        let mut ty = self.ty;
        while let Form::Array { item, length: None } = Shape::of(types, ty).form {
            ty = item;
        }
        match layout_of(types, ty) {
            Ok(layout) => Ok(layout.align),
            Err(_) => {
                let name = types.spelling(self.ty);
                let message = format!("ctype '{name}' is of unknown alignment");
                Err(Error::refused(ErrorClass::Value, message))
            }
        }
    }
}

impl TypeTable {
    /// Checks that there is a type of this id.
    pub(crate) fn check(&self, id: TypeId) -> Result<(), Error> {
        match self.has(id) {
            true => Ok(()),
            false => {
                let message = "this TypeId is of another Ffi";
                Err(Error::refused(ErrorClass::Type, message))
            }
        }
    }
}

fn no_attribute(attribute: &'static str) -> Error {
    Error::refused(ErrorClass::Attribute, attribute)
}
