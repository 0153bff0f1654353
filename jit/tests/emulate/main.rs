//! Verifies stubs without a compiler or a machine of their kind: the code of random signatures of every ABI is run by
//! an interpreter of the few instructions that stubs use, which checks at the call that each piece of each argument is
//! where the assignment says, and at the return that the result is stored and the caller's state restored.
//!
//! `FARCALL_EMULATE_COUNT` is how many signatures of each ABI are tried.

mod a64;
mod call;
mod entry;
mod memory;
mod mutants;
mod run;
mod signatures;
mod state;
mod x86;

use farcall_jit::{Abi, Assignment, Backend, Engine, Error, Machine, Signature, Why, emit_stub};
use run::{Case, Failure, run};
use state::Program;

/// Signatures of each ABI.
const COUNT: u64 = 400;

/// A test for each ABI, so that they run beside each other.
macro_rules! tests {
    ($($name:ident => $abi:ident;)*) => {
        $(#[test] fn $name() { check_stubs(Abi::$abi); })*

        const ABIS: &[Abi] = &[$(Abi::$abi),*];
    };
}

tests! {
    sysv64 => SysV64;
    win64 => Win64;
    aapcs64 => Aapcs64;
    apple_arm64 => AppleArm64;
    windows_arm64 => WindowsArm64;
    x86_cdecl => X86Cdecl;
    x86_stdcall => X86Stdcall;
    x86_fastcall => X86Fastcall;
    x86_thiscall => X86Thiscall;
    mingw_cdecl => MingwCdecl;
    mingw_stdcall => MingwStdcall;
    mingw_fastcall => MingwFastcall;
    mingw_thiscall => MingwThiscall;
    msvc_cdecl => MsvcCdecl;
    msvc_stdcall => MsvcStdcall;
    msvc_fastcall => MsvcFastcall;
    msvc_thiscall => MsvcThiscall;
}

/// The ABIs of a machine for which this host has stubs.
fn abis(machine: Machine) -> Vec<Abi> {
    let all = ABIS.iter().copied();
    all.filter(|&abi| abi.machine() == machine && !(cfg!(windows) && abi == Abi::SysV64))
        .collect()
}

/// The code of an ABI's machine, to be run.
fn decode(abi: Abi, code: &[u8]) -> Box<dyn Program> {
    match abi.machine() {
        Machine::AArch64 => Box::new(a64::Code::new(code)),
        Machine::X86 => Box::new(x86::Code::new(code, 4)),
        _ => Box::new(x86::Code::new(code, 8)),
    }
}

/// A stub, or none where the ABI leaves the signature to libffi.
fn emit(signature: &Signature) -> Option<(Assignment, Vec<u8>)> {
    match emit_stub(signature) {
        Ok(stub) => Some(stub),
        Err(Error::NoCode {
            why: Why::Unsupported(_),
        }) => None,
        Err(error) => panic!("{error}: {signature:#?}"),
    }
}

fn check_stubs(abi: Abi) {
    let count = match std::env::var("FARCALL_EMULATE_COUNT") {
        Ok(count) => count.parse().expect("FARCALL_EMULATE_COUNT is a number"),
        Err(_) => COUNT,
    };
    if !abis(abi.machine()).contains(&abi) {
        eprintln!("skipped: Windows has no stubs for callees that keep fewer registers");
        return;
    }
    let (mut unsupported, mut failures) = (0, 0);
    for seed in 0..count {
        let signature = signatures::signature(abi, seed);
        let Some((assignment, code)) = emit(&signature) else {
            unsupported += 1;
            continue;
        };
        let program = decode(abi, &code);
        let case = Case {
            signature: &signature,
            assignment: &assignment,
        };
        if let Err(failure) = run(&case, &*program, seed) {
            failures += 1;
            if failures <= 3 {
                eprintln!("{}", report(&case, &*program, seed, &failure));
            }
        }
    }
    eprintln!(
        "{}: {count} signatures, of these {unsupported} unsupported",
        abi.name()
    );
    assert_eq!(
        failures,
        0,
        "{} of {count} stubs of {} are wrong",
        failures,
        abi.name()
    );
    assert!(unsupported * 5 < count, "too few stubs were looked at");
}

/// What a stub says of the stack that it takes is true.
#[test]
fn stack_bytes_suffice() {
    let engine = Engine::new();
    for abi in abis(Abi::HOST.machine()) {
        for seed in 0..COUNT {
            let signature = signatures::signature(abi, seed);
            let Some((assignment, code)) = emit(&signature) else {
                continue;
            };
            let case = Case {
                signature: &signature,
                assignment: &assignment,
            };
            let program = decode(abi, &code);
            let taken = match run(&case, &*program, seed) {
                Ok(taken) => taken - OWN_FRAME.min(taken),
                Err(failure) => panic!("{}", report(&case, &*program, seed, &failure)),
            };
            let stub = engine.call_stub(&signature).expect("was emitted");
            if stub.backend() == Backend::Compiled {
                let said = stub.stack_bytes();
                assert!(taken <= said, "{taken} bytes, {said} said: {signature:?}");
            }
        }
    }
}

/// Bytes at most of what a stub keeps across the call.
const OWN_FRAME: u64 = 64;

/// Everything about a stub that is wrong.
fn report(case: &Case<'_>, program: &dyn Program, seed: u64, failure: &Failure) -> String {
    let Case {
        signature,
        assignment,
    } = case;
    let mut text = format!(
        "{}, signature {seed}: the stub {}\n{signature:?}\n",
        assignment.abi.name(),
        failure.problem
    );
    for index in 0..assignment.args.len() {
        let at = signature.frame().offsets()[index];
        text += &format!(
            "  argument {index}, frame+{at}: {}\n",
            assignment.arg(index)
        );
    }
    text += &format!("  result: {}\n", assignment.result());
    for (at, instruction) in program.listing() {
        let mark = if at == failure.at { "->" } else { "  " };
        text += &format!("{mark} {at:5x}  {instruction}\n");
    }
    text
}
