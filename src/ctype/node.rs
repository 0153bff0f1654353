//! Type nodes and the indexes that name them.

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// The index as a number, for tables beside the type table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// A type of a [`TypeTable`](super::TypeTable).
    TypeId;
    /// What [`CType::Function`] refers to.
    FunctionId;
    /// What [`CType::Record`] refers to.
    RecordId;
    /// What [`CType::Enum`] refers to.
    EnumId;
    /// What [`CType::Deferred`] refers to.
    DeferredId;
    /// A member within its record, counted in the order of declaration.
    FieldId;
}

/// A type, one level deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CType {
    /// `void`.
    Void,
    /// A predefined type.
    Primitive(super::Primitive),
    /// A pointer to the type.
    Pointer(TypeId),
    /// An array.
    Array {
        /// Type of an element.
        element: TypeId,
        /// Number of elements; none for `T[]`.
        length: Option<u64>,
    },
    /// A function (not a pointer to one).
    Function(FunctionId),
    /// A structure or union.
    Record(RecordId),
    /// An enumeration.
    Enum(EnumId),
    /// A SIMD vector (`__attribute__((vector_size(n)))`).
    Vector {
        /// Type of a lane.
        element: TypeId,
        /// Number of lanes.
        lanes: u32,
    },
    /// A type with another alignment: a typedef with `__attribute__((aligned(n)))`, or `_Atomic` where that changes
    /// the alignment. Members, parameters and results carry the plain type; this appears behind
    /// typedef names, pointers and arrays only. [`TypeTable::plain`](super::TypeTable::plain) removes it.
    Aligned {
        /// The plain type.
        ty: TypeId,
        /// Its alignment in bytes.
        align: u32,
        /// Whether `_Atomic` made it.
        atomic: bool,
    },
    /// A type that only a C compiler could complete.
    Deferred(DeferredId),
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<CType>() == 24);

/// Result, parameters and calling convention of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionType {
    /// Type of the result.
    pub result: TypeId,
    /// Types of the parameters, arrays and functions already turned into pointers (C11 6.7.6.3 §7, §8).
    pub params: Box<[TypeId]>,
    /// Whether more arguments may follow (`...`).
    pub variadic: bool,
    /// How the function is called.
    pub convention: Convention,
}

/// A calling convention other than the target's own. Where a target ignores a keyword, as 64-bit Windows ignores
/// `__stdcall`, the type has [`Convention::Default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Convention {
    /// What the target's C compiler uses when nothing is said (`__cdecl` on 32-bit x86).
    #[default]
    Default,
    /// `__stdcall` (32-bit x86): the callee pops its arguments.
    Stdcall,
    /// `__fastcall` (32-bit x86): two arguments in ecx and edx.
    Fastcall,
    /// `__thiscall` (32-bit x86): the first argument in ecx.
    Thiscall,
    /// `__vectorcall` (Windows).
    Vectorcall,
    /// `__attribute__((ms_abi))` on 64-bit x86 away from Windows.
    MsAbi,
    /// `__attribute__((sysv_abi))` on 64-bit Windows.
    SysvAbi,
    /// `__attribute__((regparm(n)))` (32-bit x86): the first one to three integer arguments in eax, edx and ecx.
    Regparm(u8),
}

impl Convention {
    /// The keyword or attribute that asks for the convention, empty for the default.
    pub const fn keyword(self) -> &'static str {
        match self {
            Convention::Default => "",
            Convention::Stdcall => "__stdcall",
            Convention::Fastcall => "__fastcall",
            Convention::Thiscall => "__thiscall",
            Convention::Vectorcall => "__vectorcall",
            Convention::MsAbi => "__attribute__((ms_abi))",
            Convention::SysvAbi => "__attribute__((sysv_abi))",
            Convention::Regparm(1) => "__attribute__((regparm(1)))",
            Convention::Regparm(2) => "__attribute__((regparm(2)))",
            Convention::Regparm(_) => "__attribute__((regparm(3)))",
        }
    }
}

/// A type that a declaration left to the C compiler with `...`. Its size is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// The typedef name; empty for an array.
    pub name: Box<str>,
    /// What is known all the same.
    pub kind: DeferredKind,
}

/// What is known of a [`Deferred`] type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeferredKind {
    /// `typedef int... name;`
    Integer,
    /// `typedef float... name;`
    Float,
    /// `T name[...];`
    Array {
        /// Type of an element.
        element: TypeId,
    },
}
