//! What a name stands for.

use crate::ctype::{EnumId, RecordId, TypeId};

/// What an ordinary identifier (C11 6.2.3) was declared as.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Declaration {
    /// A function of a library, or of the host (`extern "Python"`).
    Function(Function),
    /// A global variable.
    Variable(Variable),
    /// A `#define`, an enumeration constant or a `static const` number.
    Constant(Constant),
    /// A typedef.
    Typedef(Typedef),
}

/// A typedef's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typedef {
    /// The type.
    pub ty: TypeId,
    /// Whether it is `const` at the top level, which its variables then are.
    pub constant: bool,
}

/// A declared function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its type, a [`CType::Function`](crate::ctype::CType::Function).
    pub ty: TypeId,
    /// The symbol's name where an `asm("name")` label gives another one.
    pub symbol: Option<Box<str>>,
    /// Who defines it.
    pub origin: Origin,
}

/// Who defines a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// A library.
    #[default]
    Library,
    /// The host program, for C to call: `extern "Python"`, also spelled `extern "host"`.
    Host,
    /// The host program, with a symbol that other C code sees: `extern "Python+C"`.
    HostAndC,
}

/// A declared global variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its type.
    pub ty: TypeId,
    /// Whether it may not be assigned (`const` at the top level of its type).
    pub constant: bool,
    /// The symbol's name where an `asm("name")` label gives another one.
    pub symbol: Option<Box<str>>,
    /// The alignment in bytes that its declaration asked for, where that is not its type's.
    pub align: Option<u32>,
}

/// A named number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// Its type.
    pub ty: TypeId,
    /// Its value.
    pub value: Value,
}

/// The value of a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// An integer of any C integer type.
    Integer(i128),
    /// A floating-point number.
    Float(f64),
    /// Left to a C compiler: `#define NAME ...`, `static const int NAME;`.
    Deferred,
}

/// What a structure's, union's or enumeration's tag (C11 6.2.3) was declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `struct tag` or `union tag`.
    Record(RecordId),
    /// `enum tag`.
    Enum(EnumId),
}

/// How to read a text of declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct CdefOptions {
    /// Later declarations of a name replace earlier ones (`override=True` of cffi). Otherwise they must agree.
    pub replace: bool,
    /// No member is aligned to more than this many bytes, a power of two, as after `#pragma pack(n)`; a pragma in the
    /// text goes first. `Some(1)` is cffi's `packed=True`.
    pub pack: Option<u32>,
    /// Know the common Windows type names (`DWORD`, `HANDLE`, `SYSTEMTIME`) on other systems too. Numbers have the sizes
    /// that they have on Windows: `DWORD` and `LONG` 4 bytes, `WCHAR` 2. `TCHAR` is `char`, as in programs without
    /// `UNICODE`; where it is not, declare it in an earlier text.
    pub windows_names: bool,
    /// Take and refuse what cffi does where C does not decide the same: a tag may stand for a structure, a union and an
    /// enumeration at once, for they have different names in Python; functions have no bodies, unless they are `static` or
    /// `inline`, and `...` does not stand alone. What C forbids and harms nobody is taken: parameters of one name,
    /// `register`, a constant that is declared again with its value, an array without a length that is the only member or
    /// in a union.
    pub cffi: bool,
}
