//! The entry: declarations, and what can be done with their types.

#![allow(unsafe_code)]

mod builder;
mod memory;
mod names;
mod once;
mod open;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use farcall_jit::{Engine, Stats};

use crate::callback::Externs;
use crate::cdata::CData;
use crate::cdef::{CdefOptions, Declarations};
use crate::convert::{plan_new, store};
use crate::ctype::{TypeId, TypeTable};
use crate::host::Dynamic;
use crate::layout::layout_of;
use crate::lower::Lowering;
use crate::shape::Shape;
use crate::{Error, Value};

pub use builder::Builder;
pub use memory::Allocator;
pub use names::TypeNames;
use once::Once;

/// C declarations, and the engine that calls what they declare. Clones share both.
///
/// ```
/// use farcall::Ffi;
///
/// let ffi = Ffi::new();
/// ffi.cdef("typedef struct { int num; double dnum; } DataPoint;")?;
/// assert_eq!(ffi.size_of("DataPoint[4]")?, 64);
/// let point = ffi.alloc("DataPoint *", (2, 2.5))?;
/// assert_eq!(f64::try_from(point.field("dnum")?)?, 2.5);
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone)]
pub struct Ffi {
    inner: Arc<Inner>,
}

struct Inner {
    types: Arc<TypeTable>,
    declarations: RwLock<Arc<Declarations>>,
    lowering: Arc<Lowering>,
    engine: Engine,
    externs: Externs,
    once: Once,
    checked: bool,
}

impl Drop for Inner {
    /// What nobody looks at any more gives its types back.
    fn drop(&mut self) {
        let declarations = self.declarations.get_mut();
        let declarations = declarations.unwrap_or_else(PoisonError::into_inner);
        if let Some(declarations) = Arc::get_mut(declarations) {
            declarations.retire();
        }
    }
}

impl Ffi {
    /// Nothing declared yet but the standard type names. The engine, with its stubs, is the process's shared one.
    pub fn new() -> Ffi {
        Ffi::builder().build()
    }

    /// As [`Ffi::new`], with options.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// As [`Ffi::new`], with an engine of the caller's choice.
    pub fn with_engine(engine: Engine) -> Ffi {
        Ffi::builder().engine(engine).build()
    }

    fn with_types(
        types: Arc<TypeTable>,
        lowering: Arc<Lowering>,
        engine: Engine,
        checked: bool,
    ) -> Ffi {
        let declarations = RwLock::new(Arc::new(Declarations::new(Arc::clone(&types))));
        Ffi {
            inner: Arc::new(Inner {
                types,
                declarations,
                lowering,
                engine,
                externs: Externs::default(),
                once: Once::default(),
                checked,
            }),
        }
    }

    /// Another `Ffi`, with nothing declared, whose types live in the same table as this one's: the two may
    /// [include](Ffi::include) each other, and a value of one is a value of the other. The table lasts as long as any of
    /// them; a program whose `Ffi`s may all include each other makes each a sibling of one. When one of them goes, its types wait in
    /// the table for another that reads the same text.
    pub fn sibling(&self) -> Ffi {
        let Inner {
            types,
            lowering,
            engine,
            checked,
            ..
        } = &*self.inner;
        Ffi::with_types(
            Arc::clone(types),
            Arc::clone(lowering),
            engine.clone(),
            *checked,
        )
    }

    /// Adds what another `Ffi` has declared so far, as C's `#include` would: typedefs, structs, unions, enumerations and
    /// constants. They are the same types here as there. As in cffi, functions and variables stay with the libraries of the
    /// other `Ffi`.
    ///
    /// ```
    /// # use farcall::Ffi;
    /// let base = Ffi::new();
    /// base.cdef("typedef struct { int x, y; } point;")?;
    /// let ffi = base.sibling();
    /// ffi.include(&base)?;
    /// ffi.cdef("struct line { point from, to; };")?;
    /// assert_eq!(ffi.size_of("struct line")?, 16);
    /// assert_eq!(ffi.type_of("point *")?, base.type_of("point *")?);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Include`] if the other is no [sibling](Ffi::sibling), or a name means something else here. Then nothing is
    /// added.
    pub fn include(&self, other: &Ffi) -> Result<(), Error> {
        let other = other.declarations();
        self.change(|declarations| declarations.include(&other).map_err(Error::Include))
    }

    /// Adds declarations. Of preprocessor lines, `#define NAME value`, `#undef`, `#pragma pack` and line markers count;
    /// `#include <...>`, which manual pages begin with, is passed over: what it would declare is an unknown name where it is used.
    ///
    /// A macro may be one constant expression, cffi's `...`, or nothing. It is evaluated where it stands, or at the end of the
    /// text if it names what is declared behind it, and that value is its constant. Where its name stands beside an operator
    /// in the same text, its tokens are read there, as C does it: with `#define N 1 + 2`, `N * 2` is 5. Of an earlier text's
    /// macro only the value is known, so that one without parentheses beside an operator is an error.
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`] with everything that is wrong with the text, with line and column. Then nothing of it was
    /// added.
    pub fn cdef(&self, text: &str) -> Result<(), Error> {
        self.cdef_with(text, &CdefOptions::default())
    }

    /// Adds declarations, read as `options` say.
    ///
    /// # Errors
    ///
    /// As [`Ffi::cdef`].
    pub fn cdef_with(&self, text: &str, options: &CdefOptions) -> Result<(), Error> {
        self.change(|declarations| Ok(declarations.parse(text, options)?))
    }

    /// Makes the change in place if nobody reads the declarations; who does goes on to see what there was.
    fn change(
        &self,
        change: impl FnOnce(&mut Declarations) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let declarations = self.inner.declarations.write();
        let mut declarations = declarations.unwrap_or_else(PoisonError::into_inner);
        if let Some(declarations) = Arc::get_mut(&mut declarations) {
            return change(declarations);
        }
        let mut successor = declarations.successor();
        change(&mut successor)?;
        *declarations = Arc::new(successor);
        Ok(())
    }

    /// What has been declared so far. Later declarations are not seen in it.
    pub fn declarations(&self) -> Arc<Declarations> {
        let declarations = self.inner.declarations.read();
        Arc::clone(&declarations.unwrap_or_else(PoisonError::into_inner))
    }

    /// The types as the machine sees them.
    pub fn lowering(&self) -> &Arc<Lowering> {
        &self.inner.lowering
    }

    /// The table of all types.
    pub fn types(&self) -> &Arc<TypeTable> {
        &self.inner.types
    }

    /// The engine that makes the calls.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Whether uses of memory after its release are errors.
    pub(crate) fn is_checked(&self) -> bool {
        self.inner.checked
    }

    pub(crate) fn externs(&self) -> &Externs {
        &self.inner.externs
    }

    /// What the engine has done so far: stubs compiled, signatures found in the cache, calls made through libffi.
    pub fn stats(&self) -> Stats {
        self.inner.engine.stats()
    }

    /// The type that a C type name such as `int(*)(char *, ...)` stands for. Each text is parsed once.
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`].
    pub fn type_of(&self, text: &str) -> Result<TypeId, Error> {
        Ok(self.declarations().type_of(text)?)
    }

    /// `sizeof`, in bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`], and [`Error::Layout`] if the size is not known.
    pub fn size_of(&self, text: &str) -> Result<u64, Error> {
        Ok(layout_of(&*self.inner.types, self.type_of(text)?)?.size)
    }

    /// `_Alignof`, in bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`], and [`Error::Layout`] if the size is not known.
    pub fn align_of(&self, text: &str) -> Result<u64, Error> {
        Ok(layout_of(&*self.inner.types, self.type_of(text)?)?.align)
    }

    /// New memory, zeroed, then initialised. For a pointer type this is memory for one of what it points to, else
    /// for an array. The length of `T[]` follows from the initialiser: a list, a text, or the length itself.
    /// `()` initialises nothing.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// assert_eq!(ffi.alloc("char[]", "hello")?.string()?, b"hello");
    /// assert_eq!(ffi.alloc("int[]", [1, 2, 3])?.len()?, 3);
    /// assert_eq!(ffi.alloc("double[]", 5)?.len()?, 5);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] if the type is neither a pointer nor an array, [`Error::Layout`] if its size is not
    /// known, and those of the conversion.
    pub fn alloc(&self, text: &str, initialiser: impl Into<Value>) -> Result<CData, Error> {
        self.alloc_type(self.type_of(text)?, initialiser)
    }

    /// As [`Ffi::alloc`], for a type that is at hand: a pointer or an array.
    ///
    /// # Errors
    ///
    /// As [`Ffi::alloc`], but for [`Error::Cdef`]; [`Error::Refused`] for an id that no type of this `Ffi` has.
    /// One of another `Ffi` may mean another type here.
    pub fn alloc_type(&self, ty: TypeId, initialiser: impl Into<Value>) -> Result<CData, Error> {
        let types = &self.inner.types;
        types.check(ty)?;
        let value = initialiser.into();
        let host = Dynamic::of(self);
        let plan = plan_new(&host, &Shape::of(types, ty), Some(&value))?;
        let memory = CData::allocate(types, ty, plan.size, plan.align, self.is_checked())?;
        let memory = match plan.length {
            Some(length) => memory.with_length(length),
            None => memory,
        };
        let address = memory.address().expect("memory has an address");
        if plan.initialise {
            // SAFETY: `size` bytes were just allocated for this type.
            unsafe { store(&host, &plan.stored, address.cast(), plan.size, &value) }?;
        }
        Ok(memory)
    }

    /// A number or an address as C's cast makes it: integers wrap, floats are cut off, pointers become numbers and
    /// numbers pointers.
    ///
    /// # Errors
    ///
    /// [`Error::Kind`] if the value is neither, [`Error::Operation`] if the type is not a scalar.
    pub fn cast(&self, text: &str, value: impl Into<Value>) -> Result<CData, Error> {
        self.cast_type(self.type_of(text)?, value)
    }

    /// As [`Ffi::cast`], for a type that is at hand.
    ///
    /// # Errors
    ///
    /// As [`Ffi::cast`], but for [`Error::Cdef`]; [`Error::Refused`] for an id that no type of this `Ffi` has.
    /// One of another `Ffi` may mean another type here.
    pub fn cast_type(&self, ty: TypeId, value: impl Into<Value>) -> Result<CData, Error> {
        let types = &self.inner.types;
        types.check(ty)?;
        let cast = crate::convert::cast(&Dynamic::new(types), &Shape::of(types, ty), &value.into());
        cast?.cdata().cloned()
    }

    /// A number from its literal in C, decimal or hexadecimal, to the full precision of a floating-point type that no
    /// Rust type has, such as `long double`. `None` if the type is no such type or the text no number.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let tenth = ffi.literal("_Float128", "0.1")?.unwrap();
    /// assert!(tenth.to_string().starts_with("0.1000000000000000000000000000000000"));
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`].
    pub fn literal(&self, text: &str, literal: &str) -> Result<Option<CData>, Error> {
        Ok(crate::convert::wide::parse(
            &self.inner.types,
            self.type_of(text)?,
            literal,
        ))
    }

    /// A value as a person reads it, given the C type it was read as: enumeration constants by name, `float`s with
    /// the digits a `float` has, characters as characters.
    pub fn display<'a>(&'a self, ty: TypeId, value: &'a Value) -> impl fmt::Display + 'a {
        crate::cdata::Typed {
            types: &self.inner.types,
            ty,
            value,
        }
    }

    /// The NULL pointer, a `void *`.
    pub fn null(&self) -> CData {
        let types = &self.inner.types;
        CData::at(
            types,
            types.pointer(types.void()),
            std::ptr::null_mut(),
            None,
        )
    }
}

impl Default for Ffi {
    fn default() -> Ffi {
        Ffi::new()
    }
}

impl fmt::Debug for Ffi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ffi")
            .field("declarations", &self.declarations().iter().len())
            .finish()
    }
}
