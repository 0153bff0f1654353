//! The function pointer types that C functions may be taken as.

use std::ffi::c_void;

use super::repr::{CRepr, FunctionRepr, Repr};

/// An `unsafe extern "C"` or `unsafe extern "C-unwind"` function pointer of up to sixteen parameters.
///
/// # Safety
///
/// Implemented here, for function pointer types alone.
pub unsafe trait CFunction: Copy + sealed::Sealed {
    #[doc(hidden)]
    fn function_repr() -> FunctionRepr;

    /// # Safety
    ///
    /// There is a function of this very type at `address`.
    #[doc(hidden)]
    unsafe fn from_address(address: *mut c_void) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! function {
    ($abi:literal $($param:ident)*) => {
        impl<$($param: CRepr,)* R: CRepr> sealed::Sealed for unsafe extern $abi fn($($param),*) -> R {}

        // SAFETY: a function pointer type.
        unsafe impl<$($param: CRepr,)* R: CRepr> CFunction for unsafe extern $abi fn($($param),*) -> R {
            fn function_repr() -> FunctionRepr {
                FunctionRepr { params: vec![$($param::repr()),*], result: R::repr() }
            }

            unsafe fn from_address(address: *mut c_void) -> Self {
                // SAFETY: the caller's promise; function pointers have the size of data pointers on every target.
                unsafe { std::mem::transmute::<*mut c_void, Self>(address) }
            }
        }

        // SAFETY: `Option` of a function pointer is a C function pointer, `None` is NULL.
        unsafe impl<$($param: CRepr,)* R: CRepr> CRepr for Option<unsafe extern $abi fn($($param),*) -> R> {
            fn repr() -> Repr {
                Repr::Function(<unsafe extern $abi fn($($param),*) -> R as CFunction>::function_repr)
            }
        }
    };
}

macro_rules! functions {
    ($($param:ident)*) => {
        functions!(@ [] $($param)*);
    };
    (@ [$($done:ident)*]) => {
        function!("C" $($done)*);
        function!("C-unwind" $($done)*);
    };
    (@ [$($done:ident)*] $next:ident $($rest:ident)*) => {
        functions!(@ [$($done)*]);
        functions!(@ [$($done)* $next] $($rest)*);
    };
}

functions!(A B C D E F G H I J K L M N O P);
