//! The C side: built here, unless it was for a target on which no compiler runs.

use std::env::consts::DLL_EXTENSION;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libloading::Library;

pub(crate) type Step = extern "C-unwind" fn(i32) -> i32;

/// `callback.c`.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let path = match std::env::var_os("FARCALL_TEST_LIBRARIES") {
            Some(folder) => Path::new(&folder)
                .join("callback")
                .with_extension(DLL_EXTENSION),
            None => built(),
        };
        // SAFETY: the library has no initialisers.
        unsafe { Library::new(path) }.unwrap()
    })
}

fn built() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = directory.join(format!("callback-{}.so", std::process::id()));
    let status = Command::new("gcc")
        .args(["-O2", "-fexceptions", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/callback.c"))
        .status();
    assert!(status.expect("gcc is installed").success());
    library
}

/// A function of the library.
///
/// # Safety
///
/// `F` is its type.
pub(crate) unsafe fn function<F: Copy>(name: &str) -> F {
    // SAFETY: the caller's promise; the library stays loaded.
    *unsafe { library().get::<F>(name) }.unwrap()
}

/// Where a `longjmp` goes.
#[repr(C, align(16))]
pub(crate) struct Landing([u64; 64]);

impl Landing {
    pub(crate) fn new() -> Landing {
        Landing([0; 64])
    }

    /// What C takes, as a number that threads may share.
    pub(crate) fn address(&mut self) -> usize {
        self.0.as_mut_ptr().expose_provenance()
    }
}

/// A way to jump: its landing place, the leap that ends there.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) call_and_land: extern "C-unwind" fn(Step, i32, usize) -> i32,
    pub(crate) leap: extern "C-unwind" fn(usize),
}

/// The C library's `longjmp` and gcc's own.
pub(crate) fn ways() -> [Way; 2] {
    ["", "_without_unwinding"].map(|suffix| {
        // SAFETY: the types are those of callback.c.
        unsafe {
            Way {
                call_and_land: function(&format!("call_and_land{suffix}")),
                leap: function(&format!("leap{suffix}")),
            }
        }
    })
}
