//! When memory ends, who keeps it, and what uses after its end are.

#![allow(unsafe_code, reason = "promises about memory")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::{call, checked, library};
use farcall::{CData, Error, ErrorClass, Ffi, Function, Value};

fn released(result: Result<Value, Error>) -> String {
    match result {
        Err(error @ Error::Released { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

const AFTER: &str = "memory of 'int[2]' is used after its release";

/// What refers to released memory says so: pointers into it, parts of it, slices, casts, and with destructors around it.
#[test]
fn all_references_end_with_the_memory() {
    let ffi = checked();
    let memory = ffi.alloc("int[2]", [1, 2]).unwrap();
    let references = [
        memory.offset(1).unwrap(),
        memory.slice(0, 2).unwrap(),
        ffi.cast("short *", &memory).unwrap(),
        memory.address_of(&[]).unwrap(),
        ffi.gc(&memory, |_| ()),
        ffi.gc(&ffi.gc(&memory, |_| ()), |_| ()),
        // SAFETY: the memory is there, whatever is said of it.
        unsafe { memory.trust(1) },
    ];
    memory.release().unwrap();
    assert_eq!(released(memory.item(0)), AFTER);
    for reference in references {
        assert_eq!(released(reference.item(0)), AFTER, "{reference:?}");
        assert!(reference.to_string().contains("(released)"));
    }
}

/// The record behind a pointer co-owns its memory, and ends with it.
#[test]
fn co_owners_end_with_the_memory() {
    let ffi = checked();
    ffi.cdef("struct inner { int x; }; struct s { struct inner in; int tail[]; };")
        .unwrap();
    let owner = ffi.alloc("struct s *", ([1], [2, 3])).unwrap();
    let record = owner.item(0).unwrap();
    let inner = record.field("in").unwrap();
    let tail = record.field("tail").unwrap();
    owner.release().unwrap();
    let text = "memory of 'struct s *' is used after its release";
    assert_eq!(released(record.field("in")), text);
    assert_eq!(released(inner.field("x")), text);
    assert_eq!(released(tail.item(0)), text);
    assert_eq!(record.to_string(), "(released)");
    assert_eq!(
        format!("{inner:?}"),
        "CData(<cdata 'struct inner' (released)>)"
    );
}

/// Buffers end too, and errors about records that calls return name them.
#[test]
fn buffers_and_returned_records_are_checked() {
    let (ffi, lib) = library();
    let buffer = ffi.from_buffer("int[]", vec![1, 0, 0, 0]).unwrap();
    let item = buffer.offset(0).unwrap();
    buffer.release().unwrap();
    let text = "memory of 'int[]' is used after its release";
    assert_eq!(released(item.item(0)), text);
    let point = call(&lib, "swap", ([1, 2],)).unwrap();
    let x = point
        .cdata()
        .unwrap()
        .address_of(&[farcall::object::Step::Member("x")])
        .unwrap();
    assert_eq!(
        x.item(2).unwrap_err().to_string(),
        "item 2 reaches 12 bytes into memory of 8 bytes at 'int *' (memory of 'struct point')"
    );
}

/// Bounds are checked in either mode; the checked one names the allocation.
#[test]
fn errors_name_the_allocation() {
    let texts = |ffi: &Ffi| {
        let memory = ffi.alloc("short[3]", ()).unwrap();
        let pointer = memory.offset(1).unwrap();
        let errors = [
            memory.item(3).unwrap_err(),
            pointer.item(2).unwrap_err(),
            pointer.item(-2).unwrap_err(),
            memory.read_bytes(Some(7)).unwrap_err(),
            memory.slice(0, 3).unwrap().item(3).unwrap_err(),
        ];
        errors.map(|error| (error.to_string(), error.message()))
    };
    let unchecked = texts(&Ffi::new());
    assert_eq!(
        unchecked[1].0,
        "item 2 reaches 8 bytes into memory of 6 bytes at 'short *'"
    );
    for ((text, message), (plain, _)) in texts(&checked()).iter().zip(&unchecked) {
        assert_eq!(*text, format!("{plain} (memory of 'short[3]')"));
        assert_eq!(message, plain);
    }
}

/// Memory under a destructor ends with the destructor's memory as well as by the destructor.
#[test]
fn the_guarded_memory_s_own_end_counts() {
    let ffi = checked();
    let memory = ffi.alloc("int[2]", ()).unwrap();
    let inner = ffi.gc(&memory, |_| ());
    let outer = ffi.gc(&inner, |_| ());
    inner.release().unwrap();
    assert_eq!(released(outer.item(0)), AFTER);
    memory.item(0).unwrap();
    // Without checks, destructors end memory too.
    let ffi = Ffi::new();
    let inner = ffi.gc(&ffi.alloc("int[2]", ()).unwrap(), |_| ());
    let outer = ffi.gc(&inner, |_| ());
    inner.release().unwrap();
    assert_eq!(released(outer.item(0)), AFTER);
}

/// Whose destructor was taken away, that memory stays until nothing refers to it.
#[test]
fn disarmed_memory_of_an_allocator_stays() {
    let ffi = checked();
    let gone = Rc::new(Cell::new(false));
    let (source, flag) = (ffi.clone(), Rc::clone(&gone));
    let alloc = move |size: u64| {
        let flag = Rc::clone(&flag);
        let memory = source.alloc("char[]", i64::try_from(size).unwrap())?;
        Ok(source.gc(&memory, move |_| flag.set(true)))
    };
    // SAFETY: as many zero bytes as asked for, which go with what is returned.
    let allocator = unsafe { ffi.new_allocator(alloc, Some(|_| ()), false) };
    let numbers = allocator.alloc("int[]", [1, 2, 3]).unwrap();
    let second = numbers.offset(1).unwrap();
    numbers.disarm().unwrap();
    drop(numbers);
    assert!(!gone.get(), "a pointer refers to it");
    assert_eq!(second.item(0).unwrap(), Value::Int(2));
    drop(second);
    assert!(gone.get());
}

#[test]
fn sizes_outside_add_up() {
    let ffi = checked();
    let memory = ffi.alloc("int *", ()).unwrap();
    let inner = ffi.gc_sized(&memory, |_| (), 1000);
    let outer = ffi.gc_sized(&ffi.gc(&inner, |_| ()), |_| (), 24);
    let sizes = [&memory, &inner, &outer].map(CData::size_outside);
    assert_eq!(sizes, [0, 1000, 1024]);
}

/// A function that came as a pointer keeps the callback behind it.
#[test]
fn a_function_keeps_its_callback() {
    let ffi = checked();
    let callback = ffi
        .callback("int(int)", |args| Ok(args.get::<i32>(0)? + 1))
        .unwrap();
    let pointer = ffi.gc(&callback.cdata(), |_| ());
    let function = Function::from_pointer(&ffi, &pointer).unwrap();
    let again = function.cdata();
    drop((callback, pointer));
    // SAFETY: takes any int.
    assert_eq!(unsafe { function.call((41,)) }.unwrap(), Value::Int(42));
    drop(function);
    let function = Function::from_pointer(&ffi, &again).unwrap();
    // SAFETY: as above.
    assert_eq!(unsafe { function.call((1,)) }.unwrap(), Value::Int(2));
}

/// What is shown is read only where memory is known, and whatever it holds.
#[test]
fn showing_reads_only_what_is_known() {
    let ffi = checked();
    ffi.cdef("struct s { _Bool b; int x; };").unwrap();
    let wild = |ty: &str| ffi.cast(ty, 0x10).unwrap();
    for ty in [
        "int *",
        "char *",
        "struct s *",
        "int[3]",
        "char[3]",
        "struct s[2]",
        "struct s[]",
    ] {
        if let Ok(cdata) = ffi.cast(ty, 0x10) {
            assert!(format!("{cdata} {cdata:?}").contains("0x10"), "{ty}");
        }
    }
    assert!(
        wild("int *")
            .slice(0, 1 << 40)
            .unwrap()
            .to_string()
            .contains("0x10")
    );
    let memory = ffi.alloc("unsigned char[8]", [2, 0, 0, 0, 7]).unwrap();
    let odd = ffi.cast("struct s *", &memory).unwrap().item(0).unwrap();
    assert_eq!(odd.to_string(), "{b: ?, x: 7}");
    assert_eq!(
        ffi.cast("_Bool[4]", &memory).unwrap().to_string(),
        "[?, false, false, false]"
    );
    let beyond = ffi.cast("int *", &memory).unwrap().slice(0, 3).unwrap();
    assert_eq!(beyond.to_string(), "[2, 7, ?]");
}

/// A destructor may do what it likes with what it is called for.
#[test]
fn destructors_see_their_cdata() {
    let ffi = checked();
    let kept = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&kept);
    let memory = ffi.gc(&ffi.alloc("int *", 3).unwrap(), move |cdata| {
        *keep.borrow_mut() = Some(cdata);
    });
    memory.release().unwrap();
    assert_eq!(memory.item(0).unwrap_err().class(), ErrorClass::Runtime);
    let cdata: CData = kept.borrow_mut().take().unwrap();
    assert_eq!(cdata.item(0).unwrap(), Value::Int(3));
}

/// However long a chain of destructors or promises is, it is dropped link by link, the outer one first.
#[test]
fn long_chains_are_dropped_link_by_link() {
    const LINKS: usize = 100_000;
    let ffi = Ffi::new();
    let next = Rc::new(Cell::new(LINKS));
    let with_destructor = |of: &CData, link: usize| {
        let next = Rc::clone(&next);
        ffi.gc(of, move |_| {
            assert_eq!(next.replace(link), link + 1);
        })
    };
    type Link<'a> = &'a dyn Fn(&CData, usize) -> CData;
    // SAFETY: the memory of one int.
    let trusted = |of: &CData| unsafe { of.trust(1) };
    let kinds: [Link<'_>; 4] = [
        &with_destructor,
        &|of, link| with_destructor(&of.offset(0).unwrap(), link),
        &|of, link| with_destructor(&trusted(of), link),
        &|of, link| trusted(&with_destructor(of, link)).offset(0).unwrap(),
    ];
    for kind in kinds {
        let mut cdata = ffi.alloc("int *", 1).unwrap();
        for link in 0..LINKS {
            cdata = kind(&cdata, link);
        }
        let part = cdata.offset(0).unwrap();
        drop(cdata);
        assert_eq!(next.get(), LINKS, "parts keep all of it");
        drop(part);
        assert_eq!(next.replace(LINKS), 0);
    }
    let mut cdata = ffi.alloc("int *", 1).unwrap();
    for _ in 0..LINKS {
        cdata = trusted(&cdata);
    }
}

/// What a destructor drops is dropped before it returns, also amid a chain, and a panic of one stops no other.
#[test]
fn destructors_amid_a_chain() {
    let ffi = Ffi::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    let noting = |of: &CData, what: &'static str| {
        let log = Rc::clone(&log);
        ffi.gc(of, move |_| log.borrow_mut().push(what))
    };
    let int = ffi.alloc("int *", 1).unwrap();
    let other = noting(&noting(&int, "other, inner"), "other, outer");
    let (inner, of_middle) = (noting(&int, "inner"), Rc::clone(&log));
    let middle = ffi.gc(&inner, move |_| {
        drop(other);
        of_middle.borrow_mut().push("middle");
    });
    let panicking = ffi.gc(&middle, |_| std::panic::resume_unwind(Box::new("expected")));
    let outer = noting(&panicking, "outer");
    drop((inner, middle, panicking));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(outer))).is_err());
    let order = ["outer", "other, outer", "other, inner", "middle", "inner"];
    assert_eq!(*log.borrow(), order);
    drop(noting(&noting(&int, "again, inner"), "again, outer"));
    assert_eq!(log.borrow()[5..], ["again, outer", "again, inner"]);
}
