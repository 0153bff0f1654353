//! Open libraries, and how they are opened.

use std::ffi::{c_int, c_void};
use std::mem::ManuallyDrop;
use std::ops::BitOr;

use super::reason;
use crate::Error;

/// An open library.
pub(crate) struct Handle {
    library: ManuallyDrop<libloading::Library>,
    pub(super) name: String,
    /// Whether it was opened here.
    opened: bool,
}

impl Handle {
    pub(super) fn new(library: libloading::Library, name: String) -> Handle {
        Handle {
            library: ManuallyDrop::new(library),
            name,
            opened: true,
        }
    }

    /// # Safety
    ///
    /// `handle` is one of the system's loader, and stays good.
    pub(super) unsafe fn borrowed(handle: *mut c_void) -> Handle {
        #[cfg(unix)]
        // SAFETY: the caller's promise; it is never closed here.
        let library = unsafe { libloading::os::unix::Library::from_raw(handle) };
        #[cfg(windows)]
        // SAFETY: as above.
        let library = unsafe { libloading::os::windows::Library::from_raw(handle as _) };
        Handle {
            library: ManuallyDrop::new(library.into()),
            name: format!("{handle:p}"),
            opened: false,
        }
    }

    /// The address of a symbol.
    pub(super) fn symbol(&self, symbol: &str) -> Result<*mut c_void, Error> {
        let missing = |reason| Error::Symbol {
            symbol: symbol.into(),
            library: self.name.clone(),
            reason,
        };
        // SAFETY: only the address is taken; nothing is read through it here.
        let found = unsafe { self.library.get::<*mut c_void>(symbol) };
        let found = found.map_err(|error| missing(reason(&error)))?;
        // A symbol may have no address: a weak one that nobody defines.
        if found.is_null() {
            return Err(missing("its address is NULL".into()));
        }
        Ok(*found)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.opened {
            // SAFETY: dropped here alone, and not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.library) };
        }
    }
}

/// How the system's loader opens a library; Windows knows no such flags. Without [`OpenFlags::LAZY`] all symbols of the
/// library are looked up at once.
///
/// ```
/// use farcall::OpenFlags;
///
/// assert_eq!(OpenFlags::default(), OpenFlags::NOW);
/// assert_ne!(OpenFlags::NOW | OpenFlags::GLOBAL, OpenFlags::NOW);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenFlags(pub c_int);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident $unix:ident;)*) => {
        #[cfg(unix)]
        impl OpenFlags {
            $($(#[$doc])* pub const $name: OpenFlags = OpenFlags(libc::$unix);)*
        }

        #[cfg(windows)]
        impl OpenFlags {
            $($(#[$doc])* pub const $name: OpenFlags = OpenFlags(0);)*
        }
    };
}

flags! {
    /// Functions are looked up when they are first called.
    LAZY RTLD_LAZY;
    /// Everything is looked up at once.
    NOW RTLD_NOW;
    /// Libraries that are opened later find its symbols.
    GLOBAL RTLD_GLOBAL;
    /// They do not.
    LOCAL RTLD_LOCAL;
    /// It stays in memory for ever.
    NODELETE RTLD_NODELETE;
    /// It is not loaded, only found if it is there already.
    NOLOAD RTLD_NOLOAD;
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
impl OpenFlags {
    /// Its own symbols go before those of the process.
    pub const DEEPBIND: OpenFlags = OpenFlags(libc::RTLD_DEEPBIND);
}

impl Default for OpenFlags {
    fn default() -> OpenFlags {
        OpenFlags::NOW
    }
}

impl BitOr for OpenFlags {
    type Output = OpenFlags;

    fn bitor(self, other: OpenFlags) -> OpenFlags {
        OpenFlags(self.0 | other.0)
    }
}

/// Opens one file.
///
/// # Safety
///
/// As [`Ffi::dlopen`](crate::Ffi::dlopen).
pub(super) unsafe fn open(
    file: &str,
    flags: OpenFlags,
) -> Result<libloading::Library, libloading::Error> {
    #[cfg(unix)]
    {
        // One of the two is asked for.
        let flags = match flags.0 & (OpenFlags::LAZY.0 | OpenFlags::NOW.0) {
            0 => flags | OpenFlags::NOW,
            _ => flags,
        };
        // SAFETY: the caller's promise.
        unsafe { libloading::os::unix::Library::open(Some(file), flags.0) }.map(Into::into)
    }
    #[cfg(windows)]
    {
        let _ = flags;
        // SAFETY: the caller's promise.
        unsafe { libloading::Library::new(file) }
    }
}
