//! The targets, as data.

use std::path::Path;

/// A target other than the one this is built for.
#[derive(Debug)]
pub(crate) struct Target {
    /// Rust's name for it.
    pub(crate) triple: &'static str,
    /// What the names of its binary tools start with.
    pub(super) tools: &'static str,
    /// What the names of its compilers end with.
    compiler_suffix: &'static str,
    pub(super) runner: Runner,
    /// Debian's packages for it.
    pub(super) packages: &'static [&'static str],
    /// Whether the Python package has parts of its own for it, which no other target compiles.
    pub(super) has_python: bool,
    /// The judge's name for it.
    pub(super) judge: &'static str,
    /// How the name of a shared library ends.
    pub(super) library: &'static str,
    /// What its compiler needs for a shared library.
    pub(super) flags: &'static [&'static str],
}

/// What it takes to run a program of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    /// The processor and the kernel know it.
    Native,
    /// User-mode emulation, with the libraries of Debian's cross compiler.
    QemuAarch64,
    Wine64,
    /// Of Debian's i386 packages, see `wine`.
    Wine32,
}

/// Packages for every target: a compiler with its library's source, of which std is built (see `sysroot`), and what
/// builds libffi.
pub(super) const PACKAGES: &[&str] = &["cargo-web", "gcc", "make", "rust-web-src", "rustc-web"];

/// All of them, the quickest first.
pub(crate) const ALL: &[Target] = &[
    Target {
        triple: "i686-unknown-linux-gnu",
        tools: "i686-linux-gnu",
        compiler_suffix: "",
        runner: Runner::Native,
        packages: &[
            "g++-i686-linux-gnu",
            "gcc-i686-linux-gnu",
            "lib32gcc-s1",
            "lib32stdc++6",
            "libc6-dev-i386-cross",
            "libc6-i386",
        ],
        has_python: false,
        judge: "i686-linux",
        library: "so",
        flags: &["-fPIC"],
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        tools: "aarch64-linux-gnu",
        compiler_suffix: "",
        runner: Runner::QemuAarch64,
        packages: &[
            "g++-aarch64-linux-gnu",
            "gcc-aarch64-linux-gnu",
            "libc6-dev-arm64-cross",
            "qemu-user",
        ],
        has_python: true,
        judge: "aarch64-linux",
        library: "so",
        flags: &["-fPIC"],
    },
    Target {
        triple: "x86_64-pc-windows-gnu",
        tools: "x86_64-w64-mingw32",
        compiler_suffix: "-posix",
        runner: Runner::Wine64,
        packages: &[
            "g++-mingw-w64-x86-64-posix",
            "gcc-mingw-w64-x86-64-posix",
            "wine64",
        ],
        has_python: true,
        judge: "x86_64-windows",
        library: "dll",
        flags: &["-static-libgcc", "-static-libstdc++", "-static"],
    },
    Target {
        triple: "i686-pc-windows-gnu",
        tools: "i686-w64-mingw32",
        compiler_suffix: "-posix",
        runner: Runner::Wine32,
        packages: &[
            "g++-mingw-w64-i686-posix",
            "gcc-mingw-w64-i686-posix",
            "lib32gcc-s1",
            "libc6-i386",
            "libz-mingw-w64",
        ],
        has_python: false,
        judge: "i686-windows",
        library: "dll",
        flags: &["-static-libgcc", "-static-libstdc++", "-static"],
    },
];

impl Target {
    pub(crate) fn named(triple: &str) -> Option<&'static Target> {
        ALL.iter().find(|target| target.triple == triple)
    }

    /// Its C compiler.
    pub(crate) fn cc(&self) -> String {
        format!("{}-gcc{}", self.tools, self.compiler_suffix)
    }

    /// Its C++ compiler.
    pub(super) fn cxx(&self) -> String {
        format!("{}-g++{}", self.tools, self.compiler_suffix)
    }

    /// The triple as it stands in names of environment variables.
    pub(super) fn variable(&self) -> String {
        self.triple.to_uppercase().replace('-', "_")
    }

    /// The file of a program that was built for it in `folder`.
    pub(super) fn program(&self, folder: &Path, name: &str) -> std::path::PathBuf {
        let suffix = if self.library == "dll" { ".exe" } else { "" };
        folder.join(format!("{name}{suffix}"))
    }
}
