//! Typed functions: the Rust type is compared with the declaration.

#![allow(unsafe_code)]

mod common;

use std::ffi::{c_char, c_int, c_uint, c_void};

use common::library;
use farcall::{CFunction, Library};

farcall::c_struct! {
    #[derive(Debug, PartialEq)]
    struct Point { x: c_int, y: c_int }
}

farcall::c_struct! {
    struct Wider { x: c_int, y: i64 }
}

farcall::c_struct! {
    struct Fewer { x: i64 }
}

farcall::c_struct! {
    struct Swapped { y: c_int, x: c_int }
}

fn refused<F: CFunction>(lib: &Library, name: &str) -> String {
    match lib.func::<F>(name) {
        Ok(_) => panic!("'{name}' was taken as {}", std::any::type_name::<F>()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn matching_types_give_the_function_itself() {
    let (_ffi, lib) = library();
    let swap = lib
        .func::<unsafe extern "C" fn(Point) -> Point>("swap")
        .unwrap();
    // SAFETY: takes any point.
    assert_eq!(unsafe { swap(Point { x: 1, y: 2 }) }, Point { x: 2, y: 1 });
    assert_eq!(swap as *mut c_void, lib.function("swap").unwrap().address());

    let sum = lib
        .func::<unsafe extern "C" fn(*const Point, c_int) -> c_int>("sum_points")
        .unwrap();
    // SAFETY: one point is there.
    assert_eq!(unsafe { sum(&Point { x: 3, y: 4 }, 1) }, 12);

    unsafe extern "C" fn double(x: c_int) -> c_int {
        2 * x
    }
    type Callback = Option<unsafe extern "C" fn(c_int) -> c_int>;
    let apply = lib
        .func::<unsafe extern "C" fn(Callback, c_int) -> c_int>("apply")
        .unwrap();
    // SAFETY: `double` takes any int that does not overflow.
    assert_eq!(unsafe { apply(Some(double), 21) }, 42);

    let bool = lib
        .func::<unsafe extern "C-unwind" fn(bool) -> bool>("id_bool")
        .unwrap();
    // SAFETY: takes any bool.
    assert!(unsafe { bool(true) });
    lib.func::<unsafe extern "C" fn()>("nothing").unwrap();
    lib.func::<unsafe extern "C" fn(c_uint) -> c_uint>("next_color")
        .unwrap();
    lib.func::<unsafe extern "C" fn(c_int) -> c_int>("next_color")
        .unwrap();
    lib.func::<unsafe extern "C" fn(*const c_char) -> *mut c_void>("id_pointer")
        .unwrap();
}

#[test]
fn every_difference_is_named() {
    let (_ffi, lib) = library();
    assert_eq!(
        refused::<unsafe extern "C" fn(c_int) -> i64>(&lib, "id_i32"),
        "'id_i32' is declared as 'int id_i32(int)', but the result is i64 in Rust and 'int' of 4 bytes in C"
    );
    assert_eq!(
        refused::<unsafe extern "C" fn(c_uint) -> c_int>(&lib, "id_i32"),
        "'id_i32' is declared as 'int id_i32(int)', but parameter 1 is u32 in Rust and 'int' of 4 bytes in C"
    );
    let error = refused::<unsafe extern "C" fn() -> c_int>(&lib, "id_i32");
    assert!(
        error.ends_with("the parameter list is 0 parameters in Rust and 1 parameter in C"),
        "{error}"
    );
    for error in [
        refused::<unsafe extern "C" fn(f32) -> f64>(&lib, "id_double"),
        refused::<unsafe extern "C" fn(Wider) -> Point>(&lib, "swap"),
        refused::<unsafe extern "C" fn(Fewer) -> Point>(&lib, "swap"),
        refused::<unsafe extern "C" fn(Swapped) -> Point>(&lib, "swap"),
        refused::<unsafe extern "C" fn(*const Wider, c_int) -> c_int>(&lib, "sum_points"),
        refused::<unsafe extern "C" fn(Option<unsafe extern "C" fn(i64) -> c_int>, c_int) -> c_int>(
            &lib, "apply",
        ),
        refused::<unsafe extern "C" fn(u8) -> bool>(&lib, "id_bool"),
        refused::<unsafe extern "C" fn(c_int) -> c_int>(&lib, "total"),
        refused::<unsafe extern "C" fn(*mut c_int, c_int) -> c_int>(&lib, "fill"),
    ] {
        assert!(error.contains(" in Rust and "), "{error}");
    }
    assert!(refused::<unsafe extern "C" fn()>(&lib, "unknown").contains("is not declared"));
    assert!(
        refused::<unsafe extern "C" fn() -> c_int>(&lib, "missing_function")
            .contains("not found in library")
    );
}
