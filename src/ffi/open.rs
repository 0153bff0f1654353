//! Opening libraries.

#![allow(unsafe_code)]

use std::ffi::c_void;

use super::Ffi;
use crate::{Error, Library, OpenFlags};

impl Ffi {
    /// Opens a library: a path, a file name such as `libm.so.6`, or a bare name such as `m`.
    ///
    /// # Errors
    ///
    /// [`Error::Library`] with everything that was tried.
    ///
    /// # Safety
    ///
    /// Opening a library runs its initialisers. From here on the declarations are trusted: each that is used with
    /// the library must be that of the symbol in it. So is the program with its variables: while safe code reads one
    /// ([`Library::get`], and what it returns), no thread writes to it.
    pub unsafe fn dlopen(&self, name: &str) -> Result<Library, Error> {
        // SAFETY: the caller's promise.
        unsafe { Library::open(self, name, OpenFlags::default()) }
    }

    /// As [`Ffi::dlopen`], with flags for the system's loader.
    ///
    /// ```
    /// use farcall::{Ffi, OpenFlags};
    ///
    /// // SAFETY: nothing is used of it.
    /// let lib = unsafe { Ffi::new().dlopen_with("m", OpenFlags::NOW | OpenFlags::GLOBAL)? };
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Ffi::dlopen`].
    ///
    /// # Safety
    ///
    /// As [`Ffi::dlopen`].
    pub unsafe fn dlopen_with(&self, name: &str, flags: OpenFlags) -> Result<Library, Error> {
        // SAFETY: the caller's promise.
        unsafe { Library::open(self, name, flags) }
    }

    /// A library that is open already, by the handle that the system's `dlopen` gave. Closing it is left to who opened it.
    ///
    /// # Safety
    ///
    /// The handle stays good as long as the [`Library`] and everything that comes from it; the rest as [`Ffi::dlopen`].
    pub unsafe fn dlopen_handle(&self, handle: *mut c_void) -> Library {
        // SAFETY: the caller's promise.
        unsafe { Library::from_handle(self, handle) }
    }

    /// Closes a library, as [`Library::close`].
    ///
    /// # Errors
    ///
    /// None yet; closing twice does nothing.
    pub fn dlclose(&self, library: &Library) -> Result<(), Error> {
        library.close();
        Ok(())
    }

    /// The process itself: every symbol that the program and the libraries loaded with it export.
    ///
    /// # Errors
    ///
    /// [`Error::Library`], which no known system gives.
    ///
    /// # Safety
    ///
    /// From here on the declarations are trusted, as with [`Ffi::dlopen`].
    pub unsafe fn process(&self) -> Result<Library, Error> {
        Library::process(self)
    }
}
