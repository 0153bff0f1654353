//! Where each argument and the result of a call goes: one file an ABI, pure classification.
//!
//! Everything here is a function of the [`Signature`] alone, compiles on every host, and knows nothing of code
//! generation. A new ABI is one file and one line in [`abis!`].

mod aapcs64;
mod assignment;
mod sysv64;
mod win64;
mod x86_32;

use crate::{Signature, Type};
pub(crate) use assignment::Position;
pub use assignment::{Assignment, Extend, Piece, Place, Reg, ResultPlace, Taken};
use x86_32::Compiler::*;

/// Declares [`Abi`] and its dispatch from one line an ABI; in parentheses the variant of the module's rules.
macro_rules! abis {
    ($($(#[$doc:meta])* $variant:ident => $module:ident $(($($rules:expr),+))?, $name:literal;)*) => {
        /// A calling convention of one kind of machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Abi {
            $($(#[$doc])* $variant,)*
        }

        impl Abi {
            /// The name that people give it.
            pub fn name(self) -> &'static str {
                match self { $(Abi::$variant => $name,)* }
            }

            /// Decides where each argument and the result of `signature` goes.
            ///
            /// # Errors
            ///
            /// [`Unsupported`] where this ABI leaves the signature to libffi.
            pub fn assign(self, signature: &Signature) -> Result<Assignment, Unsupported> {
                match self { $(Abi::$variant => $module::assign($(Abi::$variant, $($rules,)+)? signature),)* }
            }

            /// Decides where the next variable argument is that a function finds.
            pub(crate) fn variable(self, ty: &Type, position: &mut Position) -> Result<Place, Unsupported> {
                match self {
                    $(Abi::$variant => $module::variable($(Abi::$variant, $($rules,)+)? ty, position),)*
                }
            }

            /// The machine that it is for.
            pub fn machine(self) -> Machine {
                match self { $(Abi::$variant => $module::MACHINE,)* }
            }

            /// The registers that carry arguments and results.
            pub fn registers(self) -> &'static Registers {
                match self { $(Abi::$variant => &$module::REGISTERS,)* }
            }
        }
    };
}

abis! {
    /// System V AMD64: Linux, the BSDs and macOS on x86-64.
    SysV64 => sysv64, "System V x86-64";
    /// Windows on x86-64, and functions with `__attribute__((ms_abi))` elsewhere.
    Win64 => win64, "Windows x86-64";
    /// AAPCS64: Linux and the BSDs on AArch64.
    Aapcs64 => aapcs64(aapcs64::Variant::Standard), "AArch64";
    /// macOS and iOS on AArch64.
    AppleArm64 => aapcs64(aapcs64::Variant::Apple), "Apple AArch64";
    /// Windows on AArch64.
    WindowsArm64 => aapcs64(aapcs64::Variant::Windows), "Windows AArch64";
    /// System V i386, the default of Linux and the BSDs on 32-bit x86.
    X86Cdecl => x86_32(SystemV, X86Convention::Cdecl), "System V i386 cdecl";
    /// `__attribute__((stdcall))` on 32-bit x86 Linux.
    X86Stdcall => x86_32(SystemV, X86Convention::Stdcall), "System V i386 stdcall";
    /// `__attribute__((fastcall))` on 32-bit x86 Linux.
    X86Fastcall => x86_32(SystemV, X86Convention::Fastcall), "System V i386 fastcall";
    /// `__attribute__((thiscall))` on 32-bit x86 Linux.
    X86Thiscall => x86_32(SystemV, X86Convention::Thiscall), "System V i386 thiscall";
    /// `__cdecl` of gcc on 32-bit Windows, the default there.
    MingwCdecl => x86_32(Mingw, X86Convention::Cdecl), "mingw x86 cdecl";
    /// `__stdcall` of gcc on 32-bit Windows.
    MingwStdcall => x86_32(Mingw, X86Convention::Stdcall), "mingw x86 stdcall";
    /// `__fastcall` of gcc on 32-bit Windows.
    MingwFastcall => x86_32(Mingw, X86Convention::Fastcall), "mingw x86 fastcall";
    /// `__thiscall` of gcc on 32-bit Windows.
    MingwThiscall => x86_32(Mingw, X86Convention::Thiscall), "mingw x86 thiscall";
    /// `__cdecl` of Microsoft's compiler on 32-bit Windows, the default there.
    MsvcCdecl => x86_32(Msvc, X86Convention::Cdecl), "MSVC x86 cdecl";
    /// `__stdcall` of Microsoft's compiler on 32-bit Windows, which all of Windows' own functions use.
    MsvcStdcall => x86_32(Msvc, X86Convention::Stdcall), "MSVC x86 stdcall";
    /// `__fastcall` of Microsoft's compiler on 32-bit Windows.
    MsvcFastcall => x86_32(Msvc, X86Convention::Fastcall), "MSVC x86 fastcall";
    /// `__thiscall` of Microsoft's compiler on 32-bit Windows: C++ member functions.
    MsvcThiscall => x86_32(Msvc, X86Convention::Thiscall), "MSVC x86 thiscall";
}

#[cfg(not(any(
    target_arch = "x86",
    all(target_arch = "x86_64", target_pointer_width = "64"),
    all(
        target_arch = "aarch64",
        target_endian = "little",
        target_pointer_width = "64"
    )
)))]
compile_error!(
    "farcall knows the calling conventions of x86, x86-64 and little-endian AArch64 only"
);

impl Abi {
    /// The default of the machine this runs on.
    pub const HOST: Abi = if cfg!(target_arch = "aarch64") {
        if cfg!(windows) {
            Abi::WindowsArm64
        } else if cfg!(target_vendor = "apple") {
            Abi::AppleArm64
        } else {
            Abi::Aapcs64
        }
    } else if cfg!(target_arch = "x86") {
        if !cfg!(windows) {
            Abi::X86Cdecl
        } else if cfg!(target_env = "msvc") {
            Abi::MsvcCdecl
        } else {
            Abi::MingwCdecl
        }
    } else if cfg!(windows) {
        Abi::Win64
    } else {
        Abi::SysV64
    };
}

/// A kind of processor, with the mode it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Machine {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    AArch64,
    /// 32-bit x86.
    X86,
}

/// The calling conventions of 32-bit x86, which one program mixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum X86Convention {
    /// The caller takes the arguments off the stack; none is in a register.
    Cdecl,
    /// The callee takes them off; none is in a register.
    Stdcall,
    /// The callee takes them off; two integers are in ecx and edx.
    Fastcall,
    /// The callee takes them off; one integer is in ecx.
    Thiscall,
}

impl Abi {
    /// The ABI of the same system's functions with another convention; none where there is but one.
    ///
    /// ```
    /// use farcall_jit::{Abi, X86Convention};
    ///
    /// assert_eq!(Abi::MingwCdecl.with_convention(X86Convention::Stdcall), Some(Abi::MingwStdcall));
    /// assert_eq!(Abi::SysV64.with_convention(X86Convention::Stdcall), None);
    /// ```
    pub fn with_convention(self, convention: X86Convention) -> Option<Abi> {
        use Abi::*;
        let system = [
            [X86Cdecl, X86Stdcall, X86Fastcall, X86Thiscall],
            [MingwCdecl, MingwStdcall, MingwFastcall, MingwThiscall],
            [MsvcCdecl, MsvcStdcall, MsvcFastcall, MsvcThiscall],
        ];
        let conventions = system.into_iter().find(|abis| abis.contains(&self))?;
        Some(conventions[convention as usize])
    }
}

/// The argument and result registers of an ABI, by their assembler names, in the order in which it uses them.
#[derive(Debug)]
pub struct Registers {
    /// Integer registers for arguments.
    pub int_args: &'static [&'static str],
    /// Vector registers for arguments.
    pub vector_args: &'static [&'static str],
    /// Integer registers for results.
    pub int_results: &'static [&'static str],
    /// Vector registers for results.
    pub vector_results: &'static [&'static str],
    /// Registers of the x87 stack for results, where the ABI uses them.
    pub x87_results: &'static [&'static str],
}

/// What an ABI's file does not take. Not a bug; libffi is asked then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A vector of more than 16 bytes, whose place depends on what the callee was compiled for.
    #[error("vector of more than 16 bytes by value")]
    WideVector,
    /// A vector of at most 8 bytes that the ABI does not know, and its compilers pass in different places.
    #[error("narrow vector by value")]
    NarrowVector,
    /// A type that C does not have on the ABI's machine.
    #[error("a type that the machine does not have")]
    ForeignType,
    /// The places are known, but nothing here writes code for the ABI on this host.
    #[error("no code generator for this calling convention on this machine")]
    NoEmitter,
}
