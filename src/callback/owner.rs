//! Who owns a callback.

use std::mem::{ManuallyDrop, forget};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use farcall_jit as jit;

/// The engine's callback in one word, for most have one owner; or, from the first clone on, with the lowest bit set, what all owners
/// share.
pub(super) struct Owner(AtomicPtr<()>);

impl Owner {
    pub(super) fn new(callback: jit::Callback) -> Owner {
        Owner(AtomicPtr::new(callback.into_raw().as_ptr()))
    }

    /// Shows the callback to `look`.
    pub(super) fn with<T>(&self, look: impl FnOnce(&jit::Callback) -> T) -> T {
        let word = self.0.load(Ordering::Acquire);
        match shared(word) {
            // SAFETY: the word's owner lives as long as this, and is not dropped through the copy.
            None => look(&ManuallyDrop::new(unsafe { jit::Callback::from_raw(word) })),
            // SAFETY: of what is shared, this is an owner.
            Some(shared) => look(unsafe { &*shared }),
        }
    }

    /// Another owner.
    pub(super) fn share(&self) -> Arc<jit::Callback> {
        let word = self.0.load(Ordering::Acquire);
        let all = shared(word).unwrap_or_else(|| self.make_shared(word));
        // SAFETY: `make_shared` got it from an `Arc`, of which this is an owner.
        unsafe {
            Arc::increment_strong_count(all);
            Arc::from_raw(all)
        }
    }

    /// Gives the callback in `word`, the only owner, to one that can be shared, unless another thread does.
    #[cold]
    fn make_shared(&self, word: *mut ()) -> *const jit::Callback {
        // SAFETY: the owner in the word is given up below, or else this one is.
        let new = Arc::into_raw(Arc::new(unsafe { jit::Callback::from_raw(word) }));
        let tagged = new.cast_mut().cast::<()>().map_addr(|address| address | 1);
        let exchanged = self
            .0
            .compare_exchange(word, tagged, Ordering::AcqRel, Ordering::Acquire);
        match exchanged {
            Ok(_) => new,
            Err(other) => {
                // SAFETY: made above, and nobody else knows of it.
                forget(Arc::into_inner(unsafe { Arc::from_raw(new) }));
                shared(other).expect("the only other change there is")
            }
        }
    }
}

/// What a word that is not the only owner points to.
fn shared(word: *mut ()) -> Option<*const jit::Callback> {
    let untagged = word.map_addr(|address| address & !1);
    (untagged != word).then_some(untagged.cast_const().cast())
}

impl Clone for Owner {
    fn clone(&self) -> Owner {
        let all = Arc::into_raw(self.share()).cast_mut().cast::<()>();
        Owner(AtomicPtr::new(all.map_addr(|address| address | 1)))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let word = *self.0.get_mut();
        // SAFETY: the word is an owner, and not used again.
        unsafe {
            match shared(word) {
                None => drop(jit::Callback::from_raw(word)),
                Some(shared) => drop(Arc::from_raw(shared)),
            }
        }
    }
}
