//! Errors of the library.

mod class;
mod place;
mod words;

pub use class::ErrorClass;
pub use place::Place;
use words::{Attempts, bit_range};

use crate::cdef::{CdefErrorKind, CdefErrors};
use crate::layout::LayoutError;

/// Anything that can go wrong short of C going wrong.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A C text cannot be read.
    #[error(transparent)]
    Cdef(#[from] CdefErrors),
    /// The declarations of another [`Ffi`](crate::Ffi) cannot be included.
    #[error("cannot include: {0}")]
    Include(CdefErrorKind),
    /// A type has no size, and one was needed.
    #[error("{error}{place}")]
    Layout {
        /// What the type is.
        error: LayoutError,
        /// Where it was needed.
        place: Place,
    },
    /// No library was found.
    #[error("cannot open library '{name}'{}", Attempts(attempts))]
    Library {
        /// The name that was asked for.
        name: String,
        /// Each file name that was tried, and what the system's loader said of it.
        attempts: Vec<(String, String)>,
    },
    /// A library does not have a symbol.
    #[error("function/symbol '{symbol}' not found in library '{library}': {reason}")]
    Symbol {
        /// The symbol.
        symbol: String,
        /// The library.
        library: String,
        /// What the system's loader said.
        reason: String,
    },
    /// A name was used that no `cdef` declared.
    #[error("'{name}' is not declared: pass its C declaration to cdef first")]
    Undeclared {
        /// The name.
        name: String,
    },
    /// A name stands for something else than was asked for.
    #[error("'{name}' is declared as {found}, not as {expected}")]
    WrongDeclaration {
        /// The name.
        name: String,
        /// What it is.
        found: &'static str,
        /// What was wanted.
        expected: &'static str,
    },
    /// A call has too few or too many arguments.
    #[error("'{function}' expects {}{expected} arguments, got {found}", if *.variadic { "at least " } else { "" })]
    ArgumentCount {
        /// The function.
        function: String,
        /// How many it declares.
        expected: usize,
        /// How many there were.
        found: usize,
        /// Whether more would be allowed.
        variadic: bool,
    },
    /// A callback asked for an argument that its type has not.
    #[error("there is no argument {}: the callback's type has {count}", *.index + 1)]
    NoArgument {
        /// Which one, from 0 on.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A pointer is no handle to the value that was asked for.
    #[error("the address {address:#x} {problem}")]
    Handle {
        /// The address.
        address: usize,
        /// What it is.
        problem: &'static str,
    },
    /// An argument of the variable part of a call has no C type.
    #[error(
        "argument {index} passed in the variadic part needs to be a cdata object (got {found}){place}"
    )]
    Untyped {
        /// Which argument, counted from one.
        index: usize,
        /// What was given.
        found: String,
        /// Which argument.
        place: Place,
    },
    /// A number is not a value of the C type.
    #[error("integer {value} does not fit '{ty}'{place}")]
    Range {
        /// The number.
        value: String,
        /// The C type.
        ty: String,
        /// Where it was to go.
        place: Place,
    },
    /// A number below zero was to become one without a sign.
    #[error("can't convert negative number to unsigned{place}")]
    Negative {
        /// Where it was to go.
        place: Place,
    },
    /// An integer was wanted.
    #[error("an integer is required{place}")]
    NotAnInteger {
        /// Where it was to go.
        place: Place,
    },
    /// A number was wanted.
    #[error("must be real number, not {found}{place}")]
    NotANumber {
        /// What was given.
        found: String,
        /// Where it was to go.
        place: Place,
    },
    /// A number is not a value of the bit-field.
    #[error("value {value} outside the range allowed by the bit field width: {}{place}", bit_range(*.bits, *.signed))]
    BitRange {
        /// The number.
        value: String,
        /// Width of the bit-field.
        bits: u32,
        /// Whether it has negative values.
        signed: bool,
        /// Where it was to go.
        place: Place,
    },
    /// A value is of a kind that the C type does not take.
    #[error("initializer for ctype '{ty}' must be a {expected}, not {found}{place}")]
    Kind {
        /// The C type.
        ty: String,
        /// What it takes.
        expected: String,
        /// What was given.
        found: String,
        /// Where it was to go.
        place: Place,
    },
    /// A value has a type of the same name, but another one.
    #[error(
        "initializer for ctype '{ty}' appears indeed to be '{ty}', but the types are different (check that you are not e.g. mixing up different ffi instances){place}"
    )]
    SameName {
        /// The C type.
        ty: String,
        /// Where it was to go.
        place: Place,
    },
    /// A pointer to `char` meets another pointer.
    #[error("{}{place}", if *.to_char {
        "implicit cast to 'char *' from a different pointer type.(check that the types are as you expect; use an explicit ffi.cast() if they are correct)"
    } else {
        "implicit cast from 'char *' to a different pointer type: (check that the types are as you expect; use an explicit ffi.cast() if they are correct)"
    })]
    ImplicitCast {
        /// Whether the target is the pointer to `char`.
        to_char: bool,
        /// Where it was to go.
        place: Place,
    },
    /// A text that is to end at its first NUL has one inside.
    #[error("text with a NUL character at byte {at} cannot be passed as '{ty}'{place}")]
    EmbeddedNul {
        /// The C type.
        ty: String,
        /// Bytes before the NUL.
        at: usize,
        /// Where it was to go.
        place: Place,
    },
    /// An array's initialiser has more items than there is room for.
    #[error("too many initializers for '{ty}' (got {found}){place}")]
    TooManyItems {
        /// The C type.
        ty: String,
        /// Items that fit.
        room: u64,
        /// Items given.
        found: u64,
        /// Where they were to go.
        place: Place,
    },
    /// A record's initialiser has more values than there are members.
    #[error("too many initializers for '{ty}' (got {found}){place}")]
    TooManyMembers {
        /// The C type.
        ty: String,
        /// Members given.
        found: u64,
        /// Where they were to go.
        place: Place,
    },
    /// A text is longer than the array it is for.
    #[error("initializer {} is too long for '{ty}' (got {found} characters){place}", if *.wide { "unicode" } else { "bytes" })]
    TextTooLong {
        /// The C type.
        ty: String,
        /// Whether it is text of wide characters.
        wide: bool,
        /// Characters given.
        found: u64,
        /// Where they were to go.
        place: Place,
    },
    /// What should say how long an array is does not.
    #[error("expected new array length or list/tuple/str, not {found}{place}")]
    Length {
        /// What was given.
        found: String,
        /// Where it was to go.
        place: Place,
    },
    /// An initialiser names a member that the record does not have.
    #[error("'{ty}' has no member '{field}'{place}")]
    Field {
        /// The record's type.
        ty: String,
        /// The member asked for.
        field: String,
        /// Where.
        place: Place,
    },
    /// What is read or written is no member of the record.
    #[error("cdata '{ty}' has no field '{field}'")]
    NoField {
        /// Type of the cdata.
        ty: String,
        /// The member asked for.
        field: String,
    },
    /// An operation that cdata of the type, or with these operands, does not have.
    #[error("{message}{place}")]
    Refused {
        /// What kind of error it is to a host.
        class: ErrorClass,
        /// What is wrong.
        message: String,
        /// Where.
        place: Place,
    },
    /// Memory beyond what is known to be valid.
    #[error("{what} reaches {end} bytes into memory of {len} bytes at '{ty}'{place}")]
    Bounds {
        /// The access.
        what: String,
        /// Where it would end, in bytes from the start of the memory.
        end: u64,
        /// How much memory there is, in bytes.
        len: u64,
        /// Type of the cdata.
        ty: String,
        /// What was allocated there, in checked mode.
        place: Place,
    },
    /// A pointer that came from C is to be followed.
    #[error(
        "'{ty}' came from C: use the unsafe CData::trust to say how much memory is valid there"
    )]
    Foreign {
        /// Type of the cdata.
        ty: String,
    },
    /// Memory is used after it was released.
    #[error("memory of '{ty}' is used after its release")]
    Released {
        /// What was allocated.
        ty: String,
    },
    /// A library is used after it was closed.
    #[error("library '{library}' has already been closed")]
    Closed {
        /// The library.
        library: String,
    },
    /// A NULL pointer is to be followed.
    #[error("'{ty}' is NULL")]
    Null {
        /// Type of the cdata.
        ty: String,
    },
    /// The type does not have the operation.
    #[error("'{ty}' {problem}")]
    Operation {
        /// Type of the cdata.
        ty: String,
        /// What it cannot do.
        problem: &'static str,
    },
    /// A typed function's Rust type is not that of the declaration.
    #[error(
        "'{function}' is declared as '{declared}', but {position} is {rust} in Rust and {c} in C"
    )]
    TypedFunction {
        /// The function.
        function: String,
        /// Its C declaration.
        declared: String,
        /// Which argument, or the result.
        position: String,
        /// What the Rust type is there.
        rust: String,
        /// What the C type is there.
        c: String,
    },
    /// A convention that this machine's engine has no code for.
    #[error("'{function}' is called by {convention}, which is not supported here")]
    Convention {
        /// The function.
        function: String,
        /// The keyword or attribute.
        convention: &'static str,
    },
    /// A variadic function has more fixed parameters than any compiler takes.
    #[error("'{function}' has more than 65535 parameters")]
    TooManyParameters {
        /// The function.
        function: String,
    },
    /// The stack of this thread is too small for the arguments.
    #[error(
        "the arguments of '{function}' take {needed} bytes of stack, and this thread has {left} left"
    )]
    Stack {
        /// The function.
        function: String,
        /// Bytes that a call takes.
        needed: u64,
        /// Bytes that there are.
        left: u64,
    },
    /// There is not as much memory.
    #[error("no memory for {bytes} bytes of '{ty}'")]
    Memory {
        /// How much was asked for.
        bytes: u64,
        /// The type it was for.
        ty: String,
    },
    /// cdata of one [`Ffi`](crate::Ffi) was used with another, which does not know its type.
    #[error("cdata '{ty}' is of another Ffi{place}")]
    OtherFfi {
        /// The type, as the other `Ffi` calls it.
        ty: String,
        /// Where it was to go.
        place: Place,
    },
    /// Memory that only unsafe code may write to: a library's own, or what is constant.
    #[error(
        "'{ty}' is memory of a library: write to it with the unsafe Library::set, or CData::trust it first"
    )]
    ReadOnly {
        /// Type of the cdata.
        ty: String,
    },
    /// The engine makes no such call.
    #[error("'{function}': {error}")]
    Engine {
        /// The function.
        function: String,
        /// Why.
        error: farcall_jit::Error,
    },
}

impl From<LayoutError> for Error {
    fn from(error: LayoutError) -> Error {
        Error::Layout {
            error,
            place: Place::default(),
        }
    }
}
