//! Counters that tell what the engine did.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::{Backend, Why};

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
    /// Thunks compiled, one for each signature of callbacks.
    pub thunks_compiled: u64,
    /// Fused stubs compiled, one for each signature and recipe.
    pub fused_compiled: u64,
    /// Callbacks that there are now, those included that were dropped and may still run.
    pub live_callbacks: u64,
    /// Callbacks made that are closures of libffi's, by the reason.
    pub libffi_callbacks: Vec<(Why, u64)>,
    /// Bytes of executable memory that stubs take.
    pub code_bytes: usize,
    /// Bytes of executable memory that are mapped.
    pub mapped_bytes: usize,
    /// Why code could not be made or published, the last time that it could not.
    pub problem: Option<String>,
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
    pub(crate) thunks: AtomicU64,
    pub(crate) fused: AtomicU64,
    callbacks: AtomicU64,
    libffi_callbacks: [AtomicU64; Why::ALL.len()],
    libffi: [AtomicU64; Why::ALL.len()],
    problem: Mutex<Option<String>>,
}

impl Counters {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_libffi(&self, why: Why) {
        Counters::count_reason(&self.libffi, why);
    }

    /// Counts a new callback.
    pub(crate) fn add_callback(&self, backend: Backend) {
        Counters::count(&self.callbacks);
        if let Backend::Libffi(why) = backend {
            Counters::count_reason(&self.libffi_callbacks, why);
        }
    }

    pub(crate) fn drop_callback(&self) {
        self.callbacks.fetch_sub(1, Ordering::Relaxed);
    }

    fn count_reason(counters: &[AtomicU64; Why::ALL.len()], why: Why) {
        let reasons = Why::ALL.iter().zip(counters);
        reasons
            .filter(|(reason, _)| **reason == why)
            .for_each(|(_, counter)| Counters::count(counter));
    }

    fn read_reasons(counters: &[AtomicU64; Why::ALL.len()]) -> Vec<(Why, u64)> {
        let counted = Why::ALL.iter().zip(counters);
        let counted = counted.map(|(why, counter)| (*why, counter.load(Ordering::Relaxed)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    pub(crate) fn note(&self, problem: impl ToString) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem.to_string());
    }

    pub(crate) fn read(&self) -> Stats {
        Stats {
            stubs_compiled: self.compiled.load(Ordering::Relaxed),
            cache_hits: self.hits.load(Ordering::Relaxed),
            libffi_calls: Counters::read_reasons(&self.libffi),
            thunks_compiled: self.thunks.load(Ordering::Relaxed),
            fused_compiled: self.fused.load(Ordering::Relaxed),
            live_callbacks: self.callbacks.load(Ordering::Relaxed),
            libffi_callbacks: Counters::read_reasons(&self.libffi_callbacks),
            problem: self
                .problem
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            ..Stats::default()
        }
    }
}
