//! cffi's reference of the `ffi` object: what it promises of memory.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::checked;
use farcall::{CData, Error, ErrorClass, Value};

#[test]
fn buffers_and_memmove() {
    let ffi = checked();
    let numbers = ffi.alloc("int[]", [1, 2]).unwrap();
    assert_eq!(numbers.read_bytes(None).unwrap(), [1, 0, 0, 0, 2, 0, 0, 0]);
    assert_eq!(numbers.read_bytes(Some(5)).unwrap().len(), 5);
    numbers.write_bytes(4, &[9]).unwrap();
    assert_eq!(numbers.item(1).unwrap(), Value::Int(9));
    assert!(numbers.write_bytes(7, &[1, 2]).is_err());

    let over = ffi
        .from_buffer("int[]", vec![5, 0, 0, 0, 6, 0, 0, 0, 7])
        .unwrap();
    assert_eq!(over.to_string(), "[5, 6]");
    over.set_item(0, 8).unwrap();
    assert_eq!(over.item(0).unwrap(), Value::Int(8));
    let shared = ffi
        .from_shared("char[]", b"read only".as_slice().into())
        .unwrap();
    assert_eq!(shared.len().unwrap(), 9);
    assert!(matches!(
        shared.set_item(0, "R"),
        Err(Error::ReadOnly { .. })
    ));
    let error = ffi.from_buffer("int[3]", vec![0; 11]).unwrap_err();
    assert_eq!(
        error.message(),
        "buffer is too small (11 bytes) for 'int[3]' (12 bytes)"
    );

    ffi.memmove(&over, &numbers, 8).unwrap();
    assert_eq!(over.to_string(), "[1, 9]");
    assert!(ffi.memmove(&over, &numbers, 9).is_err());
    assert!(ffi.memmove(&shared, &numbers, 4).is_err());
}

#[test]
fn destructors_run_once_outer_first() {
    let ffi = checked();
    let log = Rc::new(RefCell::new(Vec::new()));
    let note = |name: &'static str| {
        let log = Rc::clone(&log);
        move |cdata: CData| log.borrow_mut().push((name, cdata.type_name()))
    };
    let memory = ffi.alloc("int *", 1).unwrap();
    let inner = ffi.gc(&memory, note("inner"));
    let outer = ffi.gc(&inner, note("outer"));
    drop(inner);
    assert!(log.borrow().is_empty(), "the outer one keeps it");
    drop(outer);
    let names: Vec<_> = log.borrow().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["outer", "inner"]);

    let cancelled = ffi.gc(&memory, note("cancelled"));
    cancelled.disarm().unwrap();
    drop(cancelled);
    let released = ffi.gc(&memory, note("released"));
    released.release().unwrap();
    assert_eq!(log.borrow().len(), 3);
    assert!(matches!(released.item(0), Err(Error::Released { .. })));
    released.release().unwrap();
    drop(released);
    assert_eq!(log.borrow().len(), 3, "once");
    assert_eq!(
        memory.disarm().unwrap_err().message(),
        "Can remove destructor only on a object previously returned by ffi.gc()"
    );
    assert!(ffi.cast("int", 1).unwrap().release().is_err());
}

#[test]
#[allow(unsafe_code)]
fn allocators() {
    let ffi = checked();
    ffi.cdef("struct s { int a, b; };").unwrap();
    let blocks = Rc::new(RefCell::new((0, 0)));
    let (counted, freed) = (Rc::clone(&blocks), Rc::clone(&blocks));
    let source = ffi.clone();
    let alloc = move |size: u64| {
        counted.borrow_mut().0 += 1;
        let memory = source.alloc("char[]", i64::try_from(size).unwrap())?;
        memory.write_bytes(0, &vec![0xee; size as usize])?;
        source.cast("void *", &memory)
    };
    let free = move |_| freed.borrow_mut().1 += 1;
    // SAFETY: as much memory as asked for, which goes with the pointer to it.
    let allocator = unsafe { ffi.new_allocator(alloc.clone(), Some(free), true) };
    let s = allocator.alloc("struct s *", [7]).unwrap();
    assert_eq!(s.item(0).unwrap().to_string(), "{a: 7, b: 0}", "cleared");
    assert_eq!(allocator.alloc("int[]", [1, 2]).unwrap().len().unwrap(), 2);
    assert_eq!(*blocks.borrow(), (2, 1));
    drop(s);
    assert_eq!(*blocks.borrow(), (2, 2));
    // SAFETY: as above.
    let raw = unsafe { ffi.new_allocator(alloc, None::<fn(CData)>, false) };
    assert_eq!(
        raw.alloc("unsigned char[2]", ()).unwrap().to_string(),
        "[238, 238]"
    );

    let null = ffi.clone();
    // SAFETY: it never gives memory.
    let fails = unsafe { ffi.new_allocator(move |_| Ok(null.null()), None::<fn(CData)>, true) };
    let error = fails.alloc("int *", ()).unwrap_err();
    assert_eq!(
        (error.class(), error.message()),
        (ErrorClass::Memory, "alloc() returned NULL".into())
    );
    let number = ffi.cast("int", 5).unwrap();
    // SAFETY: as above.
    let wrong = unsafe { ffi.new_allocator(move |_| Ok(number.clone()), None::<fn(CData)>, true) };
    let error = wrong.alloc("int *", ()).unwrap_err().message();
    assert_eq!(error, "alloc() must return a cdata pointer, not 'int'");
}

#[test]
fn checked_memory_is_not_used_after_its_release() {
    let ffi = checked();
    ffi.cdef("struct s { int a; };").unwrap();
    let p = ffi.alloc("struct s *", [5]).unwrap();
    let (record, cast) = (p.item(0).unwrap(), ffi.cast("int *", &p).unwrap());
    p.release().unwrap();
    for error in [
        p.field("a").unwrap_err(),
        record.field("a").unwrap_err(),
        cast.item(0).unwrap_err(),
        cast.set_item(0, 1).unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "memory of 'struct s *' is used after its release"
        );
    }
    let unchecked = farcall::Ffi::new().alloc("int *", 5).unwrap();
    unchecked.release().unwrap();
    assert_eq!(unchecked.item(0).unwrap(), Value::Int(5));
}
