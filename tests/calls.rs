//! Dynamic calls: every kind of value there and back, and everything that is refused.

mod common;

use common::{call, library};
use farcall::{CData, Value};

#[test]
fn integers_are_checked_against_the_bounds_of_their_type() {
    let (_ffi, lib) = library();
    for (name, min, max) in [
        ("id_i8", i8::MIN.into(), i8::MAX.into()),
        ("id_u8", 0, u8::MAX.into()),
        ("id_i16", i16::MIN.into(), i16::MAX.into()),
        ("id_u16", 0, u16::MAX.into()),
        ("id_i32", i32::MIN.into(), i32::MAX.into()),
        ("id_u32", 0, u32::MAX.into()),
        ("id_i64", i64::MIN.into(), i64::MAX.into()),
        ("id_u64", 0, i128::from(u64::MAX)),
    ] {
        for value in [min, max, 0, 1] {
            assert_eq!(
                call(&lib, name, (value,)).unwrap(),
                Value::Int(value),
                "{name}({value})"
            );
        }
        for value in [min - 1, max + 1] {
            let error = call(&lib, name, (value,)).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("integer {value} does not fit '"))
                    || value < 0 && error.starts_with("can't convert negative number to unsigned"),
                "{error}"
            );
        }
    }
}

/// gcc has them on 64-bit machines.
#[cfg(target_pointer_width = "64")]
#[test]
fn integers_of_128_bits() {
    let (_ffi, lib) = library();
    for value in [i128::MIN, -1, i128::MAX] {
        assert_eq!(call(&lib, "id_i128", (value,)).unwrap(), Value::Int(value));
    }
    assert_eq!(
        call(&lib, "id_u128", (u128::MAX,)).unwrap(),
        Value::Large(u128::MAX)
    );
    assert!(call(&lib, "id_i128", (u128::MAX,)).is_err());
    assert!(call(&lib, "id_u128", (-1,)).is_err());
}

#[test]
fn the_error_names_value_type_and_argument() {
    let (_ffi, lib) = library();
    let error = call(&lib, "id_i16", (40000,)).unwrap_err().to_string();
    assert_eq!(
        error,
        "integer 40000 does not fit 'short' (argument 1 of 'id_i16')"
    );
    let error = call(&lib, "swap", (Value::map([("x", 1i64 << 40)]),))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "integer 1099511627776 does not fit 'int' (argument 1 of 'swap', member 'x')"
    );
    let error = call(&lib, "sum_points", ([[1, 2], [3, -1i64 << 40]], 2))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("(argument 1 of 'sum_points', item 1, member 'y')"),
        "{error}"
    );
}

#[test]
fn other_scalars() {
    let (ffi, lib) = library();
    assert_eq!(call(&lib, "id_bool", (true,)).unwrap(), Value::Bool(true));
    assert_eq!(call(&lib, "id_bool", (0,)).unwrap(), Value::Bool(false));
    assert!(call(&lib, "id_bool", (2,)).is_err());
    assert_eq!(
        call(&lib, "id_char", (Value::Bytes(b"\xe9".into()),)).unwrap(),
        Value::Bytes(b"\xe9".into())
    );
    assert_eq!(
        call(&lib, "id_char", ("x",)).unwrap(),
        Value::Bytes(b"x".into())
    );
    assert!(call(&lib, "id_char", ("xy",)).is_err());
    assert_eq!(
        call(&lib, "id_wchar", ("é",)).unwrap(),
        Value::Text("é".into())
    );
    assert_eq!(
        call(&lib, "id_float", (0.1,)).unwrap(),
        Value::Float(f64::from(0.1f32))
    );
    assert_eq!(call(&lib, "id_double", (3,)).unwrap(), Value::Float(3.0));
    assert_eq!(
        call(&lib, "id_float_complex", (Value::Complex(1.5, -2.0),)).unwrap(),
        Value::Complex(1.5, -2.0)
    );
    assert_eq!(
        call(&lib, "id_double_complex", (2.5,)).unwrap(),
        Value::Complex(2.5, 0.0)
    );
    assert_eq!(call(&lib, "nothing", ()).unwrap(), Value::None);
    let tenth = ffi.literal("long double", "0.1").unwrap().unwrap();
    assert_eq!(
        call(&lib, "id_long_double", (&tenth,)).unwrap(),
        Value::CData(tenth)
    );
    let third = call(&lib, "id_long_double", (0.25,)).unwrap();
    assert_eq!(third.to_string(), "0.25");
}

#[test]
fn enumerations_take_names_and_give_numbers() {
    let (ffi, lib) = library();
    assert_eq!(call(&lib, "next_color", ("RED",)).unwrap(), Value::Int(5));
    assert_eq!(call(&lib, "next_color", (5,)).unwrap(), Value::Int(6));
    let green = Value::Int(5);
    assert_eq!(
        ffi.display(ffi.type_of("enum color").unwrap(), &green)
            .to_string(),
        "GREEN"
    );
    assert!(call(&lib, "next_color", ("MAUVE",)).is_err());
}

#[test]
fn records_by_value() {
    let (ffi, lib) = library();
    let swapped = call(&lib, "swap", ([1, 2],)).unwrap();
    assert_eq!(swapped.to_string(), "{x: 2, y: 1}");
    assert_eq!(
        call(&lib, "swap", (&swapped,)).unwrap().to_string(),
        "{x: 1, y: 2}"
    );
    assert_eq!(
        call(&lib, "from_union", (Value::map([("d", 2.5)]), 0)).unwrap(),
        Value::Float(2.5)
    );
    assert_eq!(
        call(&lib, "from_union", ([7], 1)).unwrap(),
        Value::Float(7.0)
    );
    let flags = call(&lib, "rotate", ([5, -16, 0x12_3456_7893i64],)).unwrap();
    assert_eq!(flags.to_string(), "{a: 3, b: 5, c: 240}");
    assert!(
        call(&lib, "rotate", ([8, 0, 0],))
            .unwrap_err()
            .to_string()
            .contains("bit field width: 0 <= x <= 7")
    );

    let nested = ffi
        .alloc(
            "struct nested *",
            Value::List(vec!["box".into(), [[1, 2], [3, 4]].into()]),
        )
        .unwrap();
    let nested = nested.item(0).unwrap();
    let moved = call(&lib, "move", (&nested, 10)).unwrap();
    assert_eq!(
        moved.to_string(),
        "{name: \"moved\", at: [{x: 11, y: 2}, {x: 13, y: 4}], value: {i: 0, d: 0}}"
    );
    assert_eq!(
        nested.field("name").unwrap().to_string(),
        "\"box\"",
        "the caller's own is not touched"
    );
}

#[test]
fn pointers_take_pointers_text_and_lists() {
    let (ffi, lib) = library();
    assert_eq!(
        call(&lib, "sum_points", ([[1, 2], [3, 4]], 2)).unwrap(),
        Value::Int(14)
    );
    assert_eq!(
        call(&lib, "sum_points", (Value::map([("x", 5), ("y", 6)]), 1)).unwrap(),
        Value::Int(30)
    );
    let squares = ffi.alloc("int[4]", ()).unwrap();
    call(&lib, "fill", (&squares, 4)).unwrap();
    assert_eq!(squares.to_string(), "[0, 1, 4, 9]");
    assert_eq!(call(&lib, "wide_length", ("häß",)).unwrap(), Value::Int(3));
    assert_eq!(
        call(&lib, "is_null", (Value::None,)).unwrap(),
        Value::Int(1)
    );
    assert_eq!(call(&lib, "is_null", (ffi.null(),)).unwrap(), Value::Int(1));
    assert_eq!(call(&lib, "is_null", ("text",)).unwrap(), Value::Int(0));

    let error = call(&lib, "sum_points", (&squares, 1))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "initializer for ctype 'struct point *' must be a pointer to same type, not cdata 'int[4]' (argument 1 of 'sum_points')"
    );
    assert!(
        call(&lib, "fill", (5, 5)).is_err(),
        "a number is no pointer"
    );
}

#[test]
fn text_with_a_nul_is_refused_and_bytes_are_not() {
    let (ffi, lib) = library();
    let error = call(&lib, "is_null", ("a\0b",)).unwrap_err().to_string();
    assert_eq!(
        error,
        "text with a NUL character at byte 1 cannot be passed as 'void *' (argument 1 of 'is_null')"
    );
    assert!(call(&lib, "is_null", (Value::Bytes(b"a\0b".into()),)).is_ok());
    assert_eq!(ffi.alloc("char[]", "a\0b").unwrap().len().unwrap(), 4);
}

#[test]
fn function_pointers_go_both_ways() {
    let (ffi, lib) = library();
    let negate = lib.function("negate").unwrap().cdata();
    assert_eq!(call(&lib, "apply", (&negate, 5)).unwrap(), Value::Int(-5));
    let chosen = call(&lib, "chosen", ()).unwrap();
    let function = farcall::Function::from_pointer(&ffi, chosen.cdata().unwrap()).unwrap();
    #[allow(unsafe_code)]
    // SAFETY: the pointer came from C as one to such a function.
    let result = unsafe { function.call((8,)) }.unwrap();
    assert_eq!(result, Value::Int(-8));
    assert!(farcall::Function::from_pointer(&ffi, &ffi.null()).is_err());
}

#[test]
fn variadic_calls_take_typed_values() {
    let (ffi, lib) = library();
    let int = |value: i32| ffi.cast("int", value).unwrap();
    let arguments: Vec<Value> = [Value::from(10)]
        .into_iter()
        .chain((1..=10).map(|v| int(v).into()))
        .collect();
    assert_eq!(call(&lib, "total", arguments).unwrap(), Value::Int(55));
    assert_eq!(
        call(
            &lib,
            "total",
            (
                2,
                ffi.cast("short", -3).unwrap(),
                ffi.cast("char", 5).unwrap()
            )
        )
        .unwrap(),
        Value::Int(2)
    );

    let double = |value: f64| -> CData { ffi.cast("double", value).unwrap() };
    let text = ffi.alloc("char[]", "four").unwrap();
    let point = ffi
        .alloc("struct point *", [10, 20])
        .unwrap()
        .item(0)
        .unwrap();
    let long = ffi.cast("long", -1).unwrap();
    let float = ffi.cast("float", 0.5).unwrap();
    let arguments: Vec<Value> = vec![
        "ddlspd".into(),
        (&double(1.5)).into(),
        (&float).into(),
        (&long).into(),
        (&text).into(),
        (&point).into(),
        (&double(100.0)).into(),
    ];
    assert_eq!(
        call(&lib, "weigh", arguments).unwrap(),
        Value::Float(1.5 + 0.5 - 1.0 + 4.0 + 30.0 + 100.0)
    );
    // More doubles than there are vector registers.
    let mut arguments: Vec<Value> = vec!["d".repeat(12).into()];
    arguments.extend((0..12).map(|v| Value::CData(double(v.into()))));
    assert_eq!(call(&lib, "weigh", arguments).unwrap(), Value::Float(66.0));

    let error = call(&lib, "total", (1, 5)).unwrap_err().to_string();
    assert!(
        error.starts_with("argument 2 passed in the variadic part needs to be a cdata object"),
        "{error}"
    );
    let error = call(&lib, "total", ()).unwrap_err().to_string();
    assert_eq!(error, "'total' expects at least 1 arguments, got 0");
}

/// gcc passes them as they are, in four bytes.
#[test]
fn float32_is_not_promoted_for_an_ellipsis() {
    let (ffi, lib) = library();
    let halves = |n: i32| -> Value { ffi.cast("_Float32", f64::from(n) / 2.0).unwrap().into() };
    // More than there are vector registers: the last ones lie on the stack.
    let mut arguments: Vec<Value> = vec![10.into()];
    arguments.extend((1..=10).map(halves));
    assert_eq!(
        call(&lib, "halves", arguments).unwrap(),
        Value::Float(55.0 / 2.0)
    );
}

#[cfg(target_pointer_width = "64")]
#[test]
fn bit_fields_of_128_bits_keep_all_of_them() {
    let (ffi, lib) = library();
    // By Microsoft's rules no bit-field crosses a unit of its type.
    let size = if cfg!(windows) { 32 } else { 17 };
    assert_eq!(ffi.size_of("struct wide_bits").unwrap(), size);
    let bits = ffi.alloc("struct wide_bits *", ()).unwrap();
    for b in [0, 1, -1, i128::MIN, i128::MAX, 0x0123_4567_89ab_cdef << 61] {
        for a in [0, -1, 42, -64] {
            bits.set_field("a", a).unwrap();
            bits.set_field("b", b).unwrap();
            assert_eq!(call(&lib, "wide_a", (&bits,)).unwrap(), Value::Int(a));
            assert_eq!(call(&lib, "wide_b", (&bits,)).unwrap(), Value::Int(b));

            call(&lib, "set_wide_bits", (&bits, !a, !b)).unwrap();
            assert_eq!(bits.field("a").unwrap(), Value::Int(!a), "a beside {b}");
            assert_eq!(bits.field("b").unwrap(), Value::Int(!b), "b beside {a}");
        }
    }
}

#[test]
fn casts_are_those_that_c_allows() {
    let (ffi, lib) = library();
    let point = ffi.alloc("struct point *", [1, 2]).unwrap();
    let record = point.item(0).unwrap();
    for ty in ["int *", "long", "_Bool", "double", "struct point"] {
        assert!(ffi.cast(ty, &record).is_err(), "({ty}) record");
    }
    assert!(ffi.cast("int *", 1.5).is_err(), "(int *) 1.5");
    assert!(ffi.cast("double", &point).is_err(), "(double) pointer");

    let array = ffi.alloc("int[3]", [7, 8, 9]).unwrap();
    let decayed = ffi.cast("short *", &array).unwrap();
    assert_eq!(decayed.address(), array.address());
    assert_eq!(
        decayed.item(2).unwrap(),
        Value::Int(8),
        "its memory is known"
    );
    let address = array.address().unwrap() as i128;
    assert_eq!(
        ffi.cast("uintptr_t", &array).unwrap().value(),
        Value::Int(address)
    );
    let negate = lib.function("negate").unwrap().cdata();
    let decayed = ffi.cast("void *", &negate).unwrap();
    assert_eq!(decayed.address(), negate.address());
    // Whatever its lowest byte is, an address that is not NULL is true (C11 6.3.1.2).
    let page = ffi.cast("char *", 0x1000).unwrap();
    assert_eq!(ffi.cast("_Bool", &page).unwrap().value(), Value::Bool(true));
    assert_eq!(
        ffi.cast("_Bool", ffi.null()).unwrap().value(),
        Value::Bool(false)
    );
}

#[test]
fn what_cannot_be_called_says_why() {
    let (_ffi, lib) = library();
    for (name, said) in [
        (
            "unknown",
            "'unknown' is not declared: pass its C declaration to cdef first",
        ),
        (
            "counter",
            "'counter' is declared as a variable, not as a function",
        ),
        (
            "missing_function",
            "function/symbol 'missing_function' not found in library",
        ),
    ] {
        let error = call(&lib, name, ()).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
    let error = call(&lib, "by_value", (1,)).unwrap_err().to_string();
    assert_eq!(
        error,
        "'struct opaque' is incomplete: its size is not known (argument 1 of 'by_value')"
    );
    let error = call(&lib, "id_i32", (1, 2)).unwrap_err().to_string();
    assert_eq!(error, "'id_i32' expects 1 arguments, got 2");
    let error = call(&lib, "id_i32", ("text",)).unwrap_err().to_string();
    assert_eq!(error, "an integer is required (argument 1 of 'id_i32')");
    let error = call(&lib, "swap", ([1, 2, 3],)).unwrap_err().to_string();
    assert_eq!(
        error,
        "too many initializers for 'struct point' (got 3) (argument 1 of 'swap')"
    );
    let error = call(&lib, "swap", (Value::map([("z", 1)]),))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "'struct point' has no member 'z' (argument 1 of 'swap')"
    );
    assert_eq!(
        call(&lib, "renamed", ()).unwrap(),
        Value::Int(11),
        "an asm label names the symbol"
    );
}

#[test]
fn nothing_of_this_went_through_libffi() {
    let (ffi, lib) = library();
    call(&lib, "id_long_double", (1,)).unwrap();
    call(&lib, "total", (0,)).unwrap();
    call(&lib, "move", (Value::None, 1)).unwrap();
    assert_eq!(ffi.stats().libffi_total(), 0);
}

/// Vectors of less than eight bytes go as integers, one of a single floating-point lane in memory: cc compiled the
/// callees.
#[test]
fn vectors_too_small_for_a_vector_register() {
    let (ffi, lib) = library();
    let vector = |ty: &str, lanes: Value| ffi.alloc(ty, lanes).unwrap().item(0).unwrap();
    let quad = vector("quad8 *", [1, -2, 3, 60].into());
    assert_eq!(
        call(&lib, "twice_quad8", (9, &quad)).unwrap().to_string(),
        "[2, -4, 6, 120]"
    );
    let single = vector("single16 *", [700].into());
    assert_eq!(
        call(&lib, "twice_single16", (&single,))
            .unwrap()
            .to_string(),
        "[1400]"
    );
    let lone = vector("lone *", [1.25].into());
    assert_eq!(
        call(&lib, "twice_lone", (9, &lone)).unwrap().to_string(),
        "[2.5]"
    );
    let boxed = call(
        &lib,
        "twice_boxed",
        ([Value::from([1, 2, 3, 4]), 0.5.into()],),
    )
    .unwrap();
    assert_eq!(boxed.to_string(), "{v: [2, 4, 6, 8], f: 1}");
}
