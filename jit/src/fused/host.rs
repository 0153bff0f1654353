//! What fused stubs know of a language runtime: where its objects keep what, and which of its functions to call.

/// A language runtime whose objects fused stubs read in place. All offsets are in bytes from an object's start, all
/// addresses valid for as long as stubs are called.
///
/// What is left out is not read in place: signatures that need it have no fused stub.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostLayout {
    /// Offset of the address of an object's type.
    pub type_offset: i32,
    /// Integers.
    pub ints: Option<HostInts>,
    /// Floating-point numbers.
    pub floats: Option<HostFloats>,
    /// Strings of bytes.
    pub bytes: Option<HostBytes>,
    /// Objects that stand for values of C.
    pub cdata: Option<HostCData>,
    /// The object that a stub is called on.
    pub callee: HostCallee,
    /// Functions that stubs call.
    pub calls: HostCalls,
    /// How the thread's `errno` is kept between calls.
    pub errno: HostErrno,
    /// Address of a word that counts calls by fused stubs. It is written without synchronization, while the runtime's
    /// lock is held.
    pub counter: usize,
}

/// How the runtime keeps integers: digits of 30 bits in 32, the least significant one first, and ahead of them a word
/// with their number and the sign.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostInts {
    /// Addresses of the types whose objects are read so; the most frequent one first.
    pub types: Vec<usize>,
    /// Offset of the word.
    pub count_offset: i32,
    /// What the word says.
    pub sign: HostSign,
    /// Offset of the first digit. It can be read in any case, but means nothing in a number without digits.
    pub digits_offset: i32,
}

/// Where an integer has its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostSign {
    /// In the number of digits, which is negative for negative numbers.
    OfCount,
    /// In the lowest two bits of the word: 0 for positive numbers, 1 for zero, 2 for negative ones. The number of digits
    /// is in the word from bit 3 on.
    LowBits,
}

/// How the runtime keeps floating-point numbers: as a C `double`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostFloats {
    /// Address of the type.
    pub ty: usize,
    /// Offset of the number.
    pub offset: i32,
}

/// How the runtime keeps strings of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostBytes {
    /// Address of the type.
    pub ty: usize,
    /// Offset of the number of bytes, a word.
    pub length_offset: i32,
    /// Offset of the bytes themselves, which end with a zero.
    pub offset: i32,
}

/// How the runtime's objects stand for values of C. Each leads to a descriptor of its C type, which has the type's *class*:
/// a number of 32 bits, positive for what passes as a pointer and the same for all that pass as the same pointer, and not
/// positive for all else, one for each type that stubs are to recognise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostCData {
    /// Addresses of the types of such objects; the most frequent one first.
    pub types: Vec<usize>,
    /// Offset of the address of the descriptor.
    pub descriptor_offset: i32,
    /// Offset of the class, from the start of the descriptor.
    pub class_offset: i32,
    /// Offset of the pointer's value, or of the address of any other value.
    pub data_offset: i32,
    /// The class of `void *`, which passes as any pointer.
    pub void_class: i32,
}

/// The object that a stub is called on, of which it knows two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostCallee {
    /// Offset of the address of the C function.
    pub target_offset: i32,
    /// Offset of the address of a table with 32 bits for each parameter: the class that its argument must have, if it
    /// is read as a pointer, a record or a stored number.
    pub classes_offset: i32,
}

/// Functions that stubs call, each with C's convention on this machine. Those that make objects return the object's
/// address, and are the last thing that a stub does, so what they return to signal failure reaches the stub's caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostCalls {
    /// `object from_nothing(void)`: what a function without a result returns.
    pub from_nothing: usize,
    /// `object from_signed(int64_t)`.
    pub from_signed: usize,
    /// `object from_unsigned(uint64_t)`.
    pub from_unsigned: usize,
    /// `object from_double(double)`.
    pub from_double: usize,
    /// `object from_bool(uint64_t)`, given a byte.
    pub from_bool: usize,
    /// `object from_char(uint64_t)`, given a byte.
    pub from_char: usize,
    /// `object from_pointer(object callee, void *)`.
    pub from_pointer: usize,
    /// `object from_memory(object callee, const void *)`: any other result, aligned to at most 16 bytes and valid during
    /// the call.
    pub from_memory: usize,
    /// `void *release(void)`: lets go of the runtime's lock.
    pub release: usize,
    /// `void acquire(void *)`: takes the lock again, given what `release` returned.
    pub acquire: usize,
}

/// How the `errno` that C functions see is kept from one call to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostErrno {
    /// It is not.
    Ignored,
    /// By functions: `void restore(void)` is called right before the C function, `void save(void)` right after it.
    Calls {
        /// Sets `errno` to what was saved.
        restore: usize,
        /// Saves `errno`.
        save: usize,
    },
    /// In the memory of each thread: both are `int`s at the same distance from the thread pointer in all threads (on
    /// x86-64 outside of Windows, where the thread pointer is the base of `fs`).
    Thread {
        /// Distance of `errno`.
        errno: i32,
        /// Distance of the saved value.
        saved: i32,
    },
}
