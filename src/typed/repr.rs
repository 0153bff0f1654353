//! What a Rust type is to C.

use std::ffi::c_void;

/// A Rust type that C knows too.
///
/// [`c_struct!`](crate::c_struct) implements it for structs.
///
/// # Safety
///
/// [`CRepr::repr`] tells the truth about the type's representation.
pub unsafe trait CRepr {
    /// What the type is to C.
    fn repr() -> Repr;
}

/// The representation of a Rust type, in C's terms. Sizes and offsets are in bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Repr {
    /// No value: the result of a function without one, and what a `*mut c_void` points to.
    Void,
    /// `_Bool`.
    Bool,
    /// An integer.
    Int {
        /// Its size.
        size: u64,
        /// Whether it has negative values.
        signed: bool,
    },
    /// A floating-point number.
    Float {
        /// Its size.
        size: u64,
    },
    /// A pointer to the type.
    Pointer(fn() -> Repr),
    /// A pointer to a function.
    Function(fn() -> FunctionRepr),
    /// An array inside a struct.
    Array(fn() -> Repr, u64),
    /// A struct.
    Struct {
        /// Its Rust name.
        name: &'static str,
        /// Its size.
        size: u64,
        /// Its alignment.
        align: u64,
        /// Name, offset and representation of each field.
        fields: Vec<(&'static str, u64, Repr)>,
    },
}

/// The representation of a function type.
#[derive(Clone, Debug)]
pub struct FunctionRepr {
    pub(crate) params: Vec<Repr>,
    pub(crate) result: Repr,
}

impl std::fmt::Display for Repr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Repr::Void => f.write_str("nothing"),
            Repr::Bool => f.write_str("bool"),
            Repr::Int { size, signed } => {
                write!(f, "{}{}", if *signed { "i" } else { "u" }, 8 * size)
            }
            Repr::Float { size } => write!(f, "f{}", 8 * size),
            Repr::Pointer(target) => match target() {
                Repr::Void => f.write_str("a pointer to void"),
                target => write!(f, "a pointer to {target}"),
            },
            Repr::Function(_) => f.write_str("a function pointer"),
            Repr::Array(element, length) => write!(f, "[{}; {length}]", element()),
            Repr::Struct { name, size, .. } => write!(f, "struct {name} of {size} bytes"),
        }
    }
}

macro_rules! numbers {
    ($($ty:ty => $repr:expr;)*) => {$(
        // SAFETY: Rust's primitives are C's of the same size (reference, "C types" in core::ffi).
        unsafe impl CRepr for $ty {
            fn repr() -> Repr {
                $repr
            }
        }
    )*};
}

numbers! {
    bool => Repr::Bool;
    i8 => Repr::Int { size: 1, signed: true };
    u8 => Repr::Int { size: 1, signed: false };
    i16 => Repr::Int { size: 2, signed: true };
    u16 => Repr::Int { size: 2, signed: false };
    i32 => Repr::Int { size: 4, signed: true };
    u32 => Repr::Int { size: 4, signed: false };
    i64 => Repr::Int { size: 8, signed: true };
    u64 => Repr::Int { size: 8, signed: false };
    i128 => Repr::Int { size: 16, signed: true };
    u128 => Repr::Int { size: 16, signed: false };
    isize => Repr::Int { size: size_of::<isize>() as u64, signed: true };
    usize => Repr::Int { size: size_of::<usize>() as u64, signed: false };
    f32 => Repr::Float { size: 4 };
    f64 => Repr::Float { size: 8 };
    () => Repr::Void;
    c_void => Repr::Void;
}

// SAFETY: a raw pointer to a sized type is a C pointer.
unsafe impl<T: CRepr> CRepr for *const T {
    fn repr() -> Repr {
        Repr::Pointer(T::repr)
    }
}

// SAFETY: a raw pointer to a sized type is a C pointer.
unsafe impl<T: CRepr> CRepr for *mut T {
    fn repr() -> Repr {
        Repr::Pointer(T::repr)
    }
}

// SAFETY: an array of a C type is a C array; it occurs in structs only, for it has no place in a signature.
unsafe impl<T: CRepr, const N: usize> CRepr for [T; N] {
    fn repr() -> Repr {
        Repr::Array(T::repr, N as u64)
    }
}

/// Defines a `#[repr(C)]` struct and tells farcall what it is to C, so that it may stand in a typed function.
///
/// ```
/// use std::ffi::c_int;
///
/// use farcall::Ffi;
///
/// farcall::c_struct! {
///     /// Quotient and remainder.
///     #[derive(Debug, PartialEq)]
///     pub struct Div {
///         pub quot: c_int,
///         pub rem: c_int,
///     }
/// }
///
/// let ffi = Ffi::new();
/// ffi.cdef("typedef struct { int quot, rem; } div_t; div_t div(int, int);")?;
/// // SAFETY: these are the declarations of the C library.
/// let lib = unsafe { ffi.dlopen("libc.so.6")? };
/// let div = lib.func::<unsafe extern "C" fn(c_int, c_int) -> Div>("div")?;
/// // SAFETY: `div` takes any two integers but a zero divisor.
/// assert_eq!(unsafe { div(17, 5) }, Div { quot: 3, rem: 2 });
/// # Ok::<(), farcall::Error>(())
/// ```
#[macro_export]
macro_rules! c_struct {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        #[repr(C)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $ty),* }

        // SAFETY: the struct is `repr(C)`, and size and offsets are the compiler's own.
        #[allow(unsafe_code)]
        unsafe impl $crate::CRepr for $name {
            fn repr() -> $crate::Repr {
                $crate::Repr::Struct {
                    name: stringify!($name),
                    size: size_of::<$name>() as u64,
                    align: align_of::<$name>() as u64,
                    fields: vec![$((
                        stringify!($field),
                        ::std::mem::offset_of!($name, $field) as u64,
                        <$ty as $crate::CRepr>::repr(),
                    )),*],
                }
            }
        }
    };
}
