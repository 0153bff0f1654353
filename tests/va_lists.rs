//! Variable arguments that Rust reads, passes on and makes, with C on the other side.

#![allow(unsafe_code, reason = "C functions are called")]

mod common;

use std::sync::{Arc, Mutex};

use common::{call, library};
use farcall::{CallbackOptions, Error, Ffi, Library, VaList, Value};

/// What `vweigh` of the C library does.
///
/// # Safety
///
/// The list has arguments of these kinds.
unsafe fn weigh(kinds: &[u8], list: &mut VaList) -> Result<f64, Error> {
    let mut sum = 0.0;
    for kind in kinds {
        let ty = match kind {
            b'i' => "int",
            b'd' => "double",
            b'q' => "long long",
            b's' => "char *",
            b'p' => "struct point",
            b'n' => "struct nested",
            b'L' => "long double",
            _ => unreachable!("no such kind"),
        };
        // SAFETY: the caller's promise.
        let value = unsafe { list.take(ty) }?;
        let int = |value: Value| i32::try_from(value).map(f64::from);
        sum += match kind {
            b'i' | b'q' => int(value)?,
            b'd' => f64::try_from(value)?,
            // SAFETY: the caller's promise.
            b's' => unsafe { value.cdata()?.c_string() }?.len() as f64,
            b'p' => int(value.field("x")?)? + int(value.field("y")?)?,
            b'n' => int(value.field("at")?.item(1)?.field("y")?)?,
            _ => value.to_string().parse().expect("a number"),
        };
    }
    Ok(sum)
}

/// # Safety
///
/// It is a `char *` to a C string.
unsafe fn text(value: &Value) -> Result<Vec<u8>, Error> {
    // SAFETY: the caller's promise.
    unsafe { value.cdata()?.c_string() }
}

const CALL_WEIGH: f64 = 1.0 + 20.5 + 300.0 + 4.0 + 55.0 + 4000.0 + 0.25 + 36.0 + 150.0;
const CALL_VWEIGH: f64 = 1.0 + 2.0 + 3.0 + 4.0 + 5.0 + 13.0 + 55.0 + 21.0 + 0.5;

#[test]
fn variadic_callbacks_read_their_arguments() {
    let (ffi, lib) = library();
    let callback = ffi
        .callback("double(const char *, ...)", |args| {
            // SAFETY: C passes what the text says.
            unsafe { Ok(weigh(&text(&args.value(0)?)?, &mut args.va_list()?)?) }
        })
        .unwrap();
    for _ in 0..3 {
        let sum = call(&lib, "call_weigh", (&callback,)).unwrap();
        assert_eq!(sum, Value::Float(CALL_WEIGH));
    }
}

/// The arguments that one reader takes are there for the next, too.
#[test]
fn variadic_callbacks_pass_their_arguments_on() {
    let (ffi, lib) = leaked();
    let callback = ffi
        .callback("double(const char *, ...)", move |args| {
            let mut list = args.va_list()?;
            let kinds = args.value(0)?;
            let weigh = |kinds: &Value, list: &VaList| {
                let sum = call(lib, "vweigh", (kinds, list.cdata()?))?;
                f64::try_from(sum)
            };
            let first = weigh(&kinds, &list)?;
            assert_eq!(first, weigh(&kinds, &list)?);
            // SAFETY: C passes these.
            unsafe {
                assert_eq!(
                    [list.take("int")?, list.take("double")?],
                    [1.0, 20.5].map(number)
                )
            };
            let rest = weigh(&"qspnLddddddddii".into(), &list)?;
            Ok(first - rest)
        })
        .unwrap();
    let difference = call(lib, "call_weigh", (&callback,)).unwrap();
    assert_eq!(difference, Value::Float(21.5));
}

fn number(number: f64) -> Value {
    match number.fract() {
        0.0 => Value::Int(number as i128),
        _ => Value::Float(number),
    }
}

#[test]
fn va_list_parameters_of_callbacks() {
    let (ffi, lib) = leaked();
    let callback = ffi
        .callback("double(const char *, va_list)", {
            let ffi = ffi.clone();
            move |args| {
                let kinds = args.value(0)?;
                let list = args.value(1)?;
                // SAFETY: C passes a list of what the text says.
                let (sum, list) = unsafe {
                    let list = VaList::of(&ffi, list.cdata()?)?;
                    (weigh(&text(&kinds)?, &mut list.clone())?, list)
                };
                // Passed on, as a copy and as it came.
                let copy = call(lib, "vweigh", (&kinds, list.cdata()?))?;
                assert_eq!(copy, Value::Float(sum));
                Ok(call(lib, "vweigh", (&kinds, args.value(1)?))?)
            }
        })
        .unwrap();
    let sum = call(lib, "call_vweigh", (&callback,)).unwrap();
    assert_eq!(sum, Value::Float(CALL_VWEIGH));
}

/// Every kind, so many that all registers are taken and the stack is used.
#[test]
fn new_lists_for_functions_of_c() {
    let (ffi, lib) = leaked();
    let point = ffi.alloc("struct point *", (5, 50)).unwrap();
    let nested = ffi
        .alloc("struct nested *", ("n", [(1, 2), (3, 400)]))
        .unwrap();
    let text = ffi.alloc("char[]", "four").unwrap();
    for rounds in [0, 1, 10] {
        let mut values: Vec<Value> = Vec::new();
        let mut kinds = String::new();
        for _ in 0..rounds {
            kinds.push_str("idqspnL");
            values.extend([
                ffi.cast("char", 1).unwrap().into(),
                ffi.cast("float", 2.5).unwrap().into(),
                ffi.cast("long long", 1i64 << 40).unwrap().into(),
                text.clone().into(),
                point.item(0).unwrap(),
                nested.item(0).unwrap(),
                ffi.literal("long double", "0.25").unwrap().map_or_else(
                    || ffi.cast("long double", 0.25).unwrap().into(),
                    Value::from,
                ),
            ]);
        }
        let mut list = VaList::new(&ffi, values).unwrap();
        let sum = call(lib, "vweigh", (kinds.as_str(), list.cdata().unwrap())).unwrap();
        let one = 1.0 + 2.5 + (1i64 << 40) as f64 + 4.0 + 55.0 + 400.0 + 0.25;
        assert_eq!(sum, Value::Float(one * f64::from(rounds)));
        for _ in 0..rounds {
            // SAFETY: as above.
            unsafe {
                assert_eq!(list.take("int").unwrap(), Value::Int(1));
                assert_eq!(list.take("double").unwrap(), Value::Float(2.5));
                assert_eq!(list.take("long long").unwrap(), Value::Int(1 << 40));
                assert_eq!(
                    list.take("char *").unwrap().cdata().unwrap().address(),
                    text.address()
                );
                assert_eq!(
                    list.take("struct point").unwrap().to_string(),
                    "{x: 5, y: 50}"
                );
                list.take("struct nested").unwrap();
                assert_eq!(list.take("long double").unwrap().to_string(), "0.25");
            }
        }
    }
}

/// What a list was made of has no other owner, and the list itself goes before its cdata.
#[test]
fn new_lists_keep_what_they_were_made_of() {
    let (ffi, lib) = leaked();
    const LEN: usize = 300;
    let text = || "x".repeat(LEN);
    let list = VaList::new(&ffi, (ffi.alloc("char[]", text()).unwrap(),)).unwrap();
    let pointer = list.cdata().unwrap();
    drop(list);
    // Takes the place of whatever is freed.
    let others: Vec<_> = (0..100)
        .map(|_| ffi.alloc("char[]", "y".repeat(LEN / 2)))
        .chain((0..100).map(|_| ffi.alloc("char[301]", ())))
        .collect();
    let sum = call(lib, "vweigh", ("s", &pointer)).unwrap();
    assert_eq!(sum, Value::Float(LEN as f64));
    drop(others);
}

#[test]
fn what_is_no_list_and_what_has_none() {
    let (ffi, lib) = leaked();
    // Where a list is a pointer, too, it is one of a type.
    let pointer = ffi.alloc("int[4]", ()).unwrap();
    // SAFETY: refused before anything is read.
    assert!(unsafe { VaList::of(&ffi, &pointer) }.is_err());
    let pointer = ffi.cast("int *", &pointer).unwrap();
    // SAFETY: as above.
    assert!(unsafe { VaList::of(&ffi, &pointer) }.is_err());
    let not = ffi.cast("int", 3).unwrap();
    // SAFETY: refused before anything is read.
    let error = unsafe { VaList::of(&ffi, &not) }.unwrap_err();
    assert_eq!(error.to_string(), "'int' is no va_list");
    let error = VaList::new(&ffi, (3,)).unwrap_err();
    assert!(matches!(error, Error::Untyped { .. }));
    let seen = Arc::new(Mutex::new(String::new()));
    let keep = Arc::clone(&seen);
    let options = CallbackOptions::new().on_error(move |error| {
        *keep.lock().unwrap() = error.failure.to_string();
        None
    });
    let callback = ffi
        .callback_with("int(int)", options, |args| {
            args.va_list().map(|_| 1).map_err(Into::into)
        })
        .unwrap();
    call(lib, "apply", (&callback, 1)).unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        "'int(*)(int)' takes no variable arguments"
    );
}

/// The library and its declarations, as long as the process.
fn leaked() -> (Ffi, &'static Library) {
    let (ffi, lib) = library();
    (ffi, Box::leak(Box::new(lib)))
}
