//! Memory that ends where nothing may be touched.

use region::{Allocation, Protection};

use crate::Error;

/// What the bytes ahead of a placed object hold.
const CANARY: u8 = 0xc5;
/// How many of them are looked at.
const CANARIES: usize = 64;

/// A place for one object, whose last byte is the last one before an inaccessible page.
///
/// ```text
///  ... c5 c5 c5 c5 c5 | object | no access
/// ```
pub(crate) struct Guarded {
    memory: Allocation,
    capacity: usize,
    length: usize,
    slack: usize,
}

impl Guarded {
    /// A place for objects of up to a page; it grows when a larger one comes.
    pub(crate) fn new() -> Result<Guarded, Error> {
        Guarded::with_capacity(region::page::size())
    }

    fn with_capacity(capacity: usize) -> Result<Guarded, Error> {
        let page = region::page::size();
        let capacity = (capacity + CANARIES).next_multiple_of(page);
        let mut memory = region::alloc(capacity + page, Protection::READ_WRITE)?;
        let guard = memory.as_mut_ptr::<u8>().wrapping_add(capacity);
        // SAFETY: the page starts inside `memory`, which is `capacity + page` bytes long and not yet shared.
        unsafe { region::protect(guard, page, Protection::NONE)? };
        Ok(Guarded {
            memory,
            capacity,
            length: 0,
            slack: 0,
        })
    }

    /// Copies `bytes` to the end, or `slack` bytes ahead of it, with canaries ahead of them, and says where they
    /// are.
    pub(crate) fn place(&mut self, bytes: &[u8], slack: usize) -> Result<*mut u8, Error> {
        if bytes.len() + slack + CANARIES > self.capacity {
            *self = Guarded::with_capacity(bytes.len() + slack)?;
        }
        (self.length, self.slack) = (bytes.len(), slack);
        let start = self.start();
        // SAFETY: `capacity` bytes end at the guard, and hold the object, what is behind it, and the canaries.
        unsafe {
            start.sub(CANARIES).write_bytes(CANARY, CANARIES);
            start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(start)
    }

    /// The object as it is now.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let start = self.start();
        // SAFETY: `length` initialised bytes start there; nothing else writes while this runs.
        unsafe { std::slice::from_raw_parts(start, self.length) }.to_vec()
    }

    /// Whether the bytes ahead of the object are as they were.
    pub(crate) fn intact(&mut self) -> bool {
        let start = self.start().wrapping_sub(CANARIES);
        // SAFETY: `place` initialised that many bytes there, all ahead of the guard.
        unsafe { std::slice::from_raw_parts(start, CANARIES) }
            .iter()
            .all(|byte| *byte == CANARY)
    }

    fn start(&mut self) -> *mut u8 {
        self.memory
            .as_mut_ptr::<u8>()
            .wrapping_add(self.capacity - self.slack - self.length)
    }
}
