//! One call, by every contender: a direct function pointer, a typed function, the call stub with a packed frame and
//! with a pointer array, libffi.

#![allow(unsafe_code, missing_docs)]

use std::ffi::{c_int, c_long, c_void};
use std::hint::black_box;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use farcall::ctype::CType;
use farcall::jit::{CallStub, Engine};
use farcall::{Ffi, Library};
use libffi::low::{self, CodePtr, ffi_cif, ffi_type, types};

farcall::c_struct! {
    /// 16 bytes, one eightbyte of each class.
    #[derive(Debug, PartialEq)]
    struct Pair {
        n: c_int,
        x: f64,
    }
}

farcall::c_struct! {
    /// 32 bytes, passed and returned in memory.
    #[derive(Debug, PartialEq)]
    struct Quad {
        a: f64,
        b: f64,
        c: f64,
        d: f64,
    }
}

const DECLARATIONS: &str = "
    typedef struct { int n; double x; } Pair;
    typedef struct { double a, b, c, d; } Quad;
    long bench_long2(long, long);
    int bench_int6(int, int, int, int, int, int);
    double bench_double8(double, double, double, double, double, double, double, double);
    Pair bench_pair(Pair);
    Quad bench_quad(Quad);
    double bench_mixed16(int, double, long, float, short, double, char, double,
                         long, double, int, double, long, double, long, double);
";

/// Builds `call.c` beside this program.
fn library() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/call.c");
        let library = std::env::current_exe().unwrap().with_extension("so");
        let status = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .status();
        assert!(status.expect("a C compiler is installed").success());
        library.to_str().expect("the path is text").into()
    })
}

/// The contenders of one call, all prepared.
struct Contest {
    lib: Library,
    stub: Arc<CallStub>,
    target: *const c_void,
    cif: ffi_cif,
    _types: Box<[*mut ffi_type]>,
}

impl Contest {
    fn new(name: &str, result: *mut ffi_type, params: &[*mut ffi_type]) -> Contest {
        let ffi = Ffi::new();
        ffi.cdef(DECLARATIONS).unwrap();
        // SAFETY: the declarations are those of call.c.
        let lib = unsafe { ffi.dlopen(library()) }.unwrap();
        let target = lib.function(name).unwrap().address();
        let ty = ffi.declarations().function(name).unwrap().ty;
        let CType::Function(id) = ffi.types().get(ty) else {
            unreachable!()
        };
        let signature = ffi
            .lowering()
            .signature(name, ffi.types().function(id), &[])
            .unwrap();
        let stub = Engine::new().call_stub(&signature).unwrap();
        let mut types: Box<[_]> = params.into();
        let mut cif = ffi_cif::default();
        // SAFETY: the types live as long as the cif.
        unsafe {
            low::prep_cif(
                &mut cif,
                low::ffi_abi_FFI_DEFAULT_ABI,
                types.len(),
                result,
                types.as_mut_ptr(),
            )
            .unwrap();
        }
        Contest {
            lib,
            stub,
            target,
            cif,
            _types: types,
        }
    }

    /// Benchmarks the dynamic contenders. `frame` is the packed frame, of which each cell is an argument but where
    /// `cells` says where they start.
    fn dynamic<R: Default + PartialEq + std::fmt::Debug>(
        &mut self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        frame: &[u64],
        expected: R,
    ) {
        let base = frame.as_ptr().cast::<u8>();
        let pointers: Vec<*const c_void> = self
            .stub
            .frame()
            .offsets()
            .iter()
            .map(|&at| base.wrapping_add(at as usize).cast())
            .collect();
        let (stub, target) = (&*self.stub, self.target);
        let mut values: Vec<*mut c_void> = pointers.iter().map(|&p| p.cast_mut()).collect();
        let cif = &raw mut self.cif;
        let mut result = R::default();
        let to = (&raw mut result).cast::<u8>();
        // SAFETY: the frame holds the arguments of the signature, `to` has the result's size.
        let packed = |base| unsafe { black_box(stub).call(black_box(target), base, to) };
        let array = |pointers| {
            // SAFETY: as above; the pointers are to the arguments in the frame.
            unsafe { black_box(stub).call_pointers(black_box(target), pointers, to) };
        };
        let libffi = |values| {
            // SAFETY: as above; the cif describes the same signature.
            unsafe {
                let function = *CodePtr::from_ptr(black_box(target)).as_safe_fun();
                libffi::raw::ffi_call(black_box(cif), Some(function), to.cast(), values);
            }
        };

        let check = |call: &dyn Fn(), name: &str| {
            call();
            // SAFETY: `to` is `result`, which only the calls above write.
            let result = unsafe { to.cast::<R>().replace(R::default()) };
            assert_eq!(result, expected, "{name}");
        };
        let values = values.as_mut_ptr();
        check(&|| packed(base), "packed frame");
        check(&|| array(pointers.as_ptr()), "pointer array");
        check(&|| libffi(values), "libffi");

        group.bench_function("stub, packed frame", |b| b.iter(|| packed(black_box(base))));
        group.bench_function("stub, pointer array", |b| {
            b.iter(|| array(black_box(pointers.as_ptr())))
        });
        group.bench_function("libffi", |b| b.iter(|| libffi(black_box(values))));
    }
}

/// The statically typed contenders, a direct pointer and a typed function: `contest!(group, contest, NAME: TYPE, (arguments))`.
macro_rules! typed {
    ($group:expr, $contest:expr, $name:ident: $ty:ty, ($($argument:expr),*)) => {{
        // SAFETY: the declaration in call.c.
        let direct = unsafe { std::mem::transmute::<*const c_void, $ty>($contest.target) };
        $group.bench_function("direct pointer", |b| {
            // SAFETY: the functions of call.c take any arguments.
            b.iter(|| unsafe { black_box(direct)($(black_box($argument)),*) });
        });
        let typed = $contest.lib.func::<$ty>(stringify!($name)).unwrap();
        $group.bench_function("typed function", |b| {
            // SAFETY: as above.
            b.iter(|| unsafe { black_box(typed)($(black_box($argument)),*) });
        });
    }};
}

fn bits(value: f64) -> u64 {
    value.to_bits()
}

fn structs() -> [(ffi_type, Box<[*mut ffi_type]>); 2] {
    let (int, double) = (&raw mut types::sint32, &raw mut types::double);
    [vec![int, double], vec![double; 4]].map(|mut elements| {
        elements.push(std::ptr::null_mut());
        let mut elements = elements.into_boxed_slice();
        let ty = ffi_type {
            type_: low::type_tag::STRUCT,
            elements: elements.as_mut_ptr(),
            ..Default::default()
        };
        (ty, elements)
    })
}

fn calls(criterion: &mut Criterion) {
    let (sint8, sint16, int, long) = (
        &raw mut types::sint8,
        &raw mut types::sint16,
        &raw mut types::sint32,
        &raw mut types::sint64,
    );
    let (float, double) = (&raw mut types::float, &raw mut types::double);

    let mut group = criterion.benchmark_group("long(long, long)");
    let mut contest = Contest::new("bench_long2", long, &[long; 2]);
    typed!(group, contest, bench_long2: unsafe extern "C" fn(c_long, c_long) -> c_long, (1, 2));
    contest.dynamic(&mut group, &[1, 2], 3i64);
    group.finish();

    let mut group = criterion.benchmark_group("int(6 x int)");
    let mut contest = Contest::new("bench_int6", int, &[int; 6]);
    typed!(group, contest, bench_int6: unsafe extern "C" fn(c_int, c_int, c_int, c_int, c_int, c_int) -> c_int, (1, 2, 3, 4, 5, 6));
    // libffi widens an int result to a register.
    contest.dynamic(&mut group, &[1, 2, 3, 4, 5, 6], 21i64);
    group.finish();

    let mut group = criterion.benchmark_group("double(8 x double)");
    let mut contest = Contest::new("bench_double8", double, &[double; 8]);
    typed!(group, contest, bench_double8: unsafe extern "C" fn(f64, f64, f64, f64, f64, f64, f64, f64) -> f64, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0));
    contest.dynamic(
        &mut group,
        &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0].map(bits),
        36f64,
    );
    group.finish();

    let [(mut pair, _pair), (mut quad, _quad)] = structs();
    let mut group = criterion.benchmark_group("struct{int; double} in and out");
    let mut contest = Contest::new("bench_pair", &mut pair, &[&raw mut pair]);
    typed!(group, contest, bench_pair: unsafe extern "C" fn(Pair) -> Pair, (Pair { n: 1, x: 2.0 }));
    contest.dynamic(&mut group, &[1, bits(2.0)], [2, bits(3.0)]);
    group.finish();

    let mut group = criterion.benchmark_group("32-byte struct in and out");
    let mut contest = Contest::new("bench_quad", &mut quad, &[&raw mut quad]);
    typed!(group, contest, bench_quad: unsafe extern "C" fn(Quad) -> Quad, (Quad { a: 1.0, b: 2.0, c: 3.0, d: 4.0 }));
    contest.dynamic(
        &mut group,
        &[1.0, 2.0, 3.0, 4.0].map(bits),
        [2.0, 2.0, 3.0, 4.0].map(bits),
    );
    group.finish();

    let mut group = criterion.benchmark_group("16 mixed arguments with stack");
    let params = [
        int, double, long, float, sint16, double, sint8, double, long, double, int, double, long,
        double, long, double,
    ];
    let mut contest = Contest::new("bench_mixed16", double, &params);
    type Mixed16 = unsafe extern "C" fn(
        c_int,
        f64,
        c_long,
        f32,
        i16,
        f64,
        i8,
        f64,
        c_long,
        f64,
        c_int,
        f64,
        c_long,
        f64,
        c_long,
        f64,
    ) -> f64;
    typed!(group, contest, bench_mixed16: Mixed16, (1, 1.0, 1, 1.0, 1, 1.0, 1, 1.0, 1, 1.0, 1, 1.0, 1, 1.0, 1, 1.0));
    let one = bits(1.0);
    let float_one = u64::from(1f32.to_bits());
    contest.dynamic(
        &mut group,
        &[
            1, one, 1, float_one, 1, one, 1, one, 1, one, 1, one, 1, one, 1, one,
        ],
        16f64,
    );
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
