//! Counters that tell what the engine did.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Why;

/// What an engine has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Stubs compiled, one for each signature and way of entering.
    pub stubs_compiled: u64,
    /// Signatures found in the cache.
    pub cache_hits: u64,
    /// Calls made through libffi, by the reason.
    pub libffi_calls: Vec<(Why, u64)>,
    /// Bytes of executable memory that stubs take.
    pub code_bytes: usize,
    /// Bytes of executable memory that are mapped.
    pub mapped_bytes: usize,
}

impl Stats {
    /// Calls made through libffi for any reason.
    pub fn libffi_total(&self) -> u64 {
        self.libffi_calls.iter().map(|(_, count)| count).sum()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) compiled: AtomicU64,
    pub(crate) hits: AtomicU64,
    libffi: Mutex<Vec<(Why, u64)>>,
}

impl Counters {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_libffi(&self, why: Why) {
        let mut calls = self.libffi.lock().unwrap_or_else(PoisonError::into_inner);
        match calls.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, count)) => *count += 1,
            None => calls.push((why, 1)),
        }
    }

    pub(crate) fn read(&self) -> Stats {
        Stats {
            stubs_compiled: self.compiled.load(Ordering::Relaxed),
            cache_hits: self.hits.load(Ordering::Relaxed),
            libffi_calls: self
                .libffi
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            ..Stats::default()
        }
    }
}
