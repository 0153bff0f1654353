//! Functions of the host that the text declares.

use std::ffi::c_int;
use std::sync::Arc;
use std::time::Duration;

use crate::common::{call, checked, library};
use crate::int;
use farcall::{CallbackOptions, Error, ExternFunction, jit};

#[test]
fn functions_of_the_host() {
    let (ffi, lib) = library();
    ffi.cdef(
        r#"extern "host" { int plus(int); int minus(int, int); }
           extern "Python" double scaled(double);
           extern "Python+C" void told(const char *);"#,
    )
    .unwrap();
    // The pointer is there before there is anything to call, and stays.
    let before = lib.get("plus").unwrap();
    let kept = ffi.alloc("int (*[1])(int)", ()).unwrap();
    call(&lib, "keep", (&kept, &before)).unwrap();
    let call_kept = |n: i32| int(call(&lib, "call_kept", (&kept, n)));
    assert_eq!(call_kept(1), 0);
    ffi.def_extern("plus", |args| Ok(args.get::<i32>(0)? + 1))
        .unwrap();
    assert_eq!(call_kept(1), 2);
    ffi.def_extern("plus", |args| Ok(args.get::<i32>(0)? + 10))
        .unwrap();
    assert_eq!(call_kept(1), 11);
    assert_eq!(lib.get("plus").unwrap(), before);
    assert_eq!(lib.address_of("plus").unwrap(), *before.cdata().unwrap());

    ffi.def_extern_with("minus", CallbackOptions::new().error(-99), |args| {
        args.get::<i32>(0)?
            .checked_sub(args.get(1)?)
            .ok_or("overflow".into())
    })
    .unwrap();
    assert_eq!(int(call(&lib, "minus", (44, 2))), 42);
    assert_eq!(int(call(&lib, "minus", (i32::MIN, 2))), -99);
    ffi.def_extern("scaled", |args| Ok(args.get::<f64>(0)? * 1.5))
        .unwrap();
    let scaled = lib
        .func::<unsafe extern "C" fn(f64) -> f64>("scaled")
        .unwrap();
    // SAFETY: its code lasts as long as the process.
    assert_eq!(unsafe { scaled(2.0) }, 3.0);
}

#[test]
fn functions_that_are_not_the_hosts_get_no_code() {
    let (ffi, _lib) = library();
    let error = ffi.def_extern("negate", |_| Ok(())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'negate' is declared as a function, not as a function of the host"
    );
    assert!(matches!(
        ffi.def_extern("nowhere", |_| Ok(())),
        Err(Error::Undeclared { .. })
    ));
}

/// A panic of what is attached ends there, and detaching while it runs is safe.
#[test]
fn attached_handlers_of_any_host() {
    let ffi = checked();
    ffi.cdef(r#"extern "host" int f(int);"#).unwrap();
    let f = ffi.extern_function("f").unwrap();
    // SAFETY: that is its type, and it is never freed.
    let code: extern "C" fn(c_int) -> c_int = unsafe { std::mem::transmute(f.code()) };
    f.attach_default(|call: &mut jit::Arguments<'_>| call.give_back(1));
    f.attach_default(|call: &mut jit::Arguments<'_>| call.give_back(2));
    assert_eq!(code(0), 1);
    let dropped = Arc::new(());
    let token = Arc::clone(&dropped);
    f.attach(move |call: &mut jit::Arguments<'_>| {
        f.detach();
        assert_eq!(Arc::strong_count(&token), 2);
        call.give_back(3);
    });
    assert_eq!(code(0), 3);
    assert_eq!(Arc::strong_count(&dropped), 1);
    assert_eq!(code(0), 0);
    f.attach(|call: &mut jit::Arguments<'_>| {
        call.give_back(4);
        panic!("in what is attached");
    });
    assert_eq!(code(0), 0);
    assert!(std::ptr::eq(f, ffi.extern_function("f").unwrap()));
}

/// A handler that is not attached after all is dropped under no lock: its drop may use the function.
#[test]
fn rejected_handlers_may_use_the_function() {
    struct Asks(&'static ExternFunction, #[expect(dead_code)] Arc<()>);
    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.detach();
        }
    }
    let ffi = checked();
    ffi.cdef(r#"extern "host" int f(int);"#).unwrap();
    let f = ffi.extern_function("f").unwrap();
    let (sender, done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let token = Arc::new(());
        f.attach_default(|call: &mut jit::Arguments<'_>| call.give_back(1));
        let asks = Asks(f, Arc::clone(&token));
        f.attach_default(move |_: &mut jit::Arguments<'_>| {
            let _alive = &asks;
        });
        sender.send(Arc::strong_count(&token)).unwrap();
    });
    let count = done.recv_timeout(Duration::from_secs(20));
    assert_eq!(count.expect("waits for its own lock"), 1);
}

#[test]
fn functions_of_the_host_do_not_unwind() {
    let ffi = checked();
    ffi.cdef(r#"extern "host" int f(int);"#).unwrap();
    let options = CallbackOptions::new().unwinding();
    let error = ffi.def_extern_with("f", options, |_| Ok(1)).unwrap_err();
    assert!(error.to_string().contains("do not unwind"), "{error}");
}
