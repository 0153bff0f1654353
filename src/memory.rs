//! Memory that C may see: allocations, and what is known of an address.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

/// Zero-initialised memory, freed with its last owner.
#[derive(Debug)]
pub(crate) struct Allocation {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: an allocation is plain memory; those who read or write it through raw pointers answer for when.
unsafe impl Send for Allocation {}
// SAFETY: as above; the allocation itself only hands out its address.
unsafe impl Sync for Allocation {}

/// As `malloc` gives it, so that C may keep anything in it.
const MIN_ALIGN: u64 = 16;

impl Allocation {
    /// `size` zero bytes; `None` when there are not as many.
    pub(crate) fn new(size: u64, align: u64) -> Option<Arc<Allocation>> {
        let align = usize::try_from(align.max(MIN_ALIGN)).ok()?;
        // An empty allocation still has an address of its own.
        let layout = Layout::from_size_align(usize::try_from(size.max(1)).ok()?, align).ok()?;
        // SAFETY: the layout has at least one byte.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Arc::new(Allocation { start, layout }))
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        // SAFETY: allocated by `new` with this layout, and this is the last owner.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// Memory that is known to be valid: its bounds, and who keeps it so.
#[derive(Clone)]
pub struct Extent {
    start: *mut u8,
    len: u64,
    keeper: Keeper,
}

/// Who keeps memory valid.
#[derive(Clone)]
enum Keeper {
    /// An allocation, which goes with its last extent.
    Allocation(#[expect(dead_code, reason = "held to be dropped")] Arc<Allocation>),
    /// An open library. Other threads may be reading its variables, so only unsafe code writes to them.
    Library(#[expect(dead_code, reason = "held to be dropped")] Arc<dyn Any + Send + Sync>),
    /// An unsafe promise.
    Promise,
}

impl Extent {
    /// The first `len` bytes of an allocation, at most its size.
    pub(crate) fn owned(allocation: Arc<Allocation>, len: u64) -> Extent {
        Extent {
            start: allocation.start(),
            len,
            keeper: Keeper::Allocation(allocation),
        }
    }

    /// Memory of a library; no bytes of it for a function.
    pub(crate) fn of_library(
        library: Arc<dyn Any + Send + Sync>,
        start: *mut u8,
        len: u64,
    ) -> Extent {
        Extent {
            start,
            len,
            keeper: Keeper::Library(library),
        }
    }

    /// Memory that an unsafe promise vouches for.
    pub(crate) fn trusted(start: *mut u8, len: u64) -> Extent {
        Extent {
            start,
            len,
            keeper: Keeper::Promise,
        }
    }

    /// Bytes from `address` to the end, if it lies inside or at the end.
    pub(crate) fn room(&self, address: *const u8) -> Option<u64> {
        let offset = (address as usize).checked_sub(self.start as usize)? as u64;
        self.len.checked_sub(offset)
    }

    pub(crate) fn is_owned(&self) -> bool {
        matches!(self.keeper, Keeper::Allocation(_))
    }

    pub(crate) fn is_writable(&self) -> bool {
        !matches!(self.keeper, Keeper::Library(_))
    }
}
