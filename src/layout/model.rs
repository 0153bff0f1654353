//! What a target's C compilers agree on: sizes, alignments and the rules for records, as data.

/// Sizes, alignments and record rules of one target.
///
/// ```
/// use farcall::layout::DataModel;
///
/// let windows = DataModel::from_name("x86_64-windows").unwrap();
/// assert_eq!((windows.long_size, windows.pointer_size), (4, 8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataModel {
    /// The target's name, such as `x86_64-linux`.
    pub name: &'static str,
    /// The processor family.
    pub arch: Arch,
    /// Which compiler family's rules hold for bit-fields, enumerations and `#pragma pack`.
    pub rules: RecordRules,
    /// Size of a pointer in bytes.
    pub pointer_size: u64,
    /// Size of `long` in bytes.
    pub long_size: u64,
    /// Alignment in bytes of 8-byte integers and floating-point numbers: 4 on i386 System V (psABI table 2.1).
    pub align_of_8: u64,
    /// `long double`.
    pub long_double: LongDouble,
    /// Size of `wchar_t` in bytes.
    pub wchar_size: u64,
    /// Whether `wchar_t` is signed.
    pub wchar_signed: bool,
    /// Whether `char` is signed.
    pub char_signed: bool,
    /// What `__attribute__((aligned))` without an argument means, in bytes.
    pub max_align: u64,
    /// Largest alignment in bytes that a vector type has by itself.
    pub max_vector_align: u64,
}

/// A processor family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arch {
    /// 64-bit x86.
    X86_64,
    /// 32-bit x86.
    X86,
    /// 64-bit ARM.
    Aarch64,
}

/// Whose rules lay out records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordRules {
    /// The System V psABI of the processor, as gcc implements it.
    SysV,
    /// gcc for Windows: Microsoft's bit-fields (`-mms-bitfields` is its default), the rest as gcc.
    Mingw,
    /// Microsoft's compiler.
    Msvc,
}

/// Format of `long double` on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongDouble {
    /// Size in bytes, padding included.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// What is in those bytes.
    pub format: LongDoubleFormat,
}

/// Number format of `long double`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LongDoubleFormat {
    /// IEEE binary64: the same as `double`.
    Binary64,
    /// x87 80-bit extended precision.
    X87,
    /// IEEE binary128.
    Binary128,
}

impl DataModel {
    /// x86-64 Linux (System V psABI, AMD64 supplement).
    pub const X86_64_LINUX: DataModel = DataModel {
        name: "x86_64-linux",
        arch: Arch::X86_64,
        rules: RecordRules::SysV,
        pointer_size: 8,
        long_size: 8,
        align_of_8: 8,
        long_double: LongDouble {
            size: 16,
            align: 16,
            format: LongDoubleFormat::X87,
        },
        wchar_size: 4,
        wchar_signed: true,
        char_signed: true,
        max_align: 16,
        max_vector_align: 1 << 28,
    };

    /// 64-bit ARM Linux (AAPCS64).
    pub const AARCH64_LINUX: DataModel = DataModel {
        name: "aarch64-linux",
        arch: Arch::Aarch64,
        long_double: LongDouble {
            size: 16,
            align: 16,
            format: LongDoubleFormat::Binary128,
        },
        wchar_signed: false,
        char_signed: false,
        max_vector_align: 16,
        ..DataModel::X86_64_LINUX
    };

    /// 32-bit x86 Linux (System V psABI, Intel386 supplement).
    pub const I686_LINUX: DataModel = DataModel {
        name: "i686-linux",
        arch: Arch::X86,
        pointer_size: 4,
        long_size: 4,
        align_of_8: 4,
        long_double: LongDouble {
            size: 12,
            align: 4,
            format: LongDoubleFormat::X87,
        },
        ..DataModel::X86_64_LINUX
    };

    /// 64-bit Windows as gcc (mingw-w64) sees it.
    pub const X86_64_WINDOWS: DataModel = DataModel {
        name: "x86_64-windows",
        rules: RecordRules::Mingw,
        long_size: 4,
        wchar_size: 2,
        wchar_signed: false,
        ..DataModel::X86_64_LINUX
    };

    /// 32-bit Windows as gcc (mingw-w64) sees it.
    pub const I686_WINDOWS: DataModel = DataModel {
        name: "i686-windows",
        arch: Arch::X86,
        pointer_size: 4,
        long_double: LongDouble {
            size: 12,
            align: 4,
            format: LongDoubleFormat::X87,
        },
        ..DataModel::X86_64_WINDOWS
    };

    /// 64-bit Windows as Microsoft's compiler sees it.
    pub const X86_64_WINDOWS_MSVC: DataModel = DataModel {
        name: "x86_64-windows-msvc",
        rules: RecordRules::Msvc,
        long_double: LongDouble {
            size: 8,
            align: 8,
            format: LongDoubleFormat::Binary64,
        },
        ..DataModel::X86_64_WINDOWS
    };

    /// 32-bit Windows as Microsoft's compiler sees it.
    pub const I686_WINDOWS_MSVC: DataModel = DataModel {
        name: "i686-windows-msvc",
        rules: RecordRules::Msvc,
        long_double: LongDouble {
            size: 8,
            align: 8,
            format: LongDoubleFormat::Binary64,
        },
        ..DataModel::I686_WINDOWS
    };

    /// Every target there is.
    pub const ALL: &[DataModel] = &[
        DataModel::X86_64_LINUX,
        DataModel::AARCH64_LINUX,
        DataModel::I686_LINUX,
        DataModel::X86_64_WINDOWS,
        DataModel::I686_WINDOWS,
        DataModel::X86_64_WINDOWS_MSVC,
        DataModel::I686_WINDOWS_MSVC,
    ];

    /// The target that this program runs on. On a system whose C compilers differ from all of [`DataModel::ALL`], this crate
    /// does not compile: every size could be wrong.
    pub const HOST: DataModel = {
        let system = std::env::consts::OS.as_bytes();
        let processor = std::env::consts::ARCH.as_bytes();
        match of_host(system, processor, usize::BITS, cfg!(target_env = "msvc")) {
            Some(model) => model,
            None => panic!(
                "farcall does not know the sizes and alignments that C has on this system: it runs on Linux (x86-64, AArch64, \
                 i686), on Windows (x86-64, i686), and on macOS and FreeBSD (x86-64)"
            ),
        }
    };

    /// The target of this name. `-gnu` and `-msvc` choose whose rules hold on Windows, gcc's if neither is given;
    /// a further `-rules` may be added for clarity.
    pub fn from_name(name: &str) -> Option<DataModel> {
        let name = name.strip_suffix("-rules").unwrap_or(name);
        let name = name.strip_suffix("-gnu").unwrap_or(name);
        DataModel::ALL
            .iter()
            .find(|model| model.name == name)
            .copied()
    }

    /// Whether the target runs Windows.
    pub fn is_windows(&self) -> bool {
        self.rules != RecordRules::SysV
    }

    /// Alignment in bytes of a scalar of `size` bytes that is neither `long double` nor complex.
    pub(crate) fn scalar_align(&self, size: u64) -> u64 {
        if size == 8 { self.align_of_8 } else { size }
    }

    /// Largest size in bytes of an object: half the address space, so that pointers can be subtracted.
    pub fn max_size(&self) -> u64 {
        if self.pointer_size == 4 {
            i32::MAX as u64
        } else {
            i64::MAX as u64
        }
    }
}

/// So that it is looked up where the crate is compiled, not only where it is used.
const _: DataModel = DataModel::HOST;

/// The data model of a system. macOS and Windows on AArch64 have others than Linux (Apple's `char` and `wchar_t` are signed,
/// its `long double` is `double`), and so has Android, whose `long double` is its own.
const fn of_host(
    system: &[u8],
    processor: &[u8],
    pointer_bits: u32,
    msvc: bool,
) -> Option<DataModel> {
    match (system, processor, pointer_bits) {
        (b"windows", b"x86_64", 64) if msvc => Some(DataModel::X86_64_WINDOWS_MSVC),
        (b"windows", b"x86", 32) if msvc => Some(DataModel::I686_WINDOWS_MSVC),
        (b"windows", b"x86_64", 64) => Some(DataModel::X86_64_WINDOWS),
        (b"windows", b"x86", 32) => Some(DataModel::I686_WINDOWS),
        // These follow the psABI as Linux does.
        (b"linux" | b"macos" | b"freebsd", b"x86_64", 64) => Some(DataModel::X86_64_LINUX),
        (b"linux", b"x86", 32) => Some(DataModel::I686_LINUX),
        (b"linux", b"aarch64", 64) if cfg!(target_endian = "little") => {
            Some(DataModel::AARCH64_LINUX)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_is_not_known_has_no_model() {
        let of = |system: &str, processor: &str, bits, msvc| {
            of_host(system.as_bytes(), processor.as_bytes(), bits, msvc).map(|model| model.name)
        };
        assert_eq!(of("linux", "x86_64", 64, false), Some("x86_64-linux"));
        assert_eq!(of("linux", "aarch64", 64, false), Some("aarch64-linux"));
        assert_eq!(of("windows", "x86", 32, true), Some("i686-windows-msvc"));
        for (system, processor, bits) in [
            ("macos", "aarch64", 64),
            ("ios", "aarch64", 64),
            ("windows", "aarch64", 64),
            ("android", "x86_64", 64),
            ("linux", "x86_64", 32),
            ("linux", "riscv64", 64),
            ("linux", "powerpc64", 64),
            ("linux", "arm", 32),
        ] {
            assert_eq!(
                of(system, processor, bits, false),
                None,
                "{system} {processor}"
            );
        }
    }

    /// What clang says of Apple's AArch64 is none of the models here, so that it must not be taken for one.
    #[test]
    fn apple_differs_from_linux() {
        let predefined = |target: &str| {
            let clang = std::process::Command::new("clang")
                .args(["-target", target, "-dM", "-E", "-x", "c", "/dev/null"])
                .output();
            match clang {
                Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
                Err(error) => {
                    eprintln!("skipped: no clang: {error}");
                    String::new()
                }
            }
        };
        let (apple, linux) = (
            predefined("arm64-apple-macos"),
            predefined("aarch64-linux-gnu"),
        );
        if apple.is_empty() {
            return;
        }
        assert!(linux.contains("__CHAR_UNSIGNED__") && !apple.contains("__CHAR_UNSIGNED__"));
        assert!(
            apple.contains("__SIZEOF_LONG_DOUBLE__ 8")
                && linux.contains("__SIZEOF_LONG_DOUBLE__ 16")
        );
    }
}
