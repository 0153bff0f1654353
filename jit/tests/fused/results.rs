//! What results become.

use farcall_jit::{Field, Float, HostSign, Int, Maker, Reader, Record, Signature, Type};

use crate::runtime::*;

const SIGN: HostSign = HostSign::OfCount;

/// What is made of the result of a function without parameters.
fn made(target: *const std::ffi::c_void, result: Option<Type>, maker: Maker) -> Made {
    RESULT_SIZE.set(result.as_ref().map_or(0, Type::size) as usize);
    let mut seen = Vec::new();
    for releases_lock in [false, true] {
        let counter = counter();
        let mut recipe = recipe(SIGN, counter, &[], maker);
        recipe.releases_lock = releases_lock;
        let signature = Signature::new([], result.clone());
        let stub = farcall_jit::Engine::new().fused_stub(&signature, &recipe);
        let fused = Fused {
            stub: stub.expect("the recipe can be followed"),
            counter,
        };
        let callee = callee(target, &[]);
        let (value, mut events) = fused.call(callee, &[]);
        assert_eq!(value, OBJECT);
        let Some(Event::Made(made)) = events.pop() else {
            panic!("nothing was made");
        };
        seen.push(match made {
            Made::Pointer(of, address) => {
                assert_eq!(of, callee);
                Made::Pointer(std::ptr::null(), address)
            }
            Made::Memory(of, bytes) => {
                assert_eq!(of, callee);
                Made::Memory(std::ptr::null(), bytes)
            }
            made => made,
        });
    }
    assert_eq!(seen[0], seen[1], "with the lock and without");
    seen.remove(0)
}

macro_rules! function {
    ($ty:ty, $value:expr) => {{
        extern "C" fn function() -> $ty {
            $value
        }
        function as *const std::ffi::c_void
    }};
}

/// Functions leave anything above a narrow result; this is one that does.
fn dirty<const LOW: u64>() -> *const std::ffi::c_void {
    extern "C" fn function<const LOW: u64>() -> u64 {
        0x5a5a_5a5a_5a5a_5a5a & !0xff | LOW
    }
    function::<LOW> as *const std::ffi::c_void
}

#[test]
fn numbers() {
    let number = |target, ty: Type| made(target, Some(ty), Maker::Number);
    assert_eq!(number(dirty::<0xfe>(), Int::I8.into()), Made::Signed(-2));
    assert_eq!(number(dirty::<0xfe>(), Int::U8.into()), Made::Signed(254));
    assert_eq!(
        number(function!(u64, 0x1234_8001), Int::I16.into()),
        Made::Signed(-32767)
    );
    assert_eq!(
        number(function!(u64, 0x1234_8001), Int::U16.into()),
        Made::Signed(0x8001)
    );
    let wide = || function!(u64, 0xffff_ffff_8000_0000);
    assert_eq!(number(wide(), Int::I32.into()), Made::Signed(-1 << 31));
    assert_eq!(number(wide(), Int::U32.into()), Made::Signed(1 << 31));
    assert_eq!(number(wide(), Int::I64.into()), Made::Signed(-1 << 31));
    assert_eq!(
        number(wide(), Int::U64.into()),
        Made::Unsigned(0xffff_ffff_8000_0000)
    );
    let want = Made::Double(0.1f64.to_bits());
    assert_eq!(number(function!(f64, 0.1), Float::F64.into()), want);
    let want = Made::Double(f64::from(0.1f32).to_bits());
    assert_eq!(number(function!(f32, 0.1), Float::F32.into()), want);
}

#[test]
fn others() {
    assert_eq!(made(function!((), ()), None, Maker::Nothing), Made::Nothing);
    let byte = Type::from(Int::U8);
    assert_eq!(
        made(dirty::<1>(), Some(byte.clone()), Maker::Bool),
        Made::Bool(1)
    );
    assert_eq!(
        made(dirty::<0xff>(), Some(byte), Maker::Char),
        Made::Char(0xff)
    );
    let pointer = made(
        function!(usize, 0x1000_2000_3000),
        Some(Int::POINTER.into()),
        Maker::Pointer,
    );
    assert_eq!(pointer, Made::Pointer(std::ptr::null(), 0x1000_2000_3000));
}

/// `snprintf` is told in AL how many vector registers there are.
#[test]
#[cfg(unix)]
fn variadic_functions() {
    let mut buffer = [0u8; 64];
    let int32 = || Type::from(Int::I32);
    let pointer = || Type::from(Int::POINTER);
    let params = [pointer(), pointer(), pointer(), int32(), Float::F64.into()];
    let signature = Signature::new(params, Some(int32())).variadic(3);
    let address = Reader::Pointer {
        bytes: true,
        any: true,
    };
    let size = Reader::Number;
    let stored = [Reader::StoredInt(Int::I16), Reader::StoredFloat(Float::F32)];
    let readers = [address, size, address, stored[0], stored[1]];
    let fused = fused(&signature, SIGN, &readers, Maker::Number);
    let callee = callee(
        libc::snprintf as *const std::ffi::c_void,
        &[0, 0, 0, -1, -2],
    );
    let args = [
        cdata(&CDATA, 5, buffer.as_mut_ptr()),
        int(SIGN, 64),
        bytes(b"%d and %.2f"),
        cdata(&CDATA, -1, (-7i16).to_ne_bytes().to_vec().leak().as_ptr()),
        cdata(&CDATA, -2, 2.5f32.to_ne_bytes().to_vec().leak().as_ptr()),
    ];
    let (_, events) = fused.call(callee, &args);
    assert_eq!(events.last(), Some(&Event::Made(Made::Signed(11))));
    assert_eq!(&buffer[..12], b"-7 and 2.50\0");
}

#[repr(C)]
struct Mixed {
    a: i32,
    b: f64,
}

#[repr(C)]
struct Large([u64; 9]);

#[test]
fn memory() {
    let mixed = Record::structure(16, 8, [Field::new(0, Int::I32), Field::new(8, Float::F64)]);
    let target = function!(Mixed, Mixed { a: -7, b: 2.5 });
    let Made::Memory(_, bytes) = made(target, Some(mixed.into()), Maker::Memory) else {
        panic!("not made of memory");
    };
    assert_eq!(bytes[..4], (-7i32).to_ne_bytes());
    assert_eq!(bytes[8..], 2.5f64.to_ne_bytes());

    let words = (0..9).map(|index| Field::new(8 * index, Int::U64));
    let large = Record::structure(72, 8, words.collect::<Vec<_>>());
    let target = function!(Large, Large([1, 2, 3, 4, 5, 6, 7, 8, 9]));
    let want: Vec<u8> = (1..=9u64).flat_map(u64::to_ne_bytes).collect();
    let got = made(target, Some(large.into()), Maker::Memory);
    assert_eq!(got, Made::Memory(std::ptr::null(), want));

    let got = made(function!(u64, 77), Some(Int::U64.into()), Maker::Memory);
    assert_eq!(
        got,
        Made::Memory(std::ptr::null(), 77u64.to_ne_bytes().to_vec())
    );
}
