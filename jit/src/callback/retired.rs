//! Closures that were freed while other threads ran callbacks, and the threads that may be inside of them. What is
//! right about it stands in [`activity`](super::activity).

use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::activity::{self, Node};
use super::barrier;
use super::slots::Freed;
use crate::code::fork;

/// Frees between two looks at all threads.
pub(super) const SWEEP_EVERY: usize = 64;

/// How many threads are registered.
static THREADS: AtomicUsize = AtomicUsize::new(0);

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    threads: Vec::new(),
    spare: Vec::new(),
    retired: Vec::new(),
    sweep_at: SWEEP_EVERY,
    generation: 0,
});

struct Registry {
    threads: Vec<&'static Node>,
    /// Those of threads that have ended.
    spare: Vec<&'static Node>,
    retired: Vec<Freed>,
    /// How many must have come together for the next look.
    sweep_at: usize,
    /// Of the process in which the threads are, see [`fork::generation`].
    generation: u32,
}

/// Under the fork gate, which the caller holds.
fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers the calling thread.
pub(super) fn register() -> &'static Node {
    let _gate = fork::keep_out();
    let mut registry = registry();
    registry.notice_fork(None);
    let node = registry.spare.pop().unwrap_or_else(Node::new);
    registry.threads.push(node);
    THREADS.fetch_add(1, Ordering::SeqCst);
    fence(Ordering::SeqCst);
    node
}

/// Takes the calling thread off, which is inside of no callback.
pub(super) fn unregister(node: &'static Node) {
    let due = {
        let _gate = fork::keep_out();
        let mut registry = registry();
        registry.notice_fork(Some(node));
        registry.threads.retain(|other| !std::ptr::eq(*other, node));
        registry.spare.push(node);
        THREADS.fetch_sub(1, Ordering::SeqCst);
        std::mem::take(&mut registry.retired)
    };
    sweep(due);
}

/// Drops a closure that the calling thread does not run: now if no other thread can, else once none does.
pub(super) fn settle(freed: Freed) {
    fence(Ordering::SeqCst);
    let own = activity::own_node();
    if THREADS.load(Ordering::SeqCst) <= usize::from(own.is_some()) {
        return freed.finish();
    }
    let due = {
        let _gate = fork::keep_out();
        let mut registry = registry();
        registry.notice_fork(own);
        registry.retired.push(freed);
        let alone = registry.threads.len() <= usize::from(own.is_some());
        if !alone && registry.retired.len() < registry.sweep_at {
            return;
        }
        std::mem::take(&mut registry.retired)
    };
    sweep(due);
}

/// Drops all closures that wait and that no thread runs.
pub(crate) fn reclaim() {
    let due = {
        let _gate = fork::keep_out();
        std::mem::take(&mut registry().retired)
    };
    sweep(due);
}

fn sweep(due: Vec<Freed>) {
    if due.is_empty() {
        return;
    }
    let known = barrier::heavy();
    let (busy, idle) = {
        let _gate = fork::keep_out();
        let mut registry = registry();
        registry.notice_fork(activity::own_node());
        let threads = registry.threads.iter();
        let mut inside: Vec<_> = threads.flat_map(|node| node.slots()).collect();
        inside.sort_unstable();
        let is_busy = |freed: &Freed| !known || inside.binary_search(&freed.slot()).is_ok();
        let (busy, idle): (Vec<_>, Vec<_>) = due.into_iter().partition(is_busy);
        registry.sweep_at = 2 * busy.len() + SWEEP_EVERY;
        (busy, idle)
    };
    busy.iter().for_each(Freed::keep_code);
    if !busy.is_empty() {
        let _gate = fork::keep_out();
        registry().retired.extend(busy);
    }
    // What they own is foreign code: it runs under no lock.
    idle.into_iter().for_each(Freed::finish);
}

impl Registry {
    /// In a forked child the other threads are gone.
    fn notice_fork(&mut self, own: Option<&'static Node>) {
        if self.generation != fork::generation() {
            self.generation = fork::generation();
            self.threads
                .retain(|node| own.is_some_and(|own| std::ptr::eq(*node, own)));
            THREADS.store(self.threads.len(), Ordering::SeqCst);
        }
    }
}
