//! Open libraries and their symbols.

#![allow(unsafe_code)] // Symbols are addresses.

#[cfg(unix)]
use std::ffi::c_void;
use std::mem::ManuallyDrop;

use pyo3::Python;

use crate::thread::interpreter_runs;

/// An open library. Functions hold it: it is closed when the last of them goes, and the library object itself.
pub(crate) struct Handle {
    symbols: ManuallyDrop<Symbols>,
}

enum Symbols {
    /// Opened here.
    Opened(libloading::Library),
    /// Opened by others, who close it.
    #[cfg(unix)]
    Foreign(*mut c_void),
}

// SAFETY: a handle may be used from any thread.
unsafe impl Send for Symbols {}
// SAFETY: as above.
unsafe impl Sync for Symbols {}

impl Handle {
    pub(crate) fn opened(library: libloading::Library) -> Handle {
        Handle {
            symbols: ManuallyDrop::new(Symbols::Opened(library)),
        }
    }

    /// # Safety
    ///
    /// A handle of `dlopen`, which stays open.
    #[cfg(unix)]
    pub(crate) unsafe fn foreign(handle: *mut c_void) -> Handle {
        Handle {
            symbols: ManuallyDrop::new(Symbols::Foreign(handle)),
        }
    }

    /// The address of a symbol. The error is what the system says.
    pub(super) fn symbol(&self, name: &str) -> Result<*mut u8, String> {
        let address = match &*self.symbols {
            // SAFETY: only the address is taken; nothing is read through it here.
            Symbols::Opened(library) => unsafe { library.get::<*mut u8>(name) }
                .map(|symbol| *symbol)
                .map_err(|error| {
                    std::error::Error::source(&error)
                        .map_or_else(|| error.to_string(), ToString::to_string)
                })?,
            #[cfg(unix)]
            Symbols::Foreign(handle) => {
                let name = std::ffi::CString::new(name).map_err(|error| error.to_string())?;
                // SAFETY: an open handle, by the promise of `foreign`.
                unsafe { libc::dlsym(*handle, name.as_ptr()).cast() }
            }
        };
        match address.is_null() {
            true => Err(format!("undefined symbol: {name}")),
            false => Ok(address),
        }
    }
}

impl Drop for Handle {
    /// While the interpreter ends, threads of C's may still run the library's code: it stays open then.
    fn drop(&mut self) {
        if !interpreter_runs() {
            return;
        }
        // SAFETY: nobody looks at it any more.
        let symbols = unsafe { ManuallyDrop::take(&mut self.symbols) };
        // The library's destructors may wait for threads that wait for the interpreter's lock.
        // SAFETY: handles are dropped with the lock held.
        unsafe { Python::assume_attached() }.detach(|| drop(symbols));
    }
}
