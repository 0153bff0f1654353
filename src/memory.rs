//! Memory that C may see: allocations, and what is known of an address.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::any::Any;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cdata::CData;

/// Zero-initialised memory, freed with its last owner.
#[derive(Debug)]
pub(crate) struct Allocation {
    start: NonNull<u8>,
    layout: Layout,
    /// What was allocated, where uses after [`Extent::release`] are to be noticed.
    checked: Option<Box<str>>,
    released: AtomicBool,
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
        Allocation::checked(size, align, None)
    }

    /// As [`Allocation::new`]. With the name of what is allocated, uses after a release are errors.
    pub(crate) fn checked(
        size: u64,
        align: u64,
        checked: Option<Box<str>>,
    ) -> Option<Arc<Allocation>> {
        let align = usize::try_from(align.max(MIN_ALIGN)).ok()?;
        // An empty allocation still has an address of its own.
        let layout = Layout::from_size_align(usize::try_from(size.max(1)).ok()?, align).ok()?;
        // SAFETY: the layout has at least one byte.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Arc::new(Allocation {
            start,
            layout,
            checked,
            released: AtomicBool::new(false),
        }))
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
    Allocation(Arc<Allocation>),
    /// An open library. Other threads may be reading its variables, so only unsafe code writes to them.
    Library(#[expect(dead_code, reason = "held to be dropped")] Arc<dyn Any + Send + Sync>),
    /// A buffer of the program's, and whether it may be written to.
    Buffer(
        #[expect(dead_code, reason = "held to be dropped")] Arc<dyn Any + Send + Sync>,
        bool,
    ),
    /// Whatever has to stay: the memory, and what lies in it leads to.
    Objects(#[expect(dead_code, reason = "held to be dropped")] Rc<dyn Any>),
    /// cdata with a destructor.
    Guard(Rc<Guard>),
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

    /// The `len` bytes of a buffer that `owner` keeps in place.
    pub(crate) fn of_buffer(
        owner: Arc<dyn Any + Send + Sync>,
        start: *mut u8,
        len: u64,
        writable: bool,
    ) -> Extent {
        Extent {
            start,
            len,
            keeper: Keeper::Buffer(owner, writable),
        }
    }

    /// Memory that is there as long as `objects` are.
    pub(crate) fn of_objects(objects: Rc<dyn Any>, start: *mut u8, len: u64) -> Extent {
        Extent {
            start,
            len,
            keeper: Keeper::Objects(objects),
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

    /// The same memory, valid until the guard's destructor has run.
    pub(crate) fn guarded(&self, guard: &Rc<Guard>) -> Extent {
        Extent {
            start: self.start,
            len: self.len,
            keeper: Keeper::Guard(Rc::clone(guard)),
        }
    }

    /// Bytes from `address` to the end, if it lies inside or at the end.
    pub(crate) fn room(&self, address: *const u8) -> Option<u64> {
        let offset = (address as usize).checked_sub(self.start as usize)? as u64;
        self.len.checked_sub(offset)
    }

    pub(crate) fn is_owned(&self) -> bool {
        matches!(self.keeper, Keeper::Allocation(_) | Keeper::Guard(_))
    }

    pub(crate) fn is_writable(&self) -> bool {
        match &self.keeper {
            Keeper::Library(_) => false,
            Keeper::Buffer(_, writable) => *writable,
            Keeper::Guard(guard) => guard.is_writable(),
            Keeper::Allocation(_) | Keeper::Objects(_) | Keeper::Promise => true,
        }
    }

    pub(crate) fn is_buffer(&self) -> bool {
        matches!(self.keeper, Keeper::Buffer(..))
    }

    /// What was allocated here and has been released since.
    pub(crate) fn released(&self) -> Option<&str> {
        match &self.keeper {
            Keeper::Allocation(allocation) if allocation.released.load(Ordering::Acquire) => {
                allocation.checked.as_deref()
            }
            Keeper::Guard(guard) if guard.is_released() => Some("an object with a destructor"),
            _ => None,
        }
    }

    /// Notes that an allocation is not to be used any more, if that is checked.
    pub(crate) fn release(&self) {
        if let Keeper::Allocation(allocation) = &self.keeper
            && allocation.checked.is_some()
        {
            allocation.released.store(true, Ordering::Release);
        }
    }
}

/// cdata with a destructor, which runs once: when the last that refers to it goes, or on demand. It runs before the cdata
/// itself goes, so that of destructors around each other the outer one is the first.
pub(crate) struct Guard {
    original: CData,
    destructor: Mutex<Option<Destructor>>,
    released: AtomicBool,
}

pub(crate) type Destructor = Box<dyn FnOnce(CData)>;

impl Guard {
    pub(crate) fn new(original: CData, destructor: Destructor) -> Rc<Guard> {
        Rc::new(Guard {
            original,
            destructor: Mutex::new(Some(destructor)),
            released: AtomicBool::new(false),
        })
    }

    fn take(&self) -> Option<Destructor> {
        let destructor = self.destructor.lock();
        destructor.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs the destructor now, unless it has run or was taken away.
    pub(crate) fn run(&self) {
        if let Some(destructor) = self.take() {
            self.released.store(true, Ordering::Release);
            destructor(self.original.clone());
        }
    }

    /// Takes the destructor away.
    pub(crate) fn disarm(&self) {
        drop(self.take());
    }

    fn is_writable(&self) -> bool {
        self.original.is_writable()
    }

    fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let destructor = self.destructor.get_mut();
        let destructor = destructor.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(destructor) = destructor {
            destructor(self.original.clone());
        }
    }
}
