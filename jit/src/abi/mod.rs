//! Where each argument and the result of a call goes: one file an ABI, pure classification.
//!
//! Everything here is a function of the [`Signature`] alone, compiles on every host, and knows nothing of code
//! generation. A new ABI is one file and one line in [`abis!`].

mod assignment;
mod sysv64;
mod win64;

use crate::Signature;
pub use assignment::{Assignment, Extend, Piece, Place, Reg, ResultPlace};

/// Declares [`Abi`] and its dispatch from one line an ABI.
macro_rules! abis {
    ($($(#[$doc:meta])* $variant:ident => $module:ident, $name:literal;)*) => {
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
                match self { $(Abi::$variant => $module::assign(signature),)* }
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
}

impl Abi {
    /// The default of the machine this runs on.
    pub const HOST: Abi = if cfg!(windows) {
        Abi::Win64
    } else {
        Abi::SysV64
    };
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
}
