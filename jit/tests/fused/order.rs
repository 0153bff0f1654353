//! What happens around the C call, and in which order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use farcall_jit::{Engine, Float, HostErrno, HostSign, Int, Maker, Reader, Signature};

use crate::runtime::*;

const SIGN: HostSign = HostSign::LowBits;

extern "C" fn add(a: i64, b: f64) -> f64 {
    note(Event::Function);
    a as f64 + b
}

extern "C-unwind" fn throw(_: i64, _: f64) -> f64 {
    note(Event::Function);
    std::panic::resume_unwind(Box::new("thrown"));
}

fn fused_with(releases_lock: bool, errno: HostErrno) -> Fused {
    let signature = Signature::new(
        [Int::I64.into(), Float::F64.into()],
        Some(Float::F64.into()),
    );
    let counter = counter();
    let mut recipe = recipe(SIGN, counter, &[Reader::Number; 2], Maker::Number);
    recipe.releases_lock = releases_lock;
    let mut host = (*recipe.host).clone();
    if errno != HostErrno::Ignored {
        host.errno = errno;
    }
    recipe.host = host.into();
    let stub = Engine::new().fused_stub(&signature, &recipe);
    Fused {
        stub: stub.expect("the recipe can be followed"),
        counter,
    }
}

#[test]
fn errno_is_kept_inside_of_the_lock() {
    let callee = callee(add as *const _, &[]);
    let args = [int(SIGN, 40), float(2.5)];
    let made = || Event::Made(Made::Double(42.5f64.to_bits()));
    let fused = fused_with(true, HostErrno::Ignored);
    let (result, events) = fused.call(callee, &args);
    let before = [Event::Release, Event::Restore, Event::Function];
    let after = [Event::Save, Event::Acquire(LOCK), made()];
    assert_eq!((result, events), (OBJECT, [before, after].concat()));
    let fused = fused_with(false, HostErrno::Ignored);
    let (_, events) = fused.call(callee, &args);
    assert_eq!(
        events,
        [Event::Restore, Event::Function, Event::Save, made()]
    );
}

#[test]
fn exceptions_cross_stubs() {
    let callee = callee(throw as *const _, &[]);
    let args = [int(SIGN, 40), float(2.5)];
    for releases_lock in [false, true] {
        let fused = fused_with(releases_lock, HostErrno::Ignored);
        let thrown = catch_unwind(AssertUnwindSafe(|| fused.call(callee, &args)));
        let thrown = thrown.expect_err("the function throws");
        assert_eq!(thrown.downcast_ref(), Some(&"thrown"));
        assert_eq!(take_events().last(), Some(&Event::Function));
    }
}

/// Stubs have frames of several kinds, which an engine keeps apart for the unwinder.
#[test]
fn exceptions_cross_stubs_of_every_frame() {
    extern "C-unwind" fn few(_: i64) {
        std::panic::resume_unwind(Box::new("few"));
    }
    #[rustfmt::skip]
    extern "C-unwind" fn many(
        _: i64, _: i64, _: i64, _: i64, _: i64, _: i64, _: i64, _: i64, _: i64,
    ) {
        std::panic::resume_unwind(Box::new("many"));
    }
    let engine = Engine::new();
    let targets = [(1, few as *const _, "few"), (9, many as *const _, "many")];
    let stubs = targets.map(|(count, ..)| {
        let signature = Signature::new(vec![Int::I64.into(); count], None);
        let counter = counter();
        let readers = vec![Reader::Number; count];
        let recipe = recipe(SIGN, counter, &readers, Maker::Nothing);
        let stub = engine.fused_stub(&signature, &recipe);
        let stub = stub.expect("the recipe can be followed");
        Fused { stub, counter }
    });
    for ((count, target, what), fused) in targets.into_iter().zip(stubs) {
        let args: Vec<Object> = (0..count).map(|value| int(SIGN, value as i128)).collect();
        let callee = callee(target, &[]);
        let thrown = catch_unwind(AssertUnwindSafe(|| fused.call(callee, &args)));
        let thrown = thrown.expect_err("the function throws");
        assert_eq!(thrown.downcast_ref(), Some(&what));
    }
}

#[cfg(target_os = "linux")]
mod in_thread {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        // In an executable, thread-local variables are at the same distance in every thread.
        static SAVED: Cell<i32> = const { Cell::new(0) };
    }

    fn errno() -> *mut i32 {
        // SAFETY: always there.
        unsafe { libc::__errno_location() }
    }

    fn distance(of: *const i32) -> i32 {
        let base: usize;
        // SAFETY: reads the thread control block's address, which is its first word.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::asm!("mov {}, fs:0", out(reg) base, options(nostack, readonly));
        }
        // SAFETY: reads a register that user mode may read.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            std::arch::asm!("mrs {}, tpidr_el0", out(reg) base, options(nostack, nomem));
        }
        (of.addr() as isize - base as isize)
            .try_into()
            .expect("near")
    }

    extern "C" fn exchange(a: i64, _: f64) -> f64 {
        // SAFETY: this thread's.
        unsafe {
            let old = *errno();
            *errno() = a as i32;
            old.into()
        }
    }

    fn check() {
        let location = HostErrno::Thread {
            errno: distance(errno()),
            saved: distance(SAVED.with(Cell::as_ptr)),
        };
        let callee = callee(exchange as *const _, &[]);
        for releases_lock in [false, true] {
            let fused = fused_with(releases_lock, location);
            SAVED.set(17);
            // SAFETY: this thread's.
            unsafe { *errno() = 5 };
            let args = [int(SIGN, 99), float(0.0)];
            let (_, events) = fused.call(callee, &args);
            let made = Event::Made(Made::Double(17f64.to_bits()));
            assert_eq!(events.last(), Some(&made));
            assert_eq!(SAVED.get(), 99);
        }
    }

    #[test]
    fn errno_is_copied_in_each_thread() {
        check();
        std::thread::spawn(check).join().expect("the other thread");
    }
}
