//! Memory that C may see: allocations, and what is known of an address.

#![allow(unsafe_code)]

mod chain;

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::any::Any;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

use crate::cdata::CData;
use crate::ctype::{TypeId, TypeTable};

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
    /// Where the end of its use is to be noticed: in checked mode, and of memory with a destructor.
    life: Option<Rc<Life>>,
}

/// Who keeps memory valid.
#[derive(Clone)]
enum Keeper {
    /// An allocation, which goes with its last extent.
    Allocation(#[expect(dead_code, reason = "held to be dropped")] Arc<Allocation>),
    /// An open library. Other threads may be reading its variables, so only unsafe code writes to them.
    Library(Arc<dyn Any + Send + Sync>),
    /// A buffer of the program's, and whether it may be written to.
    Buffer(
        #[expect(dead_code, reason = "held to be dropped")] Arc<dyn Any + Send + Sync>,
        bool,
    ),
    /// Whatever has to stay: the memory, and what lies in it leads to.
    Objects(#[expect(dead_code, reason = "held to be dropped")] Rc<dyn Any>),
    /// cdata with a destructor, and who keeps the memory otherwise.
    Guard(Rc<Guard>, Inner),
    /// An unsafe promise, about memory that someone keeps or nobody does.
    Promise(Inner),
}

/// Who keeps the memory otherwise.
#[derive(Clone)]
struct Inner(Option<Rc<Keeper>>);

impl Drop for Inner {
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(keeper) = next.and_then(Rc::into_inner) {
            next = match keeper {
                Keeper::Guard(guard, mut inner) => {
                    drop(guard);
                    inner.0.take()
                }
                Keeper::Promise(mut inner) => inner.0.take(),
                _ => None,
            };
        }
    }
}

/// What is noted of memory whose use may end before its last owner goes.
struct Life {
    types: Arc<TypeTable>,
    /// What was allocated, or given a destructor.
    ty: TypeId,
    is_over: Cell<bool>,
    /// Of the memory that a destructor was put around.
    inner: Option<Rc<Life>>,
}

impl Drop for Life {
    fn drop(&mut self) {
        let mut next = self.inner.take();
        while let Some(mut life) = next.and_then(Rc::into_inner) {
            next = life.inner.take();
        }
    }
}

impl Life {
    fn new(types: &Arc<TypeTable>, ty: TypeId, inner: Option<Rc<Life>>) -> Rc<Life> {
        Rc::new(Life {
            types: Arc::clone(types),
            ty,
            is_over: Cell::new(false),
            inner,
        })
    }

    fn chain(&self) -> impl Iterator<Item = &Life> {
        std::iter::successors(Some(self), |life| life.inner.as_deref())
    }

    fn innermost(&self) -> &Life {
        self.chain().last().unwrap_or(self)
    }

    fn name(&self) -> String {
        self.types.spelling(self.ty)
    }
}

impl Extent {
    fn new(start: *mut u8, len: u64, keeper: Keeper) -> Extent {
        Extent {
            start,
            len,
            keeper,
            life: None,
        }
    }

    /// The first `len` bytes of an allocation, at most its size.
    pub(crate) fn owned(allocation: Arc<Allocation>, len: u64) -> Extent {
        Extent::new(allocation.start(), len, Keeper::Allocation(allocation))
    }

    /// Memory of a library; no bytes of it for a function.
    pub(crate) fn of_library(
        library: Arc<dyn Any + Send + Sync>,
        start: *mut u8,
        len: u64,
    ) -> Extent {
        Extent::new(start, len, Keeper::Library(library))
    }

    /// The `len` bytes of a buffer that `owner` keeps in place.
    pub(crate) fn of_buffer(
        owner: Arc<dyn Any + Send + Sync>,
        start: *mut u8,
        len: u64,
        writable: bool,
    ) -> Extent {
        Extent::new(start, len, Keeper::Buffer(owner, writable))
    }

    /// Memory that is there as long as `objects` are.
    pub(crate) fn of_objects(objects: Rc<dyn Any>, start: *mut u8, len: u64) -> Extent {
        Extent::new(start, len, Keeper::Objects(objects))
    }

    /// Memory that an unsafe promise vouches for. Where `known` says more of it, that stays so.
    pub(crate) fn trusted(known: Option<&Extent>, start: *mut u8, len: u64) -> Extent {
        // A promise about a promise keeps no more than that does.
        let kept = known.and_then(|known| match &known.keeper {
            Keeper::Promise(Inner(kept)) => kept.clone(),
            keeper => Some(Rc::new(keeper.clone())),
        });
        Extent {
            life: known.and_then(|known| known.life.clone()),
            ..Extent::new(start, len, Keeper::Promise(Inner(kept)))
        }
    }

    /// The same memory, of a type by whose name errors call it; uses after its [release](Extent::release) are errors.
    pub(crate) fn checked(self, types: &Arc<TypeTable>, ty: TypeId) -> Extent {
        Extent {
            life: Some(Life::new(types, ty, self.life.clone())),
            ..self
        }
    }

    /// The same memory, valid until the guard's destructor has run.
    pub(crate) fn guarded(&self, guard: &Rc<Guard>) -> Extent {
        let inner = Inner(Some(Rc::new(self.keeper.clone())));
        Extent {
            life: Some(Rc::clone(&guard.life)),
            ..Extent::new(self.start, self.len, Keeper::Guard(Rc::clone(guard), inner))
        }
    }

    /// Bytes from `address` to the end, if it lies inside or at the end.
    pub(crate) fn room(&self, address: *const u8) -> Option<u64> {
        let offset = (address as usize).checked_sub(self.start as usize)? as u64;
        self.len.checked_sub(offset)
    }

    /// Where it begins, and its bytes.
    pub(crate) fn bounds(&self) -> (*mut u8, u64) {
        (self.start, self.len)
    }

    pub(crate) fn is_owned(&self) -> bool {
        matches!(self.keeper, Keeper::Allocation(_) | Keeper::Guard(..))
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.keeper.is_writable()
    }

    pub(crate) fn is_buffer(&self) -> bool {
        matches!(self.keeper, Keeper::Buffer(..))
    }

    /// What keeps code or memory valid in any thread.
    pub(crate) fn shared_keeper(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.keeper.shared()
    }

    /// What was allocated here, or given a destructor, and has been released since.
    #[inline]
    pub(crate) fn released(&self) -> Option<String> {
        let life = self.life.as_deref()?;
        let ended = life.chain().find(|life| life.is_over.get());
        ended.map(|_| life.innermost().name())
    }

    /// What was allocated here, where that is known.
    pub(crate) fn allocated(&self) -> Option<String> {
        Some(self.life.as_deref()?.innermost().name())
    }

    /// Notes that the memory is not to be used any more, if that is checked.
    pub(crate) fn release(&self) {
        if let Some(life) = &self.life {
            life.is_over.set(true);
        }
    }
}

impl Keeper {
    fn is_writable(&self) -> bool {
        match self {
            Keeper::Library(_) => false,
            Keeper::Buffer(_, writable) => *writable,
            Keeper::Guard(_, Inner(inner)) => {
                inner.as_ref().is_none_or(|inner| inner.is_writable())
            }
            Keeper::Allocation(_) | Keeper::Objects(_) | Keeper::Promise(_) => true,
        }
    }

    fn shared(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        match self {
            Keeper::Library(library) => Some(Arc::clone(library)),
            Keeper::Guard(_, Inner(inner)) | Keeper::Promise(Inner(inner)) => {
                inner.as_ref()?.shared()
            }
            _ => None,
        }
    }
}

/// cdata with a destructor, which runs once: when the last that refers to it goes, or on demand. It runs before the cdata
/// itself goes, so that of destructors around each other the outer one is the first.
pub(crate) struct Guard {
    original: ManuallyDrop<CData>,
    destructor: Cell<Option<Destructor>>,
    /// Bytes that the destructor gives back, which nobody else knows of.
    pub(crate) outside: u64,
    life: Rc<Life>,
}

pub(crate) type Destructor = Box<dyn FnOnce(CData)>;

impl Guard {
    pub(crate) fn new(original: CData, destructor: Destructor, outside: u64) -> Rc<Guard> {
        let inner = original.extent().and_then(|extent| extent.life.clone());
        Rc::new(Guard {
            life: Life::new(original.types(), original.type_id(), inner),
            original: ManuallyDrop::new(original),
            destructor: Cell::new(Some(destructor)),
            outside,
        })
    }

    /// Runs the destructor now, unless it has run or was taken away.
    pub(crate) fn run(&self) {
        if let Some(destructor) = self.destructor.take() {
            self.life.is_over.set(true);
            destructor(self.original().clone());
        }
    }

    /// Takes the destructor away.
    pub(crate) fn disarm(&self) {
        drop(self.destructor.take());
    }

    pub(crate) fn original(&self) -> &CData {
        &self.original
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: taken here alone.
        let original = unsafe { ManuallyDrop::take(&mut self.original) };
        if let Some(destructor) = self.destructor.take() {
            chain::aside(|| destructor(original.clone()));
        }
        chain::let_go(original);
    }
}
