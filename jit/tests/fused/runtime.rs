//! The runtime: objects as Rust structures, and functions that note what they were called with.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem::offset_of;
use std::sync::Arc;

use farcall_jit::{
    Engine, FusedStub, HostBytes, HostCData, HostCallee, HostCalls, HostEntry, HostErrno,
    HostFloats, HostInts, HostLayout, HostSign, Maker, Reader, Recipe, Signature,
};

pub(crate) type Object = *const Head;

/// Types, which are told apart by their addresses.
pub(crate) static INT: u64 = 1;
pub(crate) static TRUTH: u64 = 2;
pub(crate) static FLOAT: u64 = 3;
pub(crate) static BYTES: u64 = 4;
pub(crate) static CDATA: u64 = 5;
pub(crate) static OWNER: u64 = 6;
pub(crate) static OTHER: u64 = 7;

pub(crate) static VOID_CLASS: i32 = 77;

#[repr(C)]
pub(crate) struct Head {
    references: u64,
    ty: *const u64,
}

#[repr(C)]
pub(crate) struct IntObject {
    head: Head,
    count: u64,
    digits: [u32; 5],
}

#[repr(C)]
pub(crate) struct FloatObject {
    head: Head,
    spare: u32,
    value: f64,
}

#[repr(C)]
pub(crate) struct BytesObject {
    head: Head,
    length: u64,
    hash: u64,
    data: [u8; 24],
}

#[repr(C)]
pub(crate) struct Descriptor {
    size: u64,
    class: i32,
}

#[repr(C)]
pub(crate) struct CDataObject {
    head: Head,
    descriptor: *const Descriptor,
    data: *const u8,
}

#[repr(C)]
pub(crate) struct Callee {
    head: Head,
    entry: *const c_void,
    pub(crate) target: *const c_void,
    pub(crate) classes: *const i32,
}

fn head(ty: &'static u64) -> Head {
    Head { references: 1, ty }
}

/// An object that lives for ever: tests are short.
fn object<T>(value: T) -> Object {
    Box::leak(Box::new(value)) as *const T as Object
}

/// An integer, kept as `sign` says.
pub(crate) fn int(sign: HostSign, value: i128) -> Object {
    typed_int(sign, value, &INT)
}

pub(crate) fn typed_int(sign: HostSign, value: i128, ty: &'static u64) -> Object {
    let mut digits = [0xffff_ffff; 5];
    let (mut left, mut count) = (value.unsigned_abs(), 0);
    while left > 0 {
        digits[count] = (left & 0x3fff_ffff) as u32;
        left >>= 30;
        count += 1;
    }
    let count = match sign {
        HostSign::OfCount if value < 0 => (count as u64).wrapping_neg(),
        HostSign::OfCount => count as u64,
        HostSign::LowBits if value == 0 => {
            digits[0] = 0;
            1 | 1 << 3
        }
        HostSign::LowBits => (count as u64) << 3 | if value < 0 { 2 } else { 0 },
    };
    object(IntObject {
        head: head(ty),
        count,
        digits,
    })
}

pub(crate) fn float(value: f64) -> Object {
    object(FloatObject {
        head: head(&FLOAT),
        spare: 0xdead,
        value,
    })
}

pub(crate) fn bytes(text: &[u8]) -> Object {
    let mut data = [0; 24];
    data[..text.len()].copy_from_slice(text);
    object(BytesObject {
        head: head(&BYTES),
        length: text.len() as u64,
        hash: 0,
        data,
    })
}

pub(crate) fn cdata(ty: &'static u64, class: i32, data: *const u8) -> Object {
    let descriptor = Box::leak(Box::new(Descriptor { size: 8, class }));
    object(CDataObject {
        head: head(ty),
        descriptor,
        data,
    })
}

/// An object of a type that no stub knows.
pub(crate) fn other() -> Object {
    typed_int(HostSign::OfCount, 5, &OTHER)
}

/// The bytes of an object that [`bytes`] made.
pub(crate) fn bytes_data(object: Object) -> *const u8 {
    object
        .cast::<u8>()
        .wrapping_add(offset_of!(BytesObject, data))
}

pub(crate) fn callee(target: *const c_void, classes: &[i32]) -> Object {
    object(Callee {
        head: head(&OTHER),
        entry: std::ptr::null(),
        target,
        classes: classes.to_vec().leak().as_ptr(),
    })
}

/// What the runtime's functions were called for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Release,
    Restore,
    Function,
    Save,
    Acquire(usize),
    Made(Made),
    Slow(Object, usize, usize, usize),
}

/// What an object was made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Made {
    Nothing,
    Signed(i64),
    Unsigned(u64),
    Double(u64),
    Bool(u64),
    Char(u64),
    Pointer(Object, usize),
    Memory(Object, Vec<u8>),
}

thread_local! {
    pub(crate) static EVENTS: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
    pub(crate) static RESULT_SIZE: Cell<usize> = const { Cell::new(0) };
}

pub(crate) fn note(event: Event) {
    EVENTS.with_borrow_mut(|events| events.push(event));
}

pub(crate) fn take_events() -> Vec<Event> {
    EVENTS.take()
}

/// What every function that makes objects returns.
pub(crate) const OBJECT: usize = 0x1234_5678_9abc;
/// What every slow path returns.
pub(crate) const SLOW: usize = 0x5555_0000_5555;
/// What `release` returns.
pub(crate) const LOCK: usize = 0x77;

fn made(made: Made) -> usize {
    note(Event::Made(made));
    OBJECT
}

extern "C" fn from_nothing() -> usize {
    made(Made::Nothing)
}
extern "C" fn from_signed(value: i64) -> usize {
    made(Made::Signed(value))
}
extern "C" fn from_unsigned(value: u64) -> usize {
    made(Made::Unsigned(value))
}
extern "C" fn from_double(value: f64) -> usize {
    made(Made::Double(value.to_bits()))
}
extern "C" fn from_bool(value: u64) -> usize {
    made(Made::Bool(value))
}
extern "C" fn from_char(value: u64) -> usize {
    made(Made::Char(value))
}
extern "C" fn from_pointer(callee: Object, address: usize) -> usize {
    made(Made::Pointer(callee, address))
}
extern "C" fn from_memory(callee: Object, memory: *const u8) -> usize {
    assert!(memory.addr().is_multiple_of(16));
    // SAFETY: the stub's promise, for a result of the size that the test said.
    let memory = unsafe { std::slice::from_raw_parts(memory, RESULT_SIZE.get()) };
    made(Made::Memory(callee, memory.to_vec()))
}
extern "C" fn release() -> usize {
    spoil();
    note(Event::Release);
    LOCK
}
extern "C" fn acquire(lock: usize) {
    spoil();
    note(Event::Acquire(lock));
}
extern "C" fn restore() {
    spoil();
    note(Event::Restore);
}
extern "C" fn save() {
    spoil();
    note(Event::Save);
}
extern "C" fn slow(callee: Object, args: usize, count: usize, names: usize) -> usize {
    note(Event::Slow(callee, args, count, names));
    SLOW
}

/// Changes registers that functions may change.
#[inline(always)]
fn spoil() {
    // SAFETY: no memory is touched, and the compiler knows which registers are.
    unsafe {
        std::arch::asm!(
            "mov rax, -1", "mov r10, rax", "mov r11, rax", "mov r8, rax", "mov r9, rax", "mov rcx, rax", "mov rdx, rax",
            "pcmpeqd xmm0, xmm0", "pcmpeqd xmm1, xmm1",
            out("rax") _, out("r10") _, out("r11") _, out("r8") _, out("r9") _, out("rcx") _, out("rdx") _,
            out("xmm0") _, out("xmm1") _, options(nomem, nostack),
        );
    }
}

/// The runtime as stubs know it.
pub(crate) fn host(sign: HostSign, counter: &'static Cell<u64>) -> HostLayout {
    let address = |ty: &'static u64| &raw const *ty as usize;
    HostLayout {
        type_offset: offset_of!(Head, ty) as i32,
        ints: Some(HostInts {
            types: vec![address(&INT), address(&TRUTH)],
            count_offset: offset_of!(IntObject, count) as i32,
            sign,
            digits_offset: offset_of!(IntObject, digits) as i32,
        }),
        floats: Some(HostFloats {
            ty: address(&FLOAT),
            offset: offset_of!(FloatObject, value) as i32,
        }),
        bytes: Some(HostBytes {
            ty: address(&BYTES),
            length_offset: offset_of!(BytesObject, length) as i32,
            offset: offset_of!(BytesObject, data) as i32,
        }),
        cdata: Some(HostCData {
            types: vec![address(&CDATA), address(&OWNER)],
            descriptor_offset: offset_of!(CDataObject, descriptor) as i32,
            class_offset: offset_of!(Descriptor, class) as i32,
            data_offset: offset_of!(CDataObject, data) as i32,
            void_class: VOID_CLASS,
        }),
        callee: HostCallee {
            target_offset: offset_of!(Callee, target) as i32,
            classes_offset: offset_of!(Callee, classes) as i32,
        },
        calls: HostCalls {
            from_nothing: from_nothing as *const () as usize,
            from_signed: from_signed as *const () as usize,
            from_unsigned: from_unsigned as *const () as usize,
            from_double: from_double as *const () as usize,
            from_bool: from_bool as *const () as usize,
            from_char: from_char as *const () as usize,
            from_pointer: from_pointer as *const () as usize,
            from_memory: from_memory as *const () as usize,
            release: release as *const () as usize,
            acquire: acquire as *const () as usize,
        },
        errno: HostErrno::Calls {
            restore: restore as *const () as usize,
            save: save as *const () as usize,
        },
        counter: counter as *const Cell<u64> as usize,
    }
}

/// A stub with the counter of its calls.
pub(crate) struct Fused {
    pub(crate) stub: Arc<FusedStub>,
    pub(crate) counter: &'static Cell<u64>,
}

pub(crate) fn counter() -> &'static Cell<u64> {
    Box::leak(Box::new(Cell::new(0)))
}

pub(crate) fn slow_path() -> usize {
    slow as *const () as usize
}

pub(crate) fn recipe(
    sign: HostSign,
    counter: &'static Cell<u64>,
    readers: &[Reader],
    maker: Maker,
) -> Recipe {
    Recipe {
        host: Arc::new(host(sign, counter)),
        entry: HostEntry::ArrayAndNames,
        slow: slow_path(),
        releases_lock: false,
        readers: readers.into(),
        maker,
    }
}

pub(crate) fn fused(
    signature: &Signature,
    sign: HostSign,
    readers: &[Reader],
    maker: Maker,
) -> Fused {
    let counter = counter();
    let stub = Engine::new().fused_stub(signature, &recipe(sign, counter, readers, maker));
    Fused {
        stub: stub.expect("the recipe can be followed"),
        counter,
    }
}

impl Fused {
    /// Calls through the first kind of entry, and tells what happened.
    pub(crate) fn call(&self, callee: Object, args: &[Object]) -> (usize, Vec<Event>) {
        self.enter(callee, args.as_ptr() as usize, args.len(), 0)
    }

    pub(crate) fn enter(
        &self,
        callee: Object,
        args: usize,
        count: usize,
        names: usize,
    ) -> (usize, Vec<Event>) {
        type Entry = unsafe extern "C-unwind" fn(Object, usize, usize, usize) -> usize;
        take_events();
        // SAFETY: the entry is of this type, and the runtime is as the stub was told.
        let result = unsafe {
            let entry = std::mem::transmute::<*const c_void, Entry>(self.stub.entry());
            entry(callee, args, count, names)
        };
        (result, take_events())
    }
}
