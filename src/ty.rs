//! Types as objects.

use std::fmt;
use std::sync::Arc;

use crate::Error;
use crate::ctype::{Bits, Convention, FunctionType, TypeId, TypeTable};
use crate::object::{Kind, elements, fields};
use crate::shape::Shape;

/// A C type, which says everything about itself. Two are equal if they are the same type.
///
/// ```
/// use farcall::Ffi;
/// use farcall::object::Kind;
///
/// let ffi = Ffi::new();
/// ffi.cdef("struct flags { unsigned a : 3; int b; };")?;
/// let ty = ffi.ctype("struct flags")?;
/// assert_eq!((ty.kind(), ty.cname()), (Kind::Struct, "struct flags".into()));
/// let fields = ty.fields()?.unwrap();
/// assert_eq!(fields[0].bits.map(|bits| bits.width), Some(3));
/// assert_eq!((fields[1].name.as_str(), fields[1].offset), ("b", 4));
/// assert_eq!(ffi.ctype("int(*)(char *, ...)")?.args()?, [ffi.ctype("char *")?]);
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone)]
pub struct Type {
    types: Arc<TypeTable>,
    shape: Shape,
}

/// A member of a record type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// In bytes, from the start of the record.
    pub offset: u64,
    /// Where a bit-field lies from there.
    pub bits: Option<Bits>,
    /// Whether an initialiser in order has no value for it, as for all members of a union but the first.
    pub by_name_only: bool,
}

impl Type {
    /// A function itself stands for the pointer to it.
    pub(crate) fn new(types: Arc<TypeTable>, ty: TypeId) -> Type {
        let mut shape = Shape::of(&types, ty);
        if let crate::shape::Form::Function(_) = shape.form {
            shape = types.pointer_shape(ty);
        }
        Type { types, shape }
    }

    fn other(&self, ty: TypeId) -> Type {
        Type::new(Arc::clone(&self.types), ty)
    }

    /// The type in its table.
    pub fn id(&self) -> TypeId {
        self.shape.ty
    }

    /// What kind of type it is.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.types, &self.shape)
    }

    /// Its name in C.
    pub fn cname(&self) -> String {
        self.types.spelling(self.shape.ty)
    }

    /// What a pointer points to or an array consists of.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is neither, as in all the methods below for other kinds of types.
    pub fn item(&self) -> Result<Type, Error> {
        self.shape.item_type().map(|item| self.other(item))
    }

    /// The length of an array; `None` for `T[]`.
    ///
    /// # Errors
    ///
    /// If it is no array.
    pub fn length(&self) -> Result<Option<u64>, Error> {
        self.shape.array_length()
    }

    /// The members of a record in order, those of anonymous members in their place; `None` if it is incomplete.
    ///
    /// # Errors
    ///
    /// If it is no record.
    pub fn fields(&self) -> Result<Option<Vec<TypeField>>, Error> {
        let slots = fields(&self.types, &self.shape)?;
        Ok(slots.map(|slots| {
            slots
                .iter()
                .map(|slot| TypeField {
                    name: slot.name.to_string(),
                    ty: self.other(slot.shape.ty),
                    offset: slot.member.offset,
                    bits: slot.member.bits,
                    by_name_only: !slot.positional,
                })
                .collect()
        }))
    }

    /// The types of a function's parameters.
    ///
    /// # Errors
    ///
    /// If it is no function.
    pub fn args(&self) -> Result<Vec<Type>, Error> {
        let params = &self.function("args")?.params;
        Ok(params.iter().map(|&param| self.other(param)).collect())
    }

    /// The type of a function's result.
    ///
    /// # Errors
    ///
    /// If it is no function.
    pub fn result(&self) -> Result<Type, Error> {
        Ok(self.other(self.function("result")?.result))
    }

    /// Whether a function takes more arguments than it declares.
    ///
    /// # Errors
    ///
    /// If it is no function.
    pub fn ellipsis(&self) -> Result<bool, Error> {
        Ok(self.function("ellipsis")?.variadic)
    }

    /// How a function is called.
    ///
    /// # Errors
    ///
    /// If it is no function.
    pub fn abi(&self) -> Result<Convention, Error> {
        Ok(self.function("abi")?.convention)
    }

    /// Values and names of an enumeration's constants, in order.
    ///
    /// # Errors
    ///
    /// If it is no enumeration.
    pub fn elements(&self) -> Result<Vec<(i128, String)>, Error> {
        let constants = elements(&self.types, &self.shape)?;
        Ok(constants
            .iter()
            .map(|constant| (constant.value, constant.name.to_string()))
            .collect())
    }

    /// Names and values of an enumeration's constants, in order.
    ///
    /// # Errors
    ///
    /// If it is no enumeration.
    pub fn relements(&self) -> Result<Vec<(String, i128)>, Error> {
        let constants = elements(&self.types, &self.shape)
            .map_err(|_| Error::refused(crate::ErrorClass::Attribute, "relements"))?;
        Ok(constants
            .iter()
            .map(|constant| (constant.name.to_string(), constant.value))
            .collect())
    }

    /// `sizeof`, in bytes, if it is known.
    pub fn size(&self) -> Option<u64> {
        self.shape.size(&self.types)
    }

    fn function(&self, attribute: &'static str) -> Result<&FunctionType, Error> {
        self.shape.function(&self.types, attribute)
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        Arc::ptr_eq(&self.types, &other.types) && self.types.same(self.shape.ty, other.shape.ty)
    }
}

impl Eq for Type {}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<ctype '{}'>", self.cname())
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cname())
    }
}
