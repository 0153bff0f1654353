//! Arguments and results, as values.

use std::ffi::{c_char, c_int, c_void};
use std::sync::{Arc, Mutex};

use crate::common::{call, checked, library};
use farcall::{Callback, CallbackOptions, CallbackType, Value};

#[test]
fn numbers_reach_the_closure_as_they_are() {
    let (ffi, lib) = library();
    let text = "double(char, double, short, double, long long, float, unsigned char, double, int, double, double, \
                double, double, double, long, struct point)";
    let callback = ffi
        .callback(text, |args| {
            let mut values = args.values()?;
            assert_eq!(values.remove(0), Value::Bytes(vec![0xff]));
            let point = values.pop().unwrap();
            assert_eq!(point.to_string(), "{x: 16, y: 17}");
            let numbers = values.into_iter().map(f64::try_from);
            Ok(numbers.sum::<Result<f64, _>>()?)
        })
        .unwrap();
    let expected: f64 = (2..=15).map(f64::from).sum::<f64>() - 2.0 * 3.0 - 2.0 * 5.0;
    let sum = call(&lib, "call_many", (&callback,)).unwrap();
    assert_eq!(sum, Value::Float(expected));
}

#[test]
fn records_go_by_value_both_ways() {
    let (ffi, lib) = library();
    let seen = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&seen);
    let callback = ffi
        .callback("struct nested(struct nested, int)", move |args| {
            let nested = args.value(0)?;
            let dx: i32 = args.get(1)?;
            let at = nested.field("at")?.item(1)?;
            let x = i32::try_from(at.field("x")?)? + dx;
            *keep.lock().unwrap() = Some(nested.to_string());
            Ok(Value::map([
                ("name", Value::from("there")),
                ("at", Value::from([(x, 2), (3, 4)])),
            ]))
        })
        .unwrap();
    let nested = ffi
        .alloc("struct nested *", ("here", [(5, 6), (7, 8)], (9,)))
        .unwrap();
    let nested = nested.item(0).unwrap();
    let back = call(&lib, "call_nested", (&callback, nested, 10)).unwrap();
    assert!(
        seen.lock()
            .unwrap()
            .take()
            .unwrap()
            .starts_with("{name: \"here\"")
    );
    assert_eq!(
        back.field("name")
            .unwrap()
            .cdata()
            .unwrap()
            .string()
            .unwrap(),
        b"there"
    );
    assert_eq!(
        back.field("at").unwrap().to_string(),
        "[{x: 17, y: 2}, {x: 3, y: 4}]"
    );

    let half = ffi
        .callback("union number(union number)", |args| {
            let d = f64::try_from(args.value(0)?.field("d")?)?;
            Ok(Value::map([("d", d / 2.0)]))
        })
        .unwrap();
    let number = ffi
        .alloc("union number *", Value::map([("d", 5.0)]))
        .unwrap();
    let back = call(&lib, "call_union", (&half, number.item(0).unwrap())).unwrap();
    assert_eq!(back.field("d").unwrap(), Value::Float(2.5));
}

/// What came as an argument lies in memory of its own, and outlives the call.
#[test]
fn record_arguments_are_copies() {
    let ffi = checked();
    ffi.cdef("struct big { int a[40]; };").unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let callback = ffi
        .callback("void(struct big)", move |args| {
            let value = args.value(0)?;
            let first = value.cdata()?.field("a")?.item(39)?;
            value.cdata()?.field("a")?.cdata()?.set_item(39, 7)?;
            let again = args.value(0)?.field("a")?.item(39)?;
            sender.send((i32::try_from(first)?, i32::try_from(again)?))?;
            Ok(())
        })
        .unwrap();
    let callback = ffi.cast("void(*)(struct big)", &callback).unwrap();
    let function = farcall::Function::from_pointer(&ffi, &callback).unwrap();
    let big = ffi
        .alloc("struct big *", ((0..40).collect::<Vec<i32>>(),))
        .unwrap();
    // SAFETY: of that type, and alive.
    unsafe { function.call((big.item(0).unwrap(),)) }.unwrap();
    assert_eq!(receiver.recv().unwrap(), (39, 39));
}

/// `__stdcall` callbacks take their arguments off the stack; where there is one convention, the word means nothing.
#[test]
fn callbacks_of_other_conventions() {
    let ffi = checked();
    let ty = ffi
        .type_of("int(__stdcall *)(int, double, char *)")
        .unwrap();
    let callback = CallbackType::new(&ffi, ty).and_then(|ty| {
        Callback::with(&ty, CallbackOptions::new(), |args| {
            let text = args.value(2)?;
            // SAFETY: the test passes a C string.
            let text = unsafe { text.cdata()?.c_string() }?;
            Ok(args.get::<i32>(0)? + args.get::<f64>(1)? as i32 + text.len() as i32)
        })
    });
    let callback = callback.unwrap();
    #[cfg(target_arch = "x86")]
    type Stdcall = extern "stdcall" fn(c_int, f64, *const c_char) -> c_int;
    #[cfg(not(target_arch = "x86"))]
    type Stdcall = extern "C" fn(c_int, f64, *const c_char) -> c_int;
    // SAFETY: that is the type.
    let function: Stdcall = unsafe { std::mem::transmute(callback.code()) };
    for n in 0..1000 {
        assert_eq!(function(n, 2.5, c"four".as_ptr()), n + 6);
    }
}

#[test]
fn what_is_no_function_type_is_refused() {
    let ffi = checked();
    let error = ffi.callback("int", |_| Ok(1)).unwrap_err();
    assert_eq!(error.to_string(), "'int' is not a function type");
    let error = ffi
        .callback("struct unknown(void)", |_| Ok(()))
        .unwrap_err();
    assert!(error.to_string().contains("struct unknown"), "{error}");
    assert!(ffi.callback("int(struct unknown)", |_| Ok(1)).is_err());
}

#[test]
fn arguments_that_are_not_there() {
    let ffi = checked();
    let text = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&text);
    let options = CallbackOptions::new().on_error(move |error| {
        *seen.lock().unwrap() = error.failure.to_string();
        None
    });
    let callback = ffi
        .callback_with("int(int)", options, |args| Ok(args.value(1)?))
        .unwrap();
    let function: unsafe extern "C" fn(c_int) -> c_int = callback.function().unwrap();
    // SAFETY: the callback lives.
    unsafe { function(1) };
    assert_eq!(
        *text.lock().unwrap(),
        "there is no argument 2: the callback's type has 1"
    );
}

/// The callback finds the C caller's `errno`, and the caller what the callback sets, whatever Rust does meanwhile.
#[cfg(target_os = "linux")]
#[test]
fn errno_goes_in_and_out() {
    let ffi = checked();
    let callback = ffi
        .callback("int(void)", |_| {
            let seen = farcall::errno::get();
            farcall::errno::set(33);
            assert!(std::fs::read("/no/such/file").is_err());
            Ok(seen)
        })
        .unwrap();
    let function: unsafe extern "C" fn() -> c_int = callback.function().unwrap();
    // SAFETY: the thread's own `errno`; the callback lives.
    unsafe {
        *libc::__errno_location() = 17;
        assert_eq!(function(), 17);
        assert_eq!(*libc::__errno_location(), 33);
    }
}

#[test]
fn arguments_as_rust_types() {
    let ffi = checked();
    let seen = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&seen);
    let text = "void(char, char, float, bool, void *, int *)";
    let callback = ffi.callback(text, move |args| {
        let (letter, sign): (u8, i8) = (args.get(0)?, args.get(1)?);
        let (float, truth): (f32, bool) = (args.get(2)?, args.get(3)?);
        let [null, pointer]: [*mut c_void; 2] = [args.get(4)?, args.get(5)?];
        let wrong = args.get::<u16>(0).unwrap_err();
        *told.lock().unwrap() = format!(
            "{letter} {sign} {float} {truth} {null:?} {} | {wrong}",
            pointer.addr()
        );
        Ok(())
    });
    let callback = callback.unwrap();
    // SAFETY: that is the type.
    let function: extern "C" fn(u8, i8, f32, bool, usize, usize) =
        unsafe { std::mem::transmute(callback.code()) };
    function(b'x', -3, 0.1, true, 0, 77);
    assert_eq!(
        *seen.lock().unwrap(),
        "120 -3 0.1 true 0x0 77 | an integer was asked for, but the value is bytes (argument 1)"
    );
}

#[test]
fn functions_of_another_type_are_refused() {
    let ffi = checked();
    let callback = ffi.callback("int(void)", |_| Ok(1)).unwrap();
    let error = callback.function::<unsafe extern "C" fn(i64) -> c_int>();
    assert_eq!(
        error.unwrap_err().to_string(),
        "'callback' is declared as 'int callback()', but the parameter list is 1 parameter in Rust and 0 parameters in C"
    );
}
