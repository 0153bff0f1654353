//! Options of an [`Ffi`].

use std::sync::{Arc, OnceLock};

use farcall_jit::Engine;

use super::Ffi;
use crate::ctype::TypeTable;
use crate::layout::DataModel;
use crate::lower::Lowering;

/// Makes an [`Ffi`] with options.
///
/// ```
/// use farcall::{Ffi, jit::Engine};
///
/// let ffi = Ffi::builder().engine(Engine::without_code()).checked(true).build();
/// let memory = ffi.alloc("int[3]", ())?;
/// memory.release()?;
/// let error = memory.item(0).unwrap_err();
/// assert_eq!(error.to_string(), "memory of 'int[3]' is used after its release");
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Builder {
    engine: Option<Engine>,
    checked: bool,
}

impl Builder {
    /// The engine that makes the calls, instead of the process's shared one.
    pub fn engine(mut self, engine: Engine) -> Builder {
        self.engine = Some(engine);
        self
    }

    /// Whether memory is not to be used after its [release](crate::CData::release), by anything that refers to it: what
    /// [`Ffi::alloc`], [`Ffi::from_buffer`] and calls that return records made. Else such memory stays until its last
    /// owner is gone. Errors about bounds, which are checked in any case, then say what was allocated.
    ///
    /// ```
    /// let ffi = farcall::Ffi::builder().checked(true).build();
    /// let second = ffi.alloc("int[3]", ())?.offset(1)?;
    /// let error = second.item(2).unwrap_err().to_string();
    /// assert_eq!(error, "item 2 reaches 16 bytes into memory of 12 bytes at 'int *' (memory of 'int[3]')");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn checked(mut self, checked: bool) -> Builder {
        self.checked = checked;
        self
    }

    /// The [`Ffi`], with nothing declared.
    pub fn build(self) -> Ffi {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        let shared = || ENGINE.get_or_init(Engine::new).clone();
        let engine = self.engine.unwrap_or_else(shared);
        let types = Arc::new(TypeTable::new(DataModel::HOST));
        let lowering = Arc::new(Lowering::new(Arc::clone(&types)));
        Ffi::with_types(types, lowering, engine, self.checked)
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("checked", &self.checked)
            .finish_non_exhaustive()
    }
}
