//! The way from C text to machine signature, judged as well: what farcall lowers from a signature's declarations must
//! be assigned as what is made from the compiler's layouts.

use farcall::Ffi;
use farcall::ctype::CType;
use farcall_jit as jit;

use crate::ctype::Signature;

/// The scalar types of `prelude.h`.
const PRELUDE: &str = "
    enum low { low_a, low_b = 7 };
    enum negative { negative_a = -3, negative_b };
    enum wide { wide_a = 0x100000000LL };
    typedef wchar_t wchar;
    typedef char16_t char16;
    typedef char32_t char32;
    typedef int (*function)(int);
    typedef signed char i8x8 __attribute__((vector_size(8)));
    typedef short i16x4 __attribute__((vector_size(8)));
    typedef int i32x2 __attribute__((vector_size(8)));
    typedef float f32x2 __attribute__((vector_size(8)));
    typedef signed char i8x16 __attribute__((vector_size(16)));
    typedef short i16x8 __attribute__((vector_size(16)));
    typedef int i32x4 __attribute__((vector_size(16)));
    typedef long long i64x2 __attribute__((vector_size(16)));
    typedef float f32x4 __attribute__((vector_size(16)));
    typedef double f64x2 __attribute__((vector_size(16)));
    typedef long long i64x1 __attribute__((vector_size(8)));
    typedef double f64x1 __attribute__((vector_size(8)));
";

const FLOAT128: &str = if cfg!(target_arch = "aarch64") {
    "typedef long double float128;"
} else {
    "typedef __float128 float128;"
};

/// Compares `machine`, made from the compiler's layouts, with what the declarations of `signature` are lowered to.
/// The error tells the difference.
pub(crate) fn compare(signature: &Signature, machine: &jit::Signature) -> Result<(), String> {
    let lowered = lower(signature).map_err(|error| format!("not lowered: {error}"))?;
    let expected = machine.abi.assign(machine);
    let found = lowered.abi.assign(&lowered);
    if expected == found && machine.frame() == lowered.frame() {
        return Ok(());
    }
    Err(format!("lowered to {found:?}, not {expected:?}"))
}

fn lower(signature: &Signature) -> Result<jit::Signature, farcall::Error> {
    let fixed = signature.fixed.unwrap_or(signature.params.len());
    let variable = signature.params[fixed..].iter().enumerate();
    let typedefs: String = variable
        .map(|(at, ty)| {
            format!(
                "typedef {};\n",
                signature.declare(ty, &format!("variable_{at}"))
            )
        })
        .collect();
    let ffi = Ffi::new();
    let definitions = signature.definitions();
    ffi.cdef(&format!(
        "{PRELUDE}{FLOAT128}{definitions}{typedefs}{};",
        signature.prototype(false)
    ))?;
    let declarations = ffi.declarations();
    let name = format!("f{}", signature.index);
    let ty = declarations.function(&name).expect("just declared").ty;
    let CType::Function(id) = ffi.types().get(ty) else {
        unreachable!("a function")
    };
    let variable: Vec<_> = (0..signature.params.len() - fixed)
        .map(|at| {
            declarations
                .typedef(&format!("variable_{at}"))
                .expect("just declared")
        })
        .collect();
    ffi.lowering()
        .signature(&name, ffi.types().function(id), &variable)
}
