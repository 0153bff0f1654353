//! Closures that were freed while other threads ran callbacks, and the threads that may be inside of them. What is
//! right about it stands in [`activity`](super::activity).

use std::ptr;
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
});

struct Registry {
    threads: Vec<&'static Node>,
    /// Those of threads that have ended.
    spare: Vec<&'static Node>,
    retired: Vec<Freed>,
    /// How many must have come together for the next look.
    sweep_at: usize,
}

/// Under the fork gate, which the caller holds.
fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers the calling thread.
pub(super) fn register() -> &'static Node {
    children::prepare();
    let _gate = fork::keep_out();
    let mut registry = registry();
    let node = registry.spare.pop().unwrap_or_else(Node::new);
    node.process.store(fork::generation(), Ordering::Relaxed);
    registry.threads.push(node);
    registry.publish_count();
    fence(Ordering::SeqCst);
    node
}

/// Takes the calling thread off, which is inside of no callback.
pub(super) fn unregister(node: &'static Node) {
    let due = {
        let _gate = fork::keep_out();
        let mut registry = registry();
        registry.notice_fork(Some(node));
        registry.threads.retain(|other| !ptr::eq(*other, node));
        registry.spare.push(node);
        registry.publish_count();
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
    freed.keep_code();
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
        let mut registry = registry();
        registry.notice_fork(activity::own_node());
        std::mem::take(&mut registry.retired)
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
    if !busy.is_empty() {
        let _gate = fork::keep_out();
        registry().retired.extend(busy);
    }
    // What they own is foreign code: it runs under no lock.
    idle.into_iter().for_each(Freed::finish);
}

impl Registry {
    /// In a forked child the other threads are gone. A thread that was registered by another process is the one that
    /// forked, for no other came along. (A thread that comes new cannot tell who that was.)
    fn notice_fork(&mut self, own: Option<&'static Node>) {
        let process = fork::generation();
        let is_here = |node: &Node| node.process.load(Ordering::Relaxed) == process;
        if let Some(own) = own.filter(|own| !is_here(own)) {
            own.process.store(process, Ordering::Relaxed);
            self.threads.retain(|node| is_here(node));
            self.forget_others();
        }
    }

    /// What waited at the fork is for the parent to drop, once: here its drop could ask for a lock that a thread held which is
    /// gone. It stays where it is, as what such a thread was about to drop.
    fn forget_others(&mut self) {
        std::mem::forget(std::mem::take(&mut self.retired));
        self.publish_count();
    }

    fn publish_count(&self) {
        THREADS.store(self.threads.len(), Ordering::SeqCst);
    }
}

/// Tells the threads of a child apart while there is but one. Children that are not made by libc's `fork` find out when
/// the thread that made them comes by; until then those that are gone count, and nothing is dropped on their account.
#[cfg(unix)]
mod children {
    use std::sync::Once;

    use super::{activity, fork, registry};

    pub(super) fn prepare() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // Behind the gate's own handler, which lets go of the gate.
            drop(fork::keep_out());
            // SAFETY: the handler is an `extern "C"` function of this crate that does not unwind. Without memory for it,
            // which is all that can fail, children are as those not made by libc's `fork`.
            let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        });
    }

    extern "C" fn in_child() {
        let _gate = fork::keep_out();
        let mut registry = registry();
        match activity::own_node() {
            Some(own) => registry.notice_fork(Some(own)),
            None => {
                registry.threads.clear();
                registry.forget_others();
            }
        }
    }
}

#[cfg(not(unix))]
mod children {
    pub(super) fn prepare() {}
}
