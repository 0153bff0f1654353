//! How stubs are entered, and what they refuse.

use farcall_jit::{
    Abi, Engine, Error, Float, HostEntry, HostSign, Int, Maker, Reader, Record, Signature, Type,
};

use crate::runtime::*;

const SIGN: HostSign = HostSign::OfCount;

extern "C" fn add(a: i32, b: i32) -> i32 {
    note(Event::Function);
    a + b
}

extern "C" fn negate(a: i32) -> i32 {
    note(Event::Function);
    -a
}

extern "C" fn answer() -> i32 {
    note(Event::Function);
    42
}

fn signature(count: usize) -> Signature {
    Signature::new(vec![Type::from(Int::I32); count], Some(Int::I32.into()))
}

fn with_entry(entry: HostEntry, count: usize) -> Fused {
    let counter = counter();
    let readers = vec![Reader::Number; count];
    let mut recipe = recipe(SIGN, counter, &readers, Maker::Number);
    recipe.entry = entry;
    let stub = Engine::new().fused_stub(&signature(count), &recipe);
    Fused {
        stub: stub.expect("the recipe can be followed"),
        counter,
    }
}

fn returned(value: i64) -> Vec<Event> {
    let made = Event::Made(Made::Signed(value));
    vec![Event::Restore, Event::Function, Event::Save, made]
}

#[test]
fn count_and_names_are_checked() {
    let args = [int(SIGN, 40), int(SIGN, 2)];
    let at = args.as_ptr() as usize;
    let callee = callee(add as *const _, &[]);
    let offset = 1 << 63;
    for entry in [HostEntry::ArrayAndNames, HostEntry::Array] {
        let fused = with_entry(entry, 2);
        assert_eq!(fused.enter(callee, at, 2, 0), (OBJECT, returned(42)));
        for count in [0, 1, 3, 4, 1 << 32 | 2, 1 << 62 | 2] {
            let left = (SLOW, vec![Event::Slow(callee, at, count, 0)]);
            assert_eq!(fused.enter(callee, at, count, 0), left);
        }
    }
    let fused = with_entry(HostEntry::ArrayAndNames, 2);
    assert_eq!(
        fused.enter(callee, at, offset | 2, 0),
        (OBJECT, returned(42))
    );
    let left = (SLOW, vec![Event::Slow(callee, at, offset | 3, 0)]);
    assert_eq!(fused.enter(callee, at, offset | 3, 0), left);
    let left = (SLOW, vec![Event::Slow(callee, at, 2, 0x99)]);
    assert_eq!(
        fused.enter(callee, at, 2, 0x99),
        left,
        "names are not for stubs"
    );
}

#[test]
fn a_single_argument_comes_by_itself() {
    let fused = with_entry(HostEntry::Single, 1);
    let callee = callee(negate as *const _, &[]);
    let argument = int(SIGN, 5);
    assert_eq!(
        fused.enter(callee, argument as usize, 0, 0),
        (OBJECT, returned(-5))
    );
    let wrong = other();
    let (result, events) = fused.enter(callee, wrong as usize, 0, 0);
    assert_eq!(result, SLOW);
    assert!(
        matches!(events[..], [Event::Slow(at, with, ..)] if (at, with) == (callee, wrong as usize))
    );
}

#[test]
fn no_argument_is_read_where_there_is_none() {
    for entry in [HostEntry::Empty, HostEntry::Array, HostEntry::ArrayAndNames] {
        let fused = with_entry(entry, 0);
        let callee = callee(answer as *const _, &[]);
        assert_eq!(fused.enter(callee, 0, 0, 0), (OBJECT, returned(42)));
    }
}

#[test]
fn the_last_argument_decides_as_the_first() {
    let args = [int(SIGN, 40), other()];
    let callee = callee(add as *const _, &[]);
    let fused = with_entry(HostEntry::ArrayAndNames, 2);
    let left = Event::Slow(callee, args.as_ptr() as usize, 2, 0);
    assert_eq!(fused.call(callee, &args), (SLOW, vec![left]));
}

#[test]
fn what_stubs_do_not_do_is_refused() {
    let refused = |params: &[Type], result: Option<Type>, readers: &[Reader], maker| {
        let signature = Signature::new(params, result);
        let recipe = recipe(SIGN, counter(), readers, maker);
        matches!(
            Engine::new().fused_stub(&signature, &recipe),
            Err(Error::NotFused { .. })
        )
    };
    let number = Reader::Number;
    assert!(refused(&[], None, &[number], Maker::Nothing));
    assert!(refused(
        &[Float::F80.into()],
        None,
        &[number],
        Maker::Nothing
    ));
    assert!(refused(
        &[Int::I128.into()],
        None,
        &[number],
        Maker::Nothing
    ));
    assert!(refused(
        &[Int::I32.into()],
        None,
        &[Reader::Bool],
        Maker::Nothing
    ));
    assert!(refused(
        &[Int::I32.into()],
        None,
        &[Reader::Record],
        Maker::Nothing
    ));
    assert!(refused(&[], Some(Int::I32.into()), &[], Maker::Nothing));
    assert!(refused(&[], None, &[], Maker::Number));
    assert!(refused(&[], Some(Float::F80.into()), &[], Maker::Number));
    assert!(refused(&[], Some(Float::F64.into()), &[], Maker::Pointer));
    let stored = Reader::StoredInt(Int::I64);
    assert!(refused(&[Int::I32.into()], None, &[stored], Maker::Nothing));
    let large = Type::from(Record::structure(136, 8, []));
    assert!(refused(&[large], None, &[Reader::Record], Maker::Nothing));
}

#[test]
fn what_the_host_does_not_tell_is_refused() {
    let mut recipe = recipe(SIGN, counter(), &[Reader::Number], Maker::Nothing);
    let mut host = (*recipe.host).clone();
    host.ints = None;
    recipe.host = host.into();
    let engine = Engine::new();
    let ints = Signature::new([Int::I32.into()], None);
    assert!(matches!(
        engine.fused_stub(&ints, &recipe),
        Err(Error::NotFused { .. })
    ));
    let floats = Signature::new([Float::F64.into()], None);
    assert!(engine.fused_stub(&floats, &recipe).is_ok());
}

#[test]
fn other_machines_functions_are_left() {
    let recipe = recipe(SIGN, counter(), &[], Maker::Nothing);
    let signature = Signature {
        abi: Abi::Aapcs64,
        ..Signature::new([], None)
    };
    let stub = Engine::new().fused_stub(&signature, &recipe);
    assert!(matches!(stub, Err(Error::NoCode { .. })));
}

#[test]
fn stubs_are_compiled_once() {
    let engine = Engine::new();
    let counter = counter();
    let recipe = |releases_lock| {
        let mut recipe = recipe(SIGN, counter, &[Reader::Number], Maker::Number);
        recipe.releases_lock = releases_lock;
        recipe
    };
    let stub = |releases_lock| engine.fused_stub(&signature(1), &recipe(releases_lock));
    let (first, again, other) = (stub(true), stub(true), stub(false));
    let (first, again, other) = (first.unwrap(), again.unwrap(), other.unwrap());
    assert_eq!(first.entry(), again.entry());
    assert_ne!(first.entry(), other.entry());
    assert_eq!(engine.stats().fused_compiled, 2);
    assert!(first.code_len() > other.code_len());
}
