//! Makes code that was just written visible to the processors that will run it.

use std::io;

use wasmtime_internal_jit_icache_coherence::{clear_cache, pipeline_flush_mt};

/// Makes `len` bytes of code from `code` on, written through another mapping, fit to run on every thread.
///
/// # Safety
///
/// The bytes are mapped and readable.
pub(super) unsafe fn publish(code: *const u8, len: usize) -> io::Result<()> {
    // SAFETY: the caller's promise.
    unsafe { clean_data_cache(code, len) };
    // SAFETY: as above.
    unsafe { clear_cache(code.cast(), len) }.map_err(io::Error::other)?;
    pipeline_flush_mt().map_err(io::Error::other)
}

/// Writes the data cache out as far as instruction fetches look. `clear_cache` leaves that out on AArch64: it relies on
/// pages that the kernel cleans when they turn executable, and ours are executable from the start. x86 needs nothing.
///
/// Source: *Arm Architecture Reference Manual for A-profile*, section B2.7.4 "Caches and memory hierarchy", and D24.2.34
/// "CTR_EL0": IDC says that no cleaning is needed, DminLine has the logarithm of a line's number of words.
///
/// # Safety
///
/// The bytes are mapped and readable.
#[cfg(target_arch = "aarch64")]
unsafe fn clean_data_cache(code: *const u8, len: usize) {
    use std::arch::asm;

    const IDC: u64 = 1 << 28;
    let ctr: u64;
    // SAFETY: reads a register that user mode may read.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) ctr, options(nomem, nostack)) };
    if ctr & IDC == 0 {
        let line = 4usize << (ctr >> 16 & 0xF);
        let start = code.addr() & !(line - 1);
        for address in (start..code.addr() + len).step_by(line) {
            // SAFETY: cleans a line that holds bytes which the caller says are mapped.
            unsafe { asm!("dc cvau, {}", in(reg) address, options(nostack)) };
        }
    }
    // SAFETY: waits for the above.
    unsafe { asm!("dsb ish", options(nostack)) };
}

#[cfg(not(target_arch = "aarch64"))]
unsafe fn clean_data_cache(_: *const u8, _: usize) {}
