//! The interleavings that no test from outside can bring about.

use super::*;

/// A signal comes while a callback is being entered, and its handler calls one.
#[test]
fn signals_while_entering() {
    let slots = [1, 2, 3, 4].map(|n| ptr::without_provenance::<Slot>(n * 64));
    let is_inside = |slot| LOCAL.with(|local| local.outermost(slot).is_some());
    let stack = [0u8; 4096];
    let at = |offset: usize| &raw const stack as usize + offset;
    let outer = enter(slots[0], at(4000));
    // What `enter` does, with a signal in the middle of it.
    let interrupted = LOCAL.with(|local| {
        let entry = local.top.get();
        // SAFETY: the chunk is far from its end.
        unsafe { local.reserve(entry) };
        let handler = enter(slots[1], at(1000));
        assert!(is_inside(slots[1]));
        drop(handler);
        // SAFETY: as above.
        unsafe { (*entry).occupy(slots[2], at(3000)) };
        Inside { local, entry }
    });
    let nested = enter(slots[3], at(2000));
    assert!([0, 2, 3].map(|n| slots[n]).into_iter().all(is_inside));
    drop((nested, interrupted, outer));
    assert!(!slots.into_iter().any(is_inside));
    // Ahead of the stores of a signal's time the next entry has no address.
    LOCAL.with(|local| {
        // SAFETY: the chunk is far from its end.
        assert_eq!(unsafe { (*local.top.get()).stack.get() }, usize::MAX);
    });
}

/// Where nothing is known of the stack, nothing is taken for left.
#[test]
fn unknown_stacks() {
    let slot = ptr::without_provenance::<Slot>(64);
    let stack = [0u8; 64];
    let here = &raw const stack as usize;
    LOCAL.with(|local| {
        local.bounds.set(Some((0, 0)));
        let left = enter(slot, here);
        local.forget_left(here + 32);
        assert!(local.outermost(slot).is_some());
        local.bounds.set(None);
        local.forget_left(here + 32);
        assert!(local.outermost(slot).is_none());
        drop(left);
    });
}
