//! cffi's reference, "An example of calling a main-like thing", "Function calls", "Variadic function calls" and what it says
//! of errno: its examples, in its order.

mod common;

use common::{call, checked, library};
use farcall::{Error, Value, errno};

#[test]
fn calling_a_main_like_thing() {
    let (ffi, lib) = library();
    // Texts are no pointers, and a list of them is no array of pointers.
    let error = call(&lib, "main_like", (2, ["arg0", "arg12"])).unwrap_err();
    assert_eq!(
        error.message(),
        "initializer for ctype 'char *' must be a cdata pointer, not str"
    );
    let text = |text: &str| ffi.alloc("char[]", text).unwrap();
    let arguments = Value::from([text("arg0"), text("arg12")]);
    assert_eq!(
        call(&lib, "main_like", (2, arguments)).unwrap(),
        Value::Int(45)
    );
    // To be used again, both the array and what it points to are kept.
    let keepalive = [text("arg0"), text("arg123")];
    let argv = ffi
        .alloc("char *[]", Value::from(keepalive.clone()))
        .unwrap();
    for _ in 0..2 {
        assert_eq!(call(&lib, "main_like", (2, &argv)).unwrap(), Value::Int(46));
    }
    drop(keepalive);
}

#[test]
fn arguments_are_assigned_and_results_read() {
    let (_ffi, lib) = library();
    assert_eq!(call(&lib, "foo", (2, 3)).unwrap(), Value::Int(5));
    let error = call(&lib, "foo", (40000, 3)).unwrap_err();
    assert!(matches!(error, Error::Range { .. }));
    assert_eq!(error.message(), "integer 40000 does not fit 'short'");
    assert_eq!(
        error.to_string(),
        "integer 40000 does not fit 'short' (argument 1 of 'foo')"
    );
    let error = call(&lib, "foo", (2,)).unwrap_err().to_string();
    assert_eq!(error, "'foo' expects 2 arguments, got 1");
}

#[test]
fn text_for_pointers_to_characters() {
    let ffi = checked();
    ffi.cdef("size_t strlen(const char *);").unwrap();
    #[allow(unsafe_code)]
    // SAFETY: this is the declaration of the C library.
    let libc = unsafe {
        if cfg!(windows) {
            ffi.dlopen("msvcrt")
        } else {
            ffi.process()
        }
    }
    .unwrap();
    assert_eq!(call(&libc, "strlen", ("hello",)).unwrap(), Value::Int(5));
    assert_eq!(
        call(&libc, "strlen", (&b"hello"[..],)).unwrap(),
        Value::Int(5)
    );
    let (_ffi, lib) = library();
    assert_eq!(call(&lib, "wide_length", ("häß",)).unwrap(), Value::Int(3));
    // A character above U+FFFF is a pair of units of 16 bits.
    assert_eq!(call(&lib, "units16", ("a😀",)).unwrap(), Value::Int(3));
}

#[test]
fn lists_for_pointers() {
    let (ffi, lib) = library();
    assert_eq!(
        call(&lib, "sum_of_array", ([1, 2, 3, 4, 5], 5)).unwrap(),
        Value::Int(15)
    );
    let many: Vec<i32> = (0..1000).collect();
    assert_eq!(
        call(&lib, "sum_of_array", (many, 1000)).unwrap(),
        Value::Int(499_500)
    );
    let array = ffi.alloc("int[]", [7, 8]).unwrap();
    assert_eq!(
        call(&lib, "sum_of_array", (&array, 2)).unwrap(),
        Value::Int(15)
    );
    // A struct's initialiser makes one that is there for the call.
    assert_eq!(
        call(&lib, "sum_points", ([[2, 3]], 1)).unwrap(),
        Value::Int(6)
    );
    let error = call(&lib, "sum_of_array", (5, 1)).unwrap_err().message();
    assert_eq!(
        error,
        "initializer for ctype 'int *' must be a cdata pointer, not int"
    );
    let error = call(&lib, "sum_of_array", ("text", 1))
        .unwrap_err()
        .message();
    assert_eq!(
        error,
        "initializer for ctype 'int *' must be a list or tuple, not str"
    );
}

#[test]
fn structs_by_value() {
    let (_ffi, lib) = library();
    let myfoo = call(&lib, "function_returning_a_struct", ()).unwrap();
    let myfoo = myfoo.cdata().unwrap();
    assert_eq!(myfoo.repr(), "<cdata 'struct foo_s' owning 8 bytes>");
    assert_eq!(myfoo.field("b").unwrap(), Value::Int(2));
    assert_eq!(
        call(&lib, "swap", ([1, 2],)).unwrap().to_string(),
        "{x: 2, y: 1}"
    );
    // Unions and bit-fields, which libffi does not take, go by value too.
    assert_eq!(
        call(&lib, "from_union", ([7], 1)).unwrap(),
        Value::Float(7.0)
    );
    assert_eq!(
        call(&lib, "rotate", ([1, 2, 3],)).unwrap().to_string(),
        "{a: 3, b: 1, c: 2}"
    );
}

#[test]
fn a_function_is_a_pointer_to_it() {
    let (_ffi, lib) = library();
    let negate = lib.address_of("negate").unwrap();
    assert!(
        negate.repr().starts_with("<cdata 'int(*)(int)' 0x"),
        "{}",
        negate.repr()
    );
    assert_eq!(call(&lib, "apply", (&negate, 4)).unwrap(), Value::Int(-4));
}

#[test]
fn variadic_functions_take_cdata() {
    let (ffi, lib) = library();
    let error = call(&lib, "total", (1, 42)).unwrap_err();
    assert_eq!(
        error.message(),
        "argument 2 passed in the variadic part needs to be a cdata object (got int)"
    );
    let int = ffi.cast("int", 42).unwrap();
    assert_eq!(call(&lib, "total", (1, &int)).unwrap(), Value::Int(42));
    let arguments = (
        "dls",
        ffi.cast("double", 42).unwrap(),
        ffi.cast("long", 42).unwrap(),
        ffi.alloc("char[]", "world").unwrap(),
    );
    assert_eq!(call(&lib, "weigh", arguments).unwrap(), Value::Float(89.0));
}

/// `int foo();` is `int foo(void);`.
#[test]
fn no_parameters_are_none() {
    let ffi = checked();
    ffi.cdef("int nothing();").unwrap();
    assert!(!ffi.ctype("int(*)()").unwrap().ellipsis().unwrap());
    assert_eq!(ffi.ctype("int(*)()").unwrap().args().unwrap(), []);
}

#[test]
fn errno_is_the_thread_s_and_only_calls_see_it() {
    let (_ffi, lib) = library();
    errno::set(0);
    call(&lib, "fails_with", (17,)).unwrap();
    // What Rust's own library does in between does not matter.
    let _ = std::fs::metadata("/nonexistent/for/this/test");
    assert_eq!(errno::get(), 17);
    errno::set(33);
    assert_eq!(call(&lib, "fails_with", (5,)).unwrap(), Value::Int(33));
    let other = std::thread::spawn(errno::get).join().unwrap();
    assert_eq!((errno::get(), other), (5, 0));
}
