//! Initialisation that happens once.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use hashbrown::HashMap;

use super::Ffi;

/// What was initialised so far, by tag.
#[derive(Default)]
pub(super) struct Once {
    cells: Mutex<HashMap<String, Arc<Cell>>>,
}

#[derive(Default)]
struct Cell {
    /// Locked while the initialisation runs.
    value: Mutex<Option<Arc<dyn Any + Send + Sync>>>,
    /// The thread that runs it.
    running: Mutex<Option<ThreadId>>,
}

/// Notes the thread that runs an initialisation, for as long as that takes.
struct Running<'c>(&'c Cell);

impl<'c> Running<'c> {
    fn new(cell: &'c Cell) -> Running<'c> {
        *lock(&cell.running) = Some(thread::current().id());
        Running(cell)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *lock(&self.0.running) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ffi {
    /// The result of `initialise`, which is called at the first use of the tag only; other threads wait for it meanwhile.
    /// After an error the next use calls it again.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let count = |n: i32| ffi.init_once("count", || Ok::<_, farcall::Error>(n));
    /// assert_eq!((*count(1)?, *count(2)?), (1, 1));
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `initialise`.
    ///
    /// # Panics
    ///
    /// If the tag was used for another type before, or is asked for by `initialise` itself, which would wait for its own end.
    pub fn init_once<T: Any + Send + Sync, E>(
        &self,
        tag: &str,
        initialise: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let cell = Arc::clone(lock(&self.inner.once.cells).entry_ref(tag).or_default());
        if *lock(&cell.running) == Some(thread::current().id()) {
            panic!("init_once: the initialisation of {tag:?} asks for its own result");
        }
        let mut value = lock(&cell.value);
        let known = match &*value {
            Some(known) => Arc::clone(known),
            None => {
                let _running = Running::new(&cell);
                let new: Arc<dyn Any + Send + Sync> = Arc::new(initialise()?);
                value.insert(new).clone()
            }
        };
        // No panic under the lock.
        drop(value);
        known
            .downcast()
            .map_err(|_| panic!("init_once: the tag {tag:?} is used for two types"))
    }
}
