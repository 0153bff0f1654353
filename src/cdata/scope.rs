//! Destructors, and the end of memory before its last owner goes.

use std::rc::Rc;

use super::CData;
use crate::Error;
use crate::error::ErrorClass;
use crate::memory::{Destructor, Guard};

impl CData {
    /// The same cdata with a destructor, which is called with this one when the last that refers to the new one is gone,
    /// or when it is [released](CData::release). Of destructors around each other the outer one is called first.
    pub(crate) fn with_destructor(&self, destructor: Destructor, outside: u64) -> CData {
        let guard = Guard::new(self.clone(), destructor, outside);
        let mut guarded = CData {
            owned: None,
            guard: Some(Rc::clone(&guard)),
            ..self.clone()
        };
        if let (Some(extent), super::Data::Address { address, .. }) = (self.extent(), &self.data) {
            guarded.data = super::Data::Address {
                address: *address,
                extent: Some(extent.guarded(&guard)),
            };
        }
        guarded
    }

    /// The bytes that destructors of [`Ffi::gc_sized`](crate::Ffi::gc_sized) around this cdata give back: what a host with a
    /// collector adds to the size of the object that it makes of it.
    pub fn size_outside(&self) -> u64 {
        let around = |guard: &Rc<Guard>| guard.original().guard.clone();
        std::iter::successors(self.guard.clone(), around)
            .map(|guard| guard.outside)
            .fold(0, u64::saturating_add)
    }

    /// Takes the destructor of [`Ffi::gc`](crate::Ffi::gc) away: it is never called.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there was none to take.
    pub fn disarm(&self) -> Result<(), Error> {
        match &self.guard {
            Some(guard) => {
                guard.disarm();
                Ok(())
            }
            None => Err(Error::refused(
                ErrorClass::Type,
                "Can remove destructor only on a object previously returned by ffi.gc()",
            )),
        }
    }

    /// Ends the use of memory now: calls the destructor of [`Ffi::gc`](crate::Ffi::gc) and of an allocator. Memory of
    /// [`Ffi::alloc`](crate::Ffi::alloc) stays until its last owner goes; where that is [checked](crate::Builder::checked),
    /// all uses after this are errors.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for cdata that owns nothing.
    pub fn release(&self) -> Result<(), Error> {
        if let Some(guard) = &self.guard {
            guard.run();
            return Ok(());
        }
        match self.extent() {
            Some(extent)
                if extent.is_buffer()
                    || self.owned.is_some() && self.object().shape.item().is_some() =>
            {
                extent.release();
                Ok(())
            }
            _ => Err(Error::refused(
                ErrorClass::Value,
                "only 'cdata' object from ffi.new(), ffi.gc(), ffi.from_buffer() or ffi.new_allocator()() can be used with the 'with' keyword or ffi.release()",
            )),
        }
    }
}
