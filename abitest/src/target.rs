//! The machines and calling conventions that are judged, as data.

use crate::Error;
use crate::features::{Feature, Features};
use crate::scalar::Prim;

/// What C is like on one kind of machine.
#[derive(Debug)]
#[non_exhaustive]
pub struct Target {
    /// Name on the command line.
    pub name: &'static str,
    /// Size of a pointer.
    pub pointer: u8,
    /// Size of `long`.
    pub long: u8,
    /// Whether plain `char` has a sign.
    pub char_signed: bool,
    /// What `wchar_t` is.
    pub wchar: Prim,
    /// What `long double` is.
    pub long_double: Prim,
    /// Bytes that the 80-bit format of the x87 takes.
    pub x87_size: u8,
    /// Whether vectors of eight bytes travel in MMX registers, which are the x87's too.
    pub mmx: bool,
    /// What a function's frame address leaves when divided by 16, where callers must align the stack.
    pub frame_address: Option<u32>,
    /// The conventions that its functions are given in turn.
    pub conventions: &'static [Convention],
    /// What its compilers can express.
    pub features: Features,
    /// Compiler options.
    pub flags: &'static [&'static str],
    /// How the name of a shared library ends.
    pub library: &'static str,
}

/// A calling convention as a C compiler knows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Convention {
    /// Name in reports.
    pub name: &'static str,
    /// Attribute on the function.
    pub attribute: &'static str,
    /// How the compiler's `va_list` built-ins start, where functions may be variadic.
    pub va: Option<&'static str>,
}

const VA: Option<&str> = Some("__builtin_va");

const SYSV: Convention = Convention {
    name: "sysv",
    attribute: "",
    va: VA,
};
const AAPCS: Convention = Convention {
    name: "aapcs",
    attribute: "",
    va: VA,
};
const WIN64: Convention = Convention {
    name: "win64",
    attribute: "",
    va: VA,
};
const MS_ABI: Convention = Convention {
    name: "win64",
    attribute: "__attribute__((ms_abi))",
    va: Some("__builtin_ms_va"),
};
const X86_32: [Convention; 4] = [
    Convention {
        name: "cdecl",
        attribute: "__attribute__((cdecl))",
        va: VA,
    },
    Convention {
        name: "stdcall",
        attribute: "__attribute__((stdcall))",
        va: None,
    },
    Convention {
        name: "fastcall",
        attribute: "__attribute__((fastcall))",
        va: None,
    },
    Convention {
        name: "thiscall",
        attribute: "__attribute__((thiscall))",
        va: None,
    },
];

const EVERYTHING: Features = Features::ALL
    .with(Feature::ZeroArrays)
    .with(Feature::Flexible)
    .with(Feature::LoneLanes);
const NARROW: Features = EVERYTHING
    .without(Feature::Int128)
    .without(Feature::Float128);

const X86_64_LINUX: Target = Target {
    name: "x86_64-linux",
    pointer: 8,
    long: 8,
    char_signed: true,
    wchar: Prim::I32,
    long_double: Prim::X87,
    x87_size: 16,
    mmx: false,
    frame_address: Some(0),
    conventions: &[SYSV],
    features: EVERYTHING,
    flags: &["-fPIC"],
    library: "so",
};

const I686_LINUX: Target = Target {
    name: "i686-linux",
    pointer: 4,
    long: 4,
    x87_size: 12,
    mmx: true,
    frame_address: Some(8),
    conventions: &X86_32,
    features: NARROW,
    flags: &["-fPIC", "-m32", "-msse2"],
    ..X86_64_LINUX
};

const I686_WINDOWS: Target = Target {
    name: "i686-windows",
    wchar: Prim::U16,
    frame_address: None,
    flags: &["-msse2"],
    library: "dll",
    ..I686_LINUX
};

impl Target {
    /// Every target.
    pub const ALL: &[Target] = &[
        X86_64_LINUX,
        Target {
            name: "x86_64-linux-ms",
            conventions: &[MS_ABI],
            ..X86_64_LINUX
        },
        Target {
            name: "x86_64-windows",
            long: 4,
            wchar: Prim::U16,
            frame_address: None,
            conventions: &[WIN64],
            flags: &[],
            library: "dll",
            ..X86_64_LINUX
        },
        Target {
            name: "aarch64-linux",
            char_signed: false,
            wchar: Prim::U32,
            long_double: Prim::F128,
            conventions: &[AAPCS],
            ..X86_64_LINUX
        },
        I686_LINUX,
        Target {
            name: "i686-linux-cdecl",
            conventions: X86_32.split_at(1).0,
            ..I686_LINUX
        },
        I686_WINDOWS,
        Target {
            name: "i686-windows-cdecl",
            conventions: X86_32.split_at(1).0,
            ..I686_WINDOWS
        },
    ];

    /// What this program was built for, if it is among them.
    pub fn host() -> Option<&'static Target> {
        let arch = if cfg!(target_arch = "x86") {
            "i686"
        } else {
            std::env::consts::ARCH
        };
        Target::named(&format!("{arch}-{}", std::env::consts::OS)).ok()
    }

    /// The target called `name`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTarget`], which lists the known ones.
    pub fn named(name: &str) -> Result<&'static Target, Error> {
        Target::ALL
            .iter()
            .find(|target| target.name == name)
            .ok_or_else(|| {
                let known = Target::ALL
                    .iter()
                    .map(|target| target.name)
                    .collect::<Vec<_>>()
                    .join(", ");
                Error::UnknownTarget {
                    name: name.into(),
                    known,
                }
            })
    }
}
