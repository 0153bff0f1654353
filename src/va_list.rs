//! C's `va_list` with C types: variable arguments that a callback reads, or that are handed to a function.

#![allow(unsafe_code)]

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use farcall_jit as jit;
use smallvec::{SmallVec, smallvec};

use crate::cdata::CData;
use crate::convert;
use crate::ctype::{CType, TypeId};
use crate::function::Arguments;
use crate::host::{Dynamic, Host};
use crate::layout::layout_of;
use crate::memory::Extent;
use crate::shape::Shape;
use crate::{Error, Ffi, Value};

/// Variable arguments, taken one after the other: those of a variadic callback ([`Args::va_list`](crate::Args::va_list)),
/// those that C passes as a `va_list` ([`VaList::of`]), or new ones for a function that takes such a list ([`VaList::new`]).
///
/// Taking arguments, and passing the list on, leaves the list alone that it came from: this is a copy, as by `va_copy`.
///
/// ```
/// use farcall::{Ffi, VaList};
///
/// let ffi = Ffi::new();
/// ffi.cdef("int vsnprintf(char *, size_t, const char *, va_list);")?;
/// let log = ffi.callback("int(*)(char *, const char *, ...)", {
///     let ffi = ffi.clone();
///     move |args| {
///         let list = args.va_list()?;
///         // SAFETY: the callers below pass what their formats say, and room for 64 bytes.
///         let lib = unsafe { ffi.process() }?;
///         Ok(unsafe { lib.call("vsnprintf", (args.value(0)?, 64, args.value(1)?, list.cdata()?)) }?)
///     }
/// })?;
/// let pointer = log.cdata();
/// let log = farcall::Function::from_pointer(&ffi, &pointer)?;
/// let text = ffi.alloc("char[64]", ())?;
/// let (n, x) = (ffi.cast("int", 7)?, ffi.cast("double", 0.5)?);
/// // SAFETY: as the format says.
/// unsafe { log.call((&text, "%d and %.2f", n, x)) }?;
/// assert_eq!(text.string()?, b"7 and 0.50");
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone)]
pub struct VaList {
    ffi: Ffi,
    list: jit::VaList,
    /// What new ones refer to.
    kept: Option<Rc<Kept>>,
}

/// The arguments of a new list.
struct Kept {
    _memory: jit::VaListMemory,
    /// What they were made of: pointers among them lead to its memory.
    _values: Vec<Value>,
}

impl VaList {
    pub(crate) fn from_engine(ffi: &Ffi, list: jit::VaList) -> VaList {
        VaList {
            ffi: ffi.clone(),
            list,
            kept: None,
        }
    }

    /// The list that C gave as a parameter or variable of type `va_list`.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] if the cdata is not of that type.
    ///
    /// # Safety
    ///
    /// It is such a list, and what it refers to is there as long as arguments are taken.
    pub unsafe fn of(ffi: &Ffi, cdata: &CData) -> Result<VaList, Error> {
        let types = ffi.types();
        let is_same = |given: TypeId, ty: TypeId| {
            Arc::ptr_eq(cdata.types(), types) && types.same(types.plain(given), types.plain(ty))
        };
        let given = cdata.type_id();
        let target = cdata.target();
        let declared = types.plain(ffi.type_of("va_list")?);
        let is_list = match types.get(declared) {
            CType::Array { element, .. } => target.is_some_and(|target| is_same(target, element)),
            CType::Record(_) => is_same(given, declared),
            _ => is_same(given, declared),
        };
        let Some(address) = cdata
            .address()
            .filter(|address| is_list && !address.is_null())
        else {
            return Err(Error::Operation {
                ty: cdata.type_name(),
                problem: "is no va_list",
            });
        };
        let abi = jit::Abi::HOST;
        // SAFETY: the caller's promise. A list that is an address is the pointer itself.
        let list = unsafe {
            match types.get(declared) {
                CType::Pointer(_) => jit::VaList::read(abi, (&raw const address).cast()),
                _ => jit::VaList::read(abi, address.cast()),
            }
        };
        let list = list.map_err(|error| engine_error(cdata.type_name(), error))?;
        Ok(VaList::from_engine(ffi, list))
    }

    /// New arguments, for a function that takes a `va_list`. As in a call of a variadic function they must be cdata. The list,
    /// its clones and [`VaList::cdata`] keep what they own.
    ///
    /// ```
    /// # use farcall::{Ffi, VaList};
    /// let ffi = Ffi::new();
    /// ffi.cdef("int vsnprintf(char *, size_t, const char *, va_list);")?;
    /// // SAFETY: this is the C library's declaration.
    /// let lib = unsafe { ffi.process() }?;
    /// let list = VaList::new(&ffi, (ffi.cast("long", 42)?, ffi.alloc("char[]", "yes")?))?;
    /// let text = ffi.alloc("char[32]", ())?;
    /// // SAFETY: as the format says.
    /// unsafe { lib.call("vsnprintf", (&text, 32, "%ld %s", list.cdata()?)) }?;
    /// assert_eq!(text.string()?, b"42 yes");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Untyped`], and those of the conversion.
    pub fn new(ffi: &Ffi, arguments: impl Arguments) -> Result<VaList, Error> {
        let types = ffi.types();
        let host = Dynamic::new(types);
        let values = arguments.into_values();
        let mut typed = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let place = || format!("argument {}", index + 1);
            let given = host.cdata(value).map_err(|error| error.within(place))?;
            let given = given.ok_or_else(|| Error::Untyped {
                index: index + 1,
                found: host.type_name(value),
                place: Default::default(),
            })?;
            let ty = convert::promoted(types, given.ty);
            let machine = ffi.lowering().machine_type(ty);
            let machine = machine.map_err(|error| error.within(place))?;
            let size = machine.size();
            let mut bytes: SmallVec<[u64; 4]> = smallvec![0; size.div_ceil(8) as usize];
            let (shape, to) = (Shape::of(types, ty), bytes.as_mut_ptr().cast());
            // SAFETY: as many bytes as the type has.
            unsafe { convert::store(&host, &shape, to, size, value) }
                .map_err(|error| error.within(place))?;
            typed.push((machine, bytes));
        }
        let typed: Vec<(jit::Type, &[u8])> = typed
            .iter()
            .map(|(ty, words)| {
                // SAFETY: the vector has as many initialised bytes.
                let bytes = unsafe {
                    std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), ty.size() as usize)
                };
                (ty.clone(), bytes)
            })
            .collect();
        let memory = jit::VaListMemory::new(jit::Abi::HOST, &typed);
        let memory = memory.map_err(|error| engine_error("va_list".into(), error))?;
        Ok(VaList {
            ffi: ffi.clone(),
            list: memory.va_list(),
            kept: Some(Rc::new(Kept {
                _memory: memory,
                _values: values,
            })),
        })
    }

    /// Takes the next argument, whose type is `text` after C's default promotions: of a `float` a `double`, of a `char` an
    /// `int`.
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`], and those of [`VaList::take_type`].
    ///
    /// # Safety
    ///
    /// As [`VaList::take_type`].
    pub unsafe fn take(&mut self, text: &str) -> Result<Value, Error> {
        let ty = self.ffi.type_of(text)?;
        // SAFETY: the caller's promise.
        unsafe { self.take_type(ty) }
    }

    /// As [`VaList::take`], of a type that is at hand. Records are copies.
    ///
    /// # Errors
    ///
    /// [`Error::Layout`], and [`Error::Engine`] for types whose place among variable arguments is unknown.
    ///
    /// # Safety
    ///
    /// There is a next argument, it is of that type, and the function to which it was passed has not returned.
    pub unsafe fn take_type(&mut self, ty: TypeId) -> Result<Value, Error> {
        let types = self.ffi.types();
        types.check(ty)?;
        let ty = convert::promoted(types, ty);
        let machine = self.ffi.lowering().machine_type(ty)?;
        let layout = layout_of(&**types, ty)?;
        let memory = CData::allocate(types, ty, layout.size, layout.align, self.ffi.is_checked())?;
        let to = memory.address().expect("memory has an address");
        // SAFETY: the caller's promise, and memory of the type's size.
        let taken = unsafe { self.list.argument(&machine, to.cast()) };
        taken.map_err(|error| engine_error(types.spelling(ty), error))?;
        if let CType::Record(_) = types.get(ty) {
            return Ok(Value::CData(memory));
        }
        let (host, shape) = (Dynamic::new(types), Shape::of(types, ty));
        // SAFETY: a value of the type.
        unsafe { convert::load(&host, &shape, to.cast(), None) }
    }

    /// The list as cdata of type `va_list`, to be passed to a function that takes one, at its present place. The arguments
    /// that are taken there are not taken here.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`].
    pub fn cdata(&self) -> Result<CData, Error> {
        let types = self.ffi.types();
        let ty = self.ffi.type_of("va_list")?;
        let object = self.list.object();
        if let CType::Pointer(_) = types.get(types.plain(ty)) {
            let mut address = std::ptr::null_mut::<u8>();
            // SAFETY: the object is an address.
            unsafe {
                let to = (&raw mut address).cast::<u8>();
                std::ptr::copy_nonoverlapping(object.as_ptr(), to, size_of_val(&address));
            }
            let kept = self.kept.clone().map(|kept| kept as Rc<dyn Any>);
            let extent = kept.map(|kept| Extent::of_objects(kept, address, 0));
            return Ok(CData::at(types, ty, address, extent));
        }
        let layout = layout_of(&**types, ty)?;
        let memory = CData::allocate(types, ty, layout.size, layout.align, self.ffi.is_checked())?;
        let to = memory.address().expect("memory has an address");
        // SAFETY: memory for a list, of which these are the bytes.
        unsafe { std::ptr::copy_nonoverlapping(object.as_ptr(), to.cast(), object.len()) };
        let Some(kept) = self.kept.clone() else {
            return Ok(memory);
        };
        let extent = Extent::of_objects(Rc::new((memory, kept)), to.cast(), layout.size);
        Ok(CData::at(types, ty, to.cast(), Some(extent)))
    }
}

fn engine_error(function: String, error: jit::Error) -> Error {
    Error::Engine { function, error }
}

impl fmt::Debug for VaList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaList")
            .field("list", &self.list)
            .field("owned", &self.kept.is_some())
            .finish()
    }
}
