//! Operations on C data: the raw operation, the engine's, which a host's object calls, and that of the crate's own safe
//! objects, which check what memory is valid.

#![allow(unsafe_code, missing_docs)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use farcall::convert::{load, load_member, plan_new, store, store_member};
use farcall::host::Dynamic;
use farcall::object::{Object, string};
use farcall::shape::Shape;
use farcall::{CData, Ffi, Value};

#[repr(C)]
struct Point {
    x: i32,
    y: i32,
}

fn declared() -> Ffi {
    let ffi = Ffi::new();
    ffi.cdef("struct point { int x, y; };").unwrap();
    ffi
}

fn object(ffi: &Ffi, cdata: &CData) -> Object {
    Object::new(
        ffi.types(),
        farcall::host::CDataRef {
            ty: cdata.type_id(),
            address: cdata.address().unwrap().cast(),
            length: cdata.len().unwrap_or(0),
        },
    )
}

fn new_struct(criterion: &mut Criterion) {
    let ffi = declared();
    let mut group = criterion.benchmark_group("new struct");
    let layout = Layout::new::<Point>();
    group.bench_function("raw", |bencher| {
        bencher.iter(|| {
            // SAFETY: the layout has bytes, and is the point's.
            unsafe {
                let point = alloc_zeroed(layout);
                point.cast::<Point>().write(black_box(Point { x: 1, y: 2 }));
                dealloc(black_box(point), layout);
            }
        });
    });
    let host = Dynamic::new(ffi.types());
    let shape = Shape::of(ffi.types(), ffi.type_of("struct point *").unwrap());
    let value = Value::from([1, 2]);
    group.bench_function("engine", |bencher| {
        bencher.iter(|| {
            let plan = plan_new(&host, &shape, Some(black_box(&value))).unwrap();
            // SAFETY: as many bytes as planned.
            unsafe {
                let layout = Layout::from_size_align_unchecked(plan.size as usize, 16);
                let point = alloc_zeroed(layout);
                store(&host, &plan.stored, point, plan.size, &value).unwrap();
                dealloc(black_box(point), layout);
            }
        });
    });
    let ty = shape.ty;
    group.bench_function("CData", |bencher| {
        bencher.iter(|| ffi.alloc_type(ty, black_box(&value)).unwrap());
    });
}

fn fields(criterion: &mut Criterion) {
    let ffi = declared();
    let host = Dynamic::new(ffi.types());
    let point = ffi.alloc("struct point *", [1, 2]).unwrap();
    let address: *mut u8 = point.address().unwrap().cast();
    let object = object(&ffi, &point);
    let slot = object.field(ffi.types(), "y", false).unwrap();

    let mut group = criterion.benchmark_group("field read");
    group.bench_function("raw", |bencher| {
        // SAFETY: the point is alive.
        bencher.iter(|| unsafe { (*black_box(address).cast::<Point>()).y });
    });
    group.bench_function("engine, member at hand", |bencher| {
        // SAFETY: the point is alive.
        bencher.iter(|| unsafe { load_member(&host, slot, black_box(address), None, None) });
    });
    group.bench_function("engine, by name", |bencher| {
        // SAFETY: the point is alive.
        bencher.iter(|| unsafe {
            let slot = object.field(ffi.types(), black_box("y"), false).unwrap();
            load_member(&host, slot, black_box(address), None, None)
        });
    });
    group.bench_function("CData", |bencher| {
        bencher.iter(|| point.field(black_box("y")).unwrap());
    });
    group.finish();

    let mut group = criterion.benchmark_group("field write");
    let value = Value::from(5);
    group.bench_function("raw", |bencher| {
        // SAFETY: the point is alive.
        bencher.iter(|| unsafe { (*black_box(address).cast::<Point>()).y = black_box(5) });
    });
    group.bench_function("engine, member at hand", |bencher| {
        // SAFETY: the point is alive.
        bencher.iter(|| unsafe {
            store_member(&host, slot, black_box(address), 8, black_box(&value)).unwrap();
        });
    });
    group.bench_function("CData", |bencher| {
        bencher.iter(|| point.set_field(black_box("y"), 5).unwrap());
    });
}

fn items(criterion: &mut Criterion) {
    let ffi = declared();
    let host = Dynamic::new(ffi.types());
    let array = ffi.alloc("int[100]", ()).unwrap();
    let address: *const i32 = array.address().unwrap().cast();
    let object = object(&ffi, &array);
    let item = Shape::of(ffi.types(), object.shape.item().unwrap());
    let mut group = criterion.benchmark_group("item read");
    group.bench_function("raw", |bencher| {
        // SAFETY: the array is alive and has the item.
        bencher.iter(|| unsafe { *black_box(address).add(black_box(42)) });
    });
    group.bench_function("engine", |bencher| {
        bencher.iter(|| {
            let types = ffi.types();
            let address = object.item_address(types, &item, black_box(42)).unwrap();
            // SAFETY: as above.
            unsafe { load(&host, &item, address, None) }
        });
    });
    group.bench_function("CData", |bencher| {
        bencher.iter(|| array.item(black_box(42)).unwrap());
    });
}

fn strings(criterion: &mut Criterion) {
    let ffi = declared();
    let host = Dynamic::new(ffi.types());
    let text = ffi.alloc("char[]", "hello, world").unwrap();
    let pointer = text.offset(0).unwrap();
    let object = object(&ffi, &pointer);
    let mut group = criterion.benchmark_group("string");
    group.bench_function("raw", |bencher| {
        bencher.iter(|| {
            let address = black_box(object.address).cast();
            // SAFETY: the text is alive and ends with a zero.
            unsafe { std::ffi::CStr::from_ptr(address) }
                .to_bytes()
                .to_vec()
        });
    });
    group.bench_function("engine", |bencher| {
        // SAFETY: as above.
        bencher.iter(|| unsafe { string(&host, black_box(&object), None) });
    });
    group.bench_function("CData", |bencher| {
        bencher.iter(|| pointer.text(None).unwrap());
    });
}

criterion_group!(objects, new_struct, fields, items, strings);
criterion_main!(objects);
