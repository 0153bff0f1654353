//! What may be shared between threads is, and gives the same to all of them.

mod common;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{call, library};
use farcall::call::Caller;
use farcall::{Error, ErrorClass, Ffi, Function, Library, Type, Value, errno};

#[test]
fn everything_but_cdata_is_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Ffi>();
    shared::<Library>();
    shared::<Function>();
    shared::<Caller>();
    shared::<Type>();
    shared::<Error>();
    shared::<ErrorClass>();
}

/// Members, functions and plans of variadic calls are made by whoever comes first.
#[test]
fn first_uses_at_the_same_time_agree() {
    const THREADS: usize = 8;
    for _ in 0..20 {
        let (ffi, lib) = library();
        let barrier = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (ffi, lib, barrier) = (&ffi, &lib, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let n = i32::try_from(thread).unwrap();
                    let nested = ffi.alloc("struct nested *", ()).unwrap();
                    nested.set_field("name", "thread").unwrap();
                    let moved = call(lib, "move", (nested.item(0).unwrap(), n)).unwrap();
                    let at = moved.field("at").unwrap().item(0).unwrap();
                    assert_eq!(at.field("x").unwrap(), Value::Int(n.into()));
                    let int = ffi.cast("int", n).unwrap();
                    let double = ffi.cast("double", n).unwrap();
                    assert_eq!(call(lib, "total", (1, &int)).unwrap(), Value::from(n));
                    assert_eq!(
                        call(lib, "weigh", ("d", &double)).unwrap(),
                        Value::Float(n.into())
                    );
                    errno::set(n);
                    call(lib, "fails_with", (n + 100,)).unwrap();
                    assert_eq!(errno::get(), n + 100);
                });
            }
        });
    }
}

/// Who looks a function up while another closes the library gets it, or an error; but none is to be had afterwards.
#[test]
#[allow(unsafe_code, reason = "a library is opened")]
fn closing_while_others_look_up() {
    let (ffi, lib) = library();
    for _ in 0..300 {
        // SAFETY: the declarations are those of the library.
        let lib = unsafe { ffi.dlopen(lib.name()) }.unwrap();
        let barrier = Barrier::new(3);
        std::thread::scope(|scope| {
            for name in ["negate", "swap"] {
                let (lib, barrier) = (&lib, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    for _ in 0..3 {
                        drop(lib.function(name));
                    }
                });
            }
            barrier.wait();
            std::thread::yield_now();
            lib.close();
        });
        for name in ["negate", "swap"] {
            assert!(matches!(lib.function(name), Err(Error::Closed { .. })));
        }
    }
}

/// One thread declares what others look up and call.
#[test]
fn declaring_while_others_call() {
    let (ffi, lib) = library();
    let declared = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..200 {
                let text = format!(
                    "struct t{n} {{ int a[{}]; }}; typedef struct t{n} t{n}_t;",
                    n + 1
                );
                ffi.cdef(&text).unwrap();
            }
            declared.store(true, Ordering::Relaxed);
        });
        for _ in 0..3 {
            scope.spawn(|| {
                while !declared.load(Ordering::Relaxed) {
                    let swapped = call(&lib, "swap", ([1, 2],)).unwrap();
                    assert_eq!(swapped.to_string(), "{x: 2, y: 1}");
                    assert_eq!(ffi.size_of("struct point[3]").unwrap(), 24);
                }
            });
        }
    });
    assert_eq!(ffi.size_of("t199_t").unwrap(), 800);
}
