//! Tells gdb of chunks, by its JIT interface (*Debugging with GDB*, "JIT Compilation Interface"): an object file in memory for
//! each, with the unwind table and one symbol, so that backtraces go through the frames of stubs and thunks.
//!
//! ```text
//! __jit_debug_descriptor -> entry <-> entry <-> . . .          gdb breaks in __jit_debug_register_code,
//!                             |                                and reads from there
//!                             v
//! | ELF header | section headers | .eh_frame | .symtab | .strtab |
//! ```
//!
//! A process has one descriptor, whose name is fixed. Another compiler in the same program may bring it as well, so that this is
//! the feature `gdb`, for programs to choose.

use std::cell::UnsafeCell;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// What gdb knows of a chunk, until it is dropped.
pub(super) struct Symbols {
    entry: *mut Entry,
}

// SAFETY: the entry is changed under the lock alone.
unsafe impl Send for Symbols {}

/// `struct jit_code_entry`.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    previous: *mut Entry,
    symbols: *const u8,
    symbols_size: u64,
    /// What `symbols` points to.
    file: Box<[u8]>,
}

/// `struct jit_descriptor`.
#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

const REGISTER: u32 = 1;
const UNREGISTER: u32 = 2;

#[repr(transparent)]
struct Shared(UnsafeCell<Descriptor>);

// SAFETY: changed under `LOCK` alone. gdb looks while the process stands still.
unsafe impl Sync for Shared {}

static LOCK: Mutex<()> = Mutex::new(());

// SAFETY: gdb's own names, which no C library has.
#[unsafe(no_mangle)]
static __jit_debug_descriptor: Shared = Shared(UnsafeCell::new(Descriptor {
    version: 1,
    action: 0,
    relevant: ptr::null_mut(),
    first: ptr::null_mut(),
}));

/// Where gdb sets a breakpoint.
// SAFETY: as above.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn __jit_debug_register_code() {
    std::hint::black_box(&__jit_debug_descriptor);
}

impl Symbols {
    /// Announces `len` bytes of code from `code` on, with their `.eh_frame` section.
    pub(super) fn announce(code: *const u8, len: usize, table: &[u8]) -> Symbols {
        let file = file(code.addr() as u64, len as u64, table).into_boxed_slice();
        let _lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        let descriptor = __jit_debug_descriptor.0.get();
        // SAFETY: the lock is held; entries in the list are live.
        unsafe {
            let next = (*descriptor).first;
            let entry = Box::into_raw(Box::new(Entry {
                next,
                previous: ptr::null_mut(),
                symbols: file.as_ptr(),
                symbols_size: file.len() as u64,
                file,
            }));
            if !next.is_null() {
                (*next).previous = entry;
            }
            (*descriptor).first = entry;
            tell(descriptor, REGISTER, entry);
            Symbols { entry }
        }
    }
}

impl Drop for Symbols {
    fn drop(&mut self) {
        let _lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        let descriptor = __jit_debug_descriptor.0.get();
        // SAFETY: the lock is held; this entry, and those beside it, are in the list.
        unsafe {
            let Entry { next, previous, .. } = *self.entry;
            match previous.as_mut() {
                Some(previous) => previous.next = next,
                None => (*descriptor).first = next,
            }
            if let Some(next) = next.as_mut() {
                next.previous = previous;
            }
            tell(descriptor, UNREGISTER, self.entry);
            drop(Box::from_raw(self.entry));
        }
    }
}

/// # Safety
///
/// The lock is held.
unsafe fn tell(descriptor: *mut Descriptor, action: u32, entry: *mut Entry) {
    // SAFETY: the caller's promise.
    unsafe {
        (*descriptor).action = action;
        (*descriptor).relevant = entry;
    }
    __jit_debug_register_code();
}

/// Bytes of an address in ELF structures.
const WORD: usize = size_of::<usize>();
const IS_64: bool = WORD == 8;
const HEADER: usize = if IS_64 { 64 } else { 52 };
const SECTION: usize = if IS_64 { 64 } else { 40 };
const SYMBOL: usize = if IS_64 { 24 } else { 16 };

/// Offsets of the names are those of the sections below.
const NAMES: &[u8] = b"\0.text\0.eh_frame\0.symtab\0.strtab\0farcall\0";

/// `EM_X86_64`, `EM_AARCH64`, `EM_386`.
const MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "aarch64") {
    183
} else {
    3
};

/// An object file whose `.text` is elsewhere: at `code`.
fn file(code: u64, len: u64, table: &[u8]) -> Vec<u8> {
    const PROGBITS: u32 = 1;
    const SYMTAB: u32 = 2;
    const STRTAB: u32 = 3;
    const NOBITS: u32 = 8;
    let sections = 5;
    let table_at = HEADER + sections * SECTION;
    let symbols_at = (table_at + table.len()).next_multiple_of(8);
    let names_at = symbols_at + 2 * SYMBOL;
    let mut elf = Elf::default();

    elf.bytes.extend(b"\x7fELF");
    let class = if IS_64 { 2 } else { 1 };
    let order = if cfg!(target_endian = "little") { 1 } else { 2 };
    elf.bytes.extend([class, order, 1, 0]);
    elf.bytes.extend([0; 8]);
    // A relocatable file, version 1, without entry and program headers.
    elf.half(1)
        .half(MACHINE)
        .long(1)
        .word(0)
        .word(0)
        .word(HEADER as u64)
        .long(0);
    elf.half(HEADER as u16).half(0).half(0).half(SECTION as u16);
    // The names of the sections are in the last one.
    elf.half(sections as u16).half(sections as u16 - 1);

    elf.bytes.resize(HEADER + SECTION, 0);
    // ALLOC and EXECINSTR; ALLOC.
    elf.section(1, NOBITS, 6, code, 0, len, [0, 0], 16, 0);
    elf.section(
        7,
        PROGBITS,
        2,
        0,
        table_at,
        table.len() as u64,
        [0, 0],
        8,
        0,
    );
    // Two symbols, the first of which is local and empty, named in the fourth section.
    let size = 2 * SYMBOL as u64;
    elf.section(17, SYMTAB, 0, 0, symbols_at, size, [4, 1], 8, SYMBOL);
    elf.section(25, STRTAB, 0, 0, names_at, NAMES.len() as u64, [0, 0], 1, 0);

    elf.bytes.extend(table);
    elf.bytes.resize(symbols_at + SYMBOL, 0);
    // A global function at the start of the first section.
    let (name, info, other, section) = (33, 1 << 4 | 2, 0, 1);
    elf.long(name);
    if IS_64 {
        elf.bytes.extend([info, other]);
        elf.half(section).word(0).word(len);
    } else {
        elf.word(0).word(len);
        elf.bytes.extend([info, other]);
        elf.half(section);
    }
    elf.bytes.extend(NAMES);
    elf.bytes
}

/// Bytes in the machine's order.
#[derive(Default)]
struct Elf {
    bytes: Vec<u8>,
}

impl Elf {
    fn half(&mut self, value: u16) -> &mut Elf {
        self.bytes.extend(value.to_ne_bytes());
        self
    }

    fn long(&mut self, value: u32) -> &mut Elf {
        self.bytes.extend(value.to_ne_bytes());
        self
    }

    fn word(&mut self, value: u64) -> &mut Elf {
        self.bytes.extend((value as usize).to_ne_bytes());
        self
    }

    #[expect(clippy::too_many_arguments, reason = "the members of a section header")]
    fn section(
        &mut self,
        name: u32,
        kind: u32,
        flags: u64,
        address: u64,
        offset: usize,
        size: u64,
        [link, info]: [u32; 2],
        align: u64,
        entry: usize,
    ) {
        self.long(name).long(kind).word(flags).word(address);
        self.word(offset as u64).word(size).long(link).long(info);
        self.word(align).word(entry as u64);
    }
}
