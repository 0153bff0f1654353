//! Memory that is not the crate's own, and destructors.

#![allow(unsafe_code)]

use std::ptr;
use std::rc::Rc;
use std::sync::Arc;

use super::Ffi;
use crate::cdata::CData;
use crate::convert::{plan_new, store};
use crate::error::ErrorClass;
use crate::host::Dynamic;
use crate::memory::Extent;
use crate::object::buffer_length;
use crate::shape::{Form, Shape};
use crate::{Error, Value};

impl Ffi {
    /// The same cdata with a destructor. It is called with `cdata` when the last that refers to the result is gone, or when
    /// that is [released](CData::release); [`CData::disarm`] takes it away. Of destructors around each other the outer one
    /// is called first.
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// # let ffi = farcall::Ffi::new();
    /// let freed = Rc::new(Cell::new(0));
    /// let count = Rc::clone(&freed);
    /// let number = ffi.gc(&ffi.alloc("int *", 42)?, move |cdata| {
    ///     assert_eq!(cdata.item(0).unwrap(), 42.into());
    ///     count.set(count.get() + 1);
    /// });
    /// let copy = number.clone();
    /// drop(number);
    /// assert_eq!(freed.get(), 0);
    /// drop(copy);
    /// assert_eq!(freed.get(), 1);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn gc(&self, cdata: &CData, destructor: impl FnOnce(CData) + 'static) -> CData {
        cdata.with_destructor(Box::new(destructor), 0)
    }

    /// As [`Ffi::gc`], with an estimate of the bytes that the destructor gives back. Nothing is collected here; it is for
    /// hosts with a collector, which [ask](CData::size_outside) for it.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let image = ffi.gc_sized(&ffi.alloc("int *", 42)?, |_| (), 1 << 20);
    /// assert_eq!(image.size_outside(), 1 << 20);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn gc_sized(
        &self,
        cdata: &CData,
        destructor: impl FnOnce(CData) + 'static,
        size: u64,
    ) -> CData {
        cdata.with_destructor(Box::new(destructor), size)
    }

    /// An allocator that gets its memory from `alloc`, which is called with the size in bytes, and gives it back to `free`.
    /// The memory is zeroed if `clear`.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// ffi.cdef("void *malloc(size_t size); void free(void *memory);")?;
    /// // SAFETY: these are the declarations of the C library.
    /// let (malloc, free) = unsafe {
    ///     let lib = ffi.process()?;
    ///     (lib.function("malloc")?, lib.function("free")?)
    /// };
    /// let alloc = move |size| unsafe { malloc.call((size,)) }?.cdata().cloned();
    /// let free = move |memory| drop(unsafe { free.call((memory,)) });
    /// // SAFETY: malloc gives as much memory as it is asked for.
    /// let allocator = unsafe { ffi.new_allocator(alloc, Some(free), true) };
    /// let numbers = allocator.alloc("int[]", [1, 2, 3])?;
    /// assert_eq!(numbers.to_string(), "[1, 2, 3]");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// What `alloc` returns points to so many writable bytes, aligned for everything, which nobody else uses until `free` is
    /// called with it, or it is dropped if there is no `free`. Without `clear` these bytes are initialised: safe code reads
    /// them. C's `malloc` alone does not do that.
    pub unsafe fn new_allocator(
        &self,
        alloc: impl Fn(u64) -> Result<CData, Error> + 'static,
        free: Option<impl Fn(CData) + 'static>,
        clear: bool,
    ) -> Allocator {
        Allocator {
            ffi: self.clone(),
            alloc: Box::new(alloc),
            free: free.map(|free| Rc::new(free) as Rc<dyn Fn(CData)>),
            clear,
        }
    }

    /// The bytes of a vector as cdata of an array or a pointer type, without a copy. The length of `T[]` is as many items
    /// as there are.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let numbers = ffi.from_buffer("uint16_t[]", vec![1, 0, 2, 0, 9])?;
    /// assert_eq!(numbers.to_string(), "[1, 2]");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`], [`Error::Refused`] if the type is neither or larger than the bytes.
    pub fn from_buffer(&self, text: &str, bytes: Vec<u8>) -> Result<CData, Error> {
        let mut bytes = bytes;
        let (start, len) = (bytes.as_mut_ptr(), bytes.len() as u64);
        self.over_buffer(text, start, len, |start| {
            // Its bytes stay where they are.
            Extent::of_buffer(Arc::new(bytes), start, len, true)
        })
    }

    /// As [`Ffi::from_buffer`], of bytes that others use too: they cannot be written to.
    ///
    /// # Errors
    ///
    /// As [`Ffi::from_buffer`].
    pub fn from_shared(&self, text: &str, bytes: Arc<[u8]>) -> Result<CData, Error> {
        let (start, len) = (bytes.as_ptr().cast_mut(), bytes.len() as u64);
        self.over_buffer(text, start, len, |start| {
            Extent::of_buffer(Arc::new(bytes), start, len, false)
        })
    }

    fn over_buffer(
        &self,
        text: &str,
        start: *mut u8,
        len: u64,
        extent: impl FnOnce(*mut u8) -> Extent,
    ) -> Result<CData, Error> {
        let types = self.types();
        let shape = Shape::of(types, self.type_of(text)?);
        let length = buffer_length(types, &shape, len)?;
        let mut extent = extent(start);
        if self.is_checked() {
            extent = extent.checked(types, shape.ty);
        }
        let cdata = CData::at(types, shape.ty, start, Some(extent));
        Ok(match shape.form {
            Form::Array { length: None, .. } => cdata.with_length(length),
            _ => cdata,
        })
    }

    /// C's `memmove` of `size` bytes from one pointer or array to another, which may overlap.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let numbers = ffi.alloc("int[]", [1, 2, 3, 4])?;
    /// ffi.memmove(&numbers, &numbers.offset(1)?, 12)?;
    /// assert_eq!(numbers.to_string(), "[2, 3, 4, 4]");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for other types, [`Error::Bounds`] and its kin where memory is not known to be valid,
    /// [`Error::ReadOnly`].
    pub fn memmove(&self, to: &CData, from: &CData, size: u64) -> Result<(), Error> {
        let source = from.object().moved(from.types())?;
        let target = to.object().moved(to.types())?;
        from.check_extent(source, size, false)?;
        to.check_extent(target, size, true)?;
        // SAFETY: so many bytes were just found to be known and writable.
        unsafe { ptr::copy(source, target, size as usize) };
        Ok(())
    }
}

/// Makes memory as [`Ffi::alloc`] does, but gets it elsewhere: see [`Ffi::new_allocator`].
pub struct Allocator {
    ffi: Ffi,
    alloc: Box<dyn Fn(u64) -> Result<CData, Error>>,
    free: Option<Rc<dyn Fn(CData)>>,
    clear: bool,
}

impl Allocator {
    /// New memory, as [`Ffi::alloc`]. It goes back when nothing refers to it any more, or when it is
    /// [released](CData::release). [Disarmed](CData::disarm), it is never given to `free`; what `alloc` returned is dropped
    /// with the last that refers to it.
    ///
    /// # Errors
    ///
    /// Those of [`Ffi::alloc`] and of the `alloc` function; [`Error::Refused`] if that gives no pointer, or NULL.
    pub fn alloc(&self, text: &str, initialiser: impl Into<Value>) -> Result<CData, Error> {
        let value = initialiser.into();
        let types = self.ffi.types();
        let host = Dynamic::new(types);
        let shape = Shape::of(types, self.ffi.type_of(text)?);
        let plan = plan_new(&host, &shape, Some(&value))?;
        let source = (self.alloc)(plan.size)?;
        let address = pointer(&source)?;
        // SAFETY: `new_allocator`'s caller promises as many bytes there.
        let memory = unsafe { source.trust_bytes(shape.ty, plan.size) };
        let memory = match plan.length {
            Some(length) => memory.with_length(length),
            None => memory,
        };
        let free = self.free.clone();
        let destructor = move |_| {
            if let Some(free) = free {
                free(source);
            }
        };
        let mut memory = memory.with_destructor(Box::new(destructor), 0);
        if let (Form::Pointer(_), Form::Record(_)) = (shape.form, plan.stored.form) {
            memory.own(plan.size);
        }
        if self.clear {
            // SAFETY: as above.
            unsafe { ptr::write_bytes(address, 0, plan.size as usize) };
        }
        if plan.initialise {
            // SAFETY: as above.
            unsafe { store(&host, &plan.stored, address, plan.size, &value) }?;
        }
        Ok(memory)
    }
}

/// The address that an `alloc` function gave.
fn pointer(source: &CData) -> Result<*mut u8, Error> {
    match source.object().shape.form {
        Form::Pointer(_) | Form::Array { .. } => match source.address() {
            Some(address) if !address.is_null() => Ok(address.cast()),
            _ => {
                let message = "alloc() returned NULL";
                Err(Error::refused(ErrorClass::Memory, message))
            }
        },
        _ => {
            let ty = source.type_name();
            let message = format!("alloc() must return a cdata pointer, not '{ty}'");
            Err(Error::refused(ErrorClass::Type, message))
        }
    }
}

impl std::fmt::Debug for Allocator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Allocator")
            .field("clear", &self.clear)
            .finish_non_exhaustive()
    }
}
