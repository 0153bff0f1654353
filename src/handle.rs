//! Handles: host values that travel through C as a `void *`.

use std::any::Any;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use farcall_jit as jit;
use hashbrown::HashMap;

use crate::cdata::CData;
use crate::ctype::CType;
use crate::memory::{Allocation, Extent};
use crate::{Error, Ffi};

/// A host value that C knows by an address, as long as this lives.
///
/// The address is that of memory which nobody else has, so that no other pointer is taken for a handle; it is given
/// again only after a million others. C may compare it, not read there.
///
/// ```
/// use farcall::Handle;
///
/// let handle = Handle::new(String::from("state"));
/// let address = handle.address();
/// assert_eq!(*Handle::<String>::find(address)?, "state");
/// drop(handle);
/// assert!(Handle::<String>::find(address).is_err());
/// # Ok::<(), farcall::Error>(())
/// ```
pub struct Handle<T: Any + Send + Sync> {
    address: usize,
    value: PhantomData<Arc<T>>,
}

impl<T: Any + Send + Sync> Handle<T> {
    /// Gives a value an address.
    pub fn new(value: T) -> Handle<T> {
        let address = {
            let value = Arc::new(value);
            with_registry(|registry| registry.insert(value))
        };
        Handle {
            address,
            value: PhantomData,
        }
    }

    /// What C is given.
    pub fn address(&self) -> *mut c_void {
        self.address as *mut c_void
    }

    /// The value of the handle at `address`. Any address may be asked for: nothing is read there.
    ///
    /// # Errors
    ///
    /// [`Error::Handle`] if there is no handle at the address, or none any more, or it is one of another type.
    pub fn find(address: *const c_void) -> Result<Arc<T>, Error> {
        let refused = |problem| Error::Handle {
            address: address as usize,
            problem,
        };
        let found = with_registry(|registry| registry.find(address as usize));
        let value = match found {
            Some(value) => value,
            None if address.is_null() => return Err(refused("is NULL")),
            None => return Err(refused("is no handle, or one that has been freed")),
        };
        let value = value.downcast();
        value.map_err(|_| refused("is a handle to a value of another type"))
    }
}

impl<T: Any + Send + Sync> Drop for Handle<T> {
    fn drop(&mut self) {
        let value = with_registry(|registry| registry.remove(self.address));
        // Its drop is foreign code: it runs under no lock.
        drop(value);
    }
}

impl<T: Any + Send + Sync> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<handle to {}>", std::any::type_name::<T>())
    }
}

impl Ffi {
    /// A `void *` that stands for a value of the host. It is good as long as it or a copy of it lives.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let state = ffi.new_handle(vec![1, 2, 3]);
    /// assert_eq!(*ffi.from_handle::<Vec<i32>>(&state)?, [1, 2, 3]);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn new_handle<T: Any + Send + Sync>(&self, value: T) -> CData {
        let handle = Arc::new(Handle::new(value));
        let address = handle.address().cast();
        let types = self.types();
        let extent = Extent::of_library(handle, address, 0);
        let ty = types.pointer(types.void());
        CData::at(types, ty, address, Some(extent))
    }

    /// The value that a `void *` from [`Ffi::new_handle`] stands for, after it came back from C.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] if the cdata is no pointer to `void` or characters, [`Error::Handle`] if it is no handle, or none any more, or
    /// one to a value of another type.
    pub fn from_handle<T: Any + Send + Sync>(&self, pointer: &CData) -> Result<Arc<T>, Error> {
        let types = pointer.types();
        let target = match types.get(types.plain(pointer.type_id())) {
            CType::Pointer(target) => Some(types.get(types.plain(target))),
            _ => None,
        };
        let is_opaque = match target {
            Some(CType::Void) => true,
            Some(CType::Primitive(primitive)) => primitive.layout(types.model()).size == 1,
            _ => false,
        };
        match pointer.address() {
            Some(address) if is_opaque => Handle::find(address),
            _ => Err(Error::Operation {
                ty: pointer.type_name(),
                problem: "is not a 'void *' out of new_handle",
            }),
        }
    }
}

/// Bytes between the addresses of two handles: C may keep marks in the lowest bits of a pointer.
const STRIDE: usize = 16;

/// Addresses of a block: so many that the system gives zeroed memory for them, which costs nothing until it is touched.
const PER_BLOCK: usize = 1 << 16;

/// Blocks without handles that are kept from being used again.
const QUARANTINE: usize = 16;

/// All handles of the process.
#[derive(Default)]
struct Registry {
    handles: HashMap<usize, Entry>,
    blocks: Vec<Block>,
    /// The block that addresses are taken from.
    current: Option<usize>,
    /// Blocks all of whose addresses were given and are free again, the longest free first.
    spent: VecDeque<usize>,
}

struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    block: usize,
}

/// Memory for addresses. Nothing is ever in it.
struct Block {
    memory: Arc<Allocation>,
    given: usize,
    freed: usize,
}

/// A child of `fork` never finds the lock held.
fn with_registry<R>(access: impl FnOnce(&mut Registry) -> R) -> R {
    static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);
    let _gate = jit::keep_fork_out();
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    access(&mut registry)
}

impl Registry {
    fn find(&self, address: usize) -> Option<Arc<dyn Any + Send + Sync>> {
        let entry = self.handles.get(&address)?;
        Some(Arc::clone(&entry.value))
    }

    fn insert(&mut self, value: Arc<dyn Any + Send + Sync>) -> usize {
        let block = match self.current {
            Some(block) => block,
            None => self.next_block(),
        };
        let Block { memory, given, .. } = &mut self.blocks[block];
        let address = memory.start() as usize + *given * STRIDE;
        *given += 1;
        self.current = (*given < PER_BLOCK).then_some(block);
        self.handles.insert(address, Entry { value, block });
        address
    }

    fn next_block(&mut self) -> usize {
        if self.spent.len() > QUARANTINE
            && let Some(block) = self.spent.pop_front()
        {
            (self.blocks[block].given, self.blocks[block].freed) = (0, 0);
            return block;
        }
        let bytes = (PER_BLOCK * STRIDE) as u64;
        self.blocks.push(Block {
            memory: Allocation::new(bytes, STRIDE as u64).expect("memory for handles"),
            given: 0,
            freed: 0,
        });
        self.blocks.len() - 1
    }

    fn remove(&mut self, address: usize) -> Option<Arc<dyn Any + Send + Sync>> {
        let Entry { value, block } = self.handles.remove(&address)?;
        self.blocks[block].freed += 1;
        if self.blocks[block].freed == PER_BLOCK {
            self.spent.push_back(block);
        }
        Some(value)
    }
}
