//! One unwind entry for all the code of a chunk.
//!
//! All code in a chunk keeps the same kind of [`StackFrame`](super::StackFrame), so one rule holds at each of its calls. For the usual
//! kind, that which `stub` describes: the caller's frame pointer lies where the frame pointer points, the return address above
//! it. The entry is registered once, when the
//! chunk is made, and never changes. (Not covered: the two or three instructions of a stub's prologue and
//! epilogue, which only a profiler's signal can hit.)
//!
//! | unwinder | where |
//! |---|---|
//! | DWARF tables | everywhere but on Windows; of mingw on 32-bit x86 too |
//! | function tables | 64-bit Windows |
//! | chained frames, which are on the stack | MSVC on 32-bit x86: there is nothing to register |

#[cfg(all(feature = "gdb", target_os = "linux"))]
mod gdb;
#[cfg_attr(
    not(all(windows, not(all(target_arch = "x86", target_env = "gnu")))),
    path = "dwarf.rs"
)]
#[cfg_attr(all(windows, target_arch = "x86_64"), path = "windows64.rs")]
#[cfg_attr(
    all(
        windows,
        not(target_arch = "x86_64"),
        not(all(target_arch = "x86", target_env = "gnu"))
    ),
    path = "none.rs"
)]
mod system;

pub(super) use system::Registration;
