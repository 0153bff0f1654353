//! The checker must be able to fail: code in which one thing was changed is nearly always caught.

use farcall_jit::{Abi, Machine};
use fastrand::Rng;
use iced_x86::{ConstantOffsets, Decoder, DecoderOptions, Instruction, Mnemonic, OpKind};

use crate::run::{Case, run};
use crate::{abis, decode, emit, signatures};

/// Stubs of each machine that are changed, and how often.
const STUBS: usize = 36;
const FLIPS: usize = 60;
/// Bytes of the largest of them, so that it is not all in one loop.
const MAX_CODE: usize = 800;
/// How many mutants may survive, in percent. Those that do have been looked at, and do what the stub should: they
/// reserve more stack than needed, use another free register, or another instruction with the same effect.
const MAX_SURVIVORS: usize = 3;

/// Runs of each mutant, for a stack pointer may happen to be aligned, and a number positive.
const RUNS: u64 = 8;

/// Code with one change.
struct Mutant {
    change: String,
    at: usize,
    code: Vec<u8>,
}

#[test]
fn mutants_are_caught_x86_64() {
    check_mutants(Machine::X86_64);
}

#[test]
fn mutants_are_caught_x86() {
    check_mutants(Machine::X86);
}

#[test]
fn mutants_are_caught_aarch64() {
    check_mutants(Machine::AArch64);
}

fn check_mutants(machine: Machine) {
    let (mut count, mut survivors) = (0, Vec::new());
    let abis = abis(machine);
    for &abi in &abis {
        let stubs = (1 << 32..).filter_map(|seed| {
            let signature = signatures::signature(abi, seed);
            let (assignment, code) = emit(&signature)?;
            (code.len() <= MAX_CODE).then_some((seed, signature, assignment, code))
        });
        for (seed, signature, assignment, code) in stubs.take(STUBS / abis.len()) {
            let case = Case {
                signature: &signature,
                assignment: &assignment,
            };
            let original = decode(abi, &code);
            run(&case, &*original, seed).expect("only its mutants are wrong");
            for mutant in mutants(abi, &code, seed) {
                count += 1;
                let program = decode(abi, &mutant.code);
                if (0..RUNS).any(|again| run(&case, &*program, seed + again).is_err()) {
                    continue;
                }
                // Some instructions can be encoded in two ways.
                let listings = [original.listing(), program.listing()];
                if listings[0] == listings[1] {
                    count -= 1;
                    continue;
                }
                let [was, is] = listings.map(|listing| text_at(&listing, mutant.at));
                let change = mutant.change;
                survivors.push(format!("{}: {change}: `{was}` is now `{is}`", abi.name()));
            }
        }
    }
    eprintln!("{count} mutants, of which {} survived:", survivors.len());
    for survivor in &survivors {
        eprintln!("  {survivor}");
    }
    assert!(
        survivors.len() * 100 <= count * MAX_SURVIVORS,
        "{} of {count} mutants survived",
        survivors.len()
    );
}

/// The instruction to which the byte at an offset belongs.
fn text_at(listing: &[(usize, String)], offset: usize) -> String {
    let line = listing.iter().rev().find(|(at, _)| *at <= offset);
    line.map_or(String::new(), |(_, text)| text.clone())
}

fn mutants(abi: Abi, code: &[u8], seed: u64) -> Vec<Mutant> {
    let mut rng = Rng::with_seed(seed);
    let changed = |change: &str, at: usize, edit: &dyn Fn(&mut [u8])| {
        let mut code = code.to_vec();
        edit(&mut code);
        Mutant {
            change: change.into(),
            at,
            code,
        }
    };
    let mut mutants = Vec::new();
    for _ in 0..FLIPS {
        let (at, bit) = (rng.usize(..code.len()), rng.u8(..8));
        mutants.push(changed("a bit flipped", at, &|code| code[at] ^= 1 << bit));
    }
    match abi.machine() {
        Machine::AArch64 => {
            let word =
                |at: usize| u32::from_le_bytes(code[at..at + 4].try_into().expect("four bytes"));
            for at in (0..code.len()).step_by(4) {
                mutants.push(changed("removed", at, &|code| {
                    code[at..at + 4].copy_from_slice(&0xD503_201Fu32.to_le_bytes());
                }));
                // LDRSB and LDRSH.
                if word(at) & 0xBF80_0000 == 0x3980_0000 {
                    mutants.push(changed("sign dropped", at, &|code| {
                        let word = word(at) & !(0b11 << 22) | 0b01 << 22;
                        code[at..at + 4].copy_from_slice(&word.to_le_bytes());
                    }));
                }
                // The next access of the same kind with another offset.
                let same = |other: &usize| (word(at) ^ word(*other)) & 0xFFC0_03E0 == 0;
                let access = word(at) >> 24 & 0x3B == 0x39;
                let other = (at + 4..code.len()).step_by(4).find(same);
                if let Some(other) = other.filter(|_| access) {
                    let difference = (word(at) ^ word(other)) & 0x003F_FC00;
                    if difference != 0 {
                        mutants.push(changed("offsets exchanged", at, &|code| {
                            for at in [at, other] {
                                let word = word(at) ^ difference;
                                code[at..at + 4].copy_from_slice(&word.to_le_bytes());
                            }
                        }));
                    }
                }
            }
        }
        machine => {
            let bits = if machine == Machine::X86 { 32 } else { 64 };
            let all = instructions(code, bits);
            for (index, (instruction, offsets)) in all.iter().enumerate() {
                let at = instruction.ip() as usize;
                mutants.push(changed("removed", at, &|code| {
                    code[at..at + instruction.len()].fill(0x90);
                }));
                if instruction.mnemonic() == Mnemonic::Movsx {
                    // 0F BE and 0F BF, which become 0F B6 and 0F B7.
                    let bytes = &code[at..at + instruction.len()];
                    let opcode = bytes.windows(2).position(|pair| pair[0] == 0x0F);
                    let opcode = at + 1 + opcode.expect("an opcode of two bytes");
                    mutants.push(changed("sign dropped", at, &|code| code[opcode] ^= 8));
                }
                let mut rest = all[index + 1..].iter();
                let other = rest.find(|(other, _)| exchangeable(instruction, other));
                if let Some((other, other_offsets)) = other {
                    let place = |at: usize, offsets: &ConstantOffsets| {
                        let start = at + offsets.displacement_offset();
                        start..start + offsets.displacement_size()
                    };
                    let a = place(at, offsets);
                    let b = place(other.ip() as usize, other_offsets);
                    if a.len() == b.len() {
                        mutants.push(changed("offsets exchanged", at, &|edited| {
                            edited[a.clone()].copy_from_slice(&code[b.clone()]);
                            edited[b.clone()].copy_from_slice(&code[a.clone()]);
                        }));
                    }
                }
            }
        }
    }
    mutants
}

fn instructions(code: &[u8], bits: u32) -> Vec<(Instruction, ConstantOffsets)> {
    let mut decoder = Decoder::new(bits, code, DecoderOptions::NONE);
    let mut all = Vec::new();
    while decoder.can_decode() {
        let instruction = decoder.decode();
        all.push((instruction, decoder.get_constant_offsets(&instruction)));
    }
    all
}

/// Whether two instructions do the same at different distances from one register.
fn exchangeable(a: &Instruction, b: &Instruction) -> bool {
    let in_memory = |instruction: &Instruction| {
        (0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory)
    };
    a.code() == b.code()
        && in_memory(a)
        && a.memory_base() == b.memory_base()
        && a.memory_index() == b.memory_index()
        && a.memory_displacement64() != b.memory_displacement64()
}
