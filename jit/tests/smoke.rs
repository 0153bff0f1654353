#![allow(unsafe_code, missing_docs)]
use farcall_jit::*;
#[test]
fn smoke() {
    extern "C" fn f(
        a: i8,
        b: f64,
        c: u16,
        d: i64,
        e: i64,
        g: i64,
        h: i64,
        i: i64,
        j: f32,
        k: i32,
    ) -> f64 {
        a as f64
            + b
            + c as f64
            + d as f64
            + e as f64
            + g as f64
            + h as f64
            + (i * 10) as f64
            + j as f64
            + (k * 100) as f64
    }
    let e = Engine::new();
    use Int::*;
    let sig = Signature::new(
        [
            I8.into(),
            Float::F64.into(),
            U16.into(),
            I64.into(),
            I64.into(),
            I64.into(),
            I64.into(),
            I64.into(),
            Float::F32.into(),
            I32.into(),
        ],
        Some(Float::F64.into()),
    );
    let s = e.call_stub(&sig).unwrap();
    assert_eq!(s.backend(), Backend::Compiled);
    let mut fr = [0u64; 10];
    fr[0] = (-1i8) as u8 as u64 | 0xff00;
    fr[1] = 1.5f64.to_bits();
    fr[2] = 7;
    for i in 3..8 {
        fr[i] = i as u64
    }
    fr[8] = 2.5f32.to_bits() as u64;
    fr[9] = 3;
    let mut r = 0f64;
    unsafe { s.call(f as *const _, fr.as_ptr().cast(), (&raw mut r).cast()) };
    let want = f(-1, 1.5, 7, 3, 4, 5, 6, 7, 2.5, 3);
    assert_eq!(r, want);
    let ptrs: Vec<_> = fr
        .iter()
        .map(|x| x as *const u64 as *const std::ffi::c_void)
        .collect();
    for _ in 0..2 {
        r = 0.0;
        unsafe { s.call_pointers(f as *const _, ptrs.as_ptr(), (&raw mut r).cast()) };
        assert_eq!(r, want);
    }
    let l = Engine::without_code().call_stub(&sig).unwrap();
    r = 0.0;
    unsafe { l.call(f as *const _, fr.as_ptr().cast(), (&raw mut r).cast()) };
    assert_eq!(r, want);
    println!("{:?} {}", e.stats(), s.code().len());
    let va = Signature::new(
        [
            U64.into(),
            U64.into(),
            U64.into(),
            Float::F64.into(),
            I32.into(),
        ],
        Some(I32.into()),
    )
    .variadic(3);
    let s = e.call_stub(&va).unwrap();
    let mut buf = [0u8; 64];
    let fr = [
        buf.as_mut_ptr() as u64,
        64,
        c"%.2f %d".as_ptr() as u64,
        2.5f64.to_bits(),
        42,
    ];
    let mut n = 0i32;
    unsafe {
        s.call(
            libc::snprintf as *const _,
            fr.as_ptr().cast(),
            (&raw mut n).cast(),
        )
    };
    assert_eq!(&buf[..n as usize], b"2.50 42");
    println!("{:?}", s);
}
