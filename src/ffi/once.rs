//! Initialisation that happens once.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use super::Ffi;

/// What was initialised so far, by tag.
#[derive(Default)]
pub(super) struct Once {
    cells: Mutex<HashMap<String, Arc<Cell>>>,
}

/// Locked while the initialisation runs.
type Cell = Mutex<Option<Arc<dyn Any + Send + Sync>>>;

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
    /// If the tag was used for another type before, or by `initialise` itself.
    pub fn init_once<T: Any + Send + Sync, E>(
        &self,
        tag: &str,
        initialise: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let cells = &self.inner.once.cells;
        let cell = {
            let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry_ref(tag).or_default())
        };
        let mut value = cell.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match &*value {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<dyn Any + Send + Sync> = Arc::new(initialise()?);
                value.insert(new).clone()
            }
        };
        Ok(known
            .downcast()
            .unwrap_or_else(|_| panic!("init_once: the tag {tag:?} is used for two types")))
    }
}
