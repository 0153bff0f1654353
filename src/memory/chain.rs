//! Chains of cdata, each kept by the next: dropped one after the other, however long they are, for a stack is not.

use std::cell::RefCell;

use crate::cdata::CData;

thread_local! {
    /// What is to be dropped next; none while nothing is being dropped.
    static WAITING: RefCell<Option<Vec<CData>>> = const { RefCell::new(None) };
}

/// Drops the cdata; inside of such a drop, afterwards.
pub(super) fn let_go(cdata: CData) {
    let mut first = Some(cdata);
    let begun = WAITING.try_with(|waiting| match &mut *waiting.borrow_mut() {
        Some(waiting) => {
            waiting.extend(first.take());
            None
        }
        begun => {
            *begun = Some(Vec::new());
            Some(Scope(None))
        }
    });
    // In a thread that has dropped its variables, or where this is the outermost.
    drop(first);
    if let Ok(Some(_scope)) = begun {
        while let Some(next) = pop() {
            drop(next);
        }
    }
}

/// Runs what is not of the chain: what it drops is dropped at once.
pub(super) fn aside(run: impl FnOnce()) {
    let outer = WAITING.try_with(|waiting| waiting.borrow_mut().take());
    let _scope = Scope(outer.ok().flatten());
    run();
}

fn pop() -> Option<CData> {
    WAITING
        .try_with(|waiting| waiting.borrow_mut().as_mut()?.pop())
        .ok()?
}

/// Puts back what waited outside, and drops what a panic left waiting.
struct Scope(Option<Vec<CData>>);

impl Drop for Scope {
    fn drop(&mut self) {
        let outer = self.0.take();
        let left = WAITING.try_with(|waiting| waiting.replace(outer));
        drop(left);
    }
}
