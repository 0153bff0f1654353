//! What Windows sees of executable memory.

#![cfg(windows)]
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use farcall_jit::{Engine, Float, Int, Signature, Type};
use windows_sys::Win32::System::Memory::{
    MEM_FREE, MEMORY_BASIC_INFORMATION, PAGE_EXECUTE_READ, VirtualQuery,
};

/// What is mapped at an address.
fn region(address: *const u8) -> MEMORY_BASIC_INFORMATION {
    let mut region = MaybeUninit::<MEMORY_BASIC_INFORMATION>::uninit();
    // SAFETY: asks about an address, and writes as many bytes as it is told.
    let written = unsafe {
        VirtualQuery(
            address.cast(),
            region.as_mut_ptr(),
            size_of::<MEMORY_BASIC_INFORMATION>(),
        )
    };
    assert_eq!(written, size_of::<MEMORY_BASIC_INFORMATION>());
    // SAFETY: all of it was written.
    unsafe { region.assume_init() }
}

#[test]
fn code_is_never_writable_where_it_runs_and_goes_with_the_last_stub() {
    let engine = Engine::new();
    let stub = engine
        .call_stub(&Signature::new([Int::I32.into()], None))
        .unwrap();
    let address = stub.code().as_ptr();
    assert_eq!(region(address).Protect, PAGE_EXECUTE_READ);

    // More than one chunk.
    let mut last = address;
    for n in 0..4000 {
        let digit = |bit: u32| -> Type {
            if n >> bit & 1 == 1 {
                Int::I32.into()
            } else {
                Float::F32.into()
            }
        };
        let signature = Signature::new((0..12).map(digit).collect::<Vec<_>>(), None);
        last = engine.call_stub(&signature).unwrap().code().as_ptr();
    }
    assert_eq!(region(last).Protect, PAGE_EXECUTE_READ);
    assert_ne!(region(last).AllocationBase, region(address).AllocationBase);
    drop(engine);
    assert_eq!(
        region(address).Protect,
        PAGE_EXECUTE_READ,
        "a stub keeps it"
    );
    drop(stub);
    assert_eq!(region(address).State, MEM_FREE);
    assert_eq!(region(last).State, MEM_FREE);
}
