//! What is declared, and types by their names.

use std::sync::Arc;

use super::Ffi;
use crate::cdef::{Declaration, Tag};
use crate::ctype::RecordKind;
use crate::object::{Step, offset_of};
use crate::{Error, Type};

/// The names of types that are declared, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeNames {
    /// Of typedefs.
    pub typedefs: Vec<String>,
    /// Tags of structures.
    pub structs: Vec<String>,
    /// Tags of unions.
    pub unions: Vec<String>,
}

impl Ffi {
    /// The type that a C type name stands for, as an object that says everything about it. A function type is that of
    /// pointers to it.
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`].
    pub fn ctype(&self, text: &str) -> Result<Type, Error> {
        Ok(Type::new(Arc::clone(self.types()), self.type_of(text)?))
    }

    /// The name of a C type with `extra` where a declared name would stand: a name, `*`, `[5]`.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// assert_eq!(ffi.getctype("char[80]", "a")?, "char a[80]");
    /// assert_eq!(ffi.getctype("int(*)(int)", "*")?, "int(* *)(int)");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`].
    pub fn getctype(&self, text: &str, extra: &str) -> Result<String, Error> {
        Ok(self.types().spelling_with(self.type_of(text)?, extra))
    }

    /// `offsetof`, in bytes, through any number of members and items.
    ///
    /// ```
    /// use farcall::object::Step;
    ///
    /// # let ffi = farcall::Ffi::new();
    /// ffi.cdef("struct line { struct { double x, y; } ends[2]; };")?;
    /// let path = [Step::Member("ends"), Step::Item(1), Step::Member("y")];
    /// assert_eq!(ffi.offset_of("struct line", &path)?, 24);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`], and those of [`offset_of`].
    pub fn offset_of(&self, text: &str, path: &[Step<'_>]) -> Result<i64, Error> {
        offset_of(self.types(), self.type_of(text)?, path).map(|(_, offset)| offset)
    }

    /// The names of all types that were declared here so far; not those that every `Ffi` knows.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// ffi.cdef("typedef int number; struct b; struct a { int x; }; union u { int i; };")?;
    /// let names = ffi.list_types();
    /// assert_eq!((names.typedefs, names.structs), (vec!["number".into()], vec!["a".into(), "b".into()]));
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn list_types(&self) -> TypeNames {
        let declarations = self.declarations();
        let mut names = TypeNames::default();
        for (name, declaration) in declarations.iter() {
            if let Declaration::Typedef(_) = declaration {
                names.typedefs.push(name.into());
            }
        }
        for (name, tag) in declarations.tags() {
            if let Tag::Record(id) = tag {
                match self.types().record(id).kind {
                    RecordKind::Struct => names.structs.push(name.into()),
                    RecordKind::Union => names.unions.push(name.into()),
                }
            }
        }
        names.typedefs.sort();
        names.structs.sort();
        names.unions.sort();
        names
    }
}
