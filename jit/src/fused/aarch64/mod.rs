//! Emits a fused stub for AArch64.
//!
//! x0 to x3 are what the stub was entered with, and are not touched before the slow path is out of the question. Readers use
//! x10 to x13, x15 to x17 and v16, which nobody preserves (AAPCS64 section 6.1.1); x9 leads to the packed frame, and x14 is
//! the encoder's.

mod read;

use super::{Fusion, HostEntry, HostErrno, Maker, SLOTS};
use crate::stub::aarch64::encode::{Branch, Code, Condition, Data, X};
use crate::stub::aarch64::{ARGUMENTS, Assembler, SAVED_RET, SAVED_TARGET};
use crate::{Float, Int, Type};
use read::Pending;

/// The code of a stub.
pub(super) fn emit(fusion: &Fusion<'_>) -> Vec<u8> {
    let emitter = Emitter {
        fusion,
        outgoing: Assembler::new(&fusion.plan),
        slow: Vec::new(),
        pending: Vec::new(),
    };
    emitter.stub()
}

/// Parameters of C functions, and their results.
const FIRST: X = X(0);
const SECOND: X = X(1);
const CALLEE: X = X(0);
const ARGS: X = X(1);
const COUNT: X = X(2);
const NAMES: X = X(3);

const SCRATCH: X = X(11);
const VALUE: X = X(12);
const FUNCTION: X = X(16);

/// Places in the frame, from the frame pointer.
const SAVED_CALLEE: i64 = -24;
const LOCK: i64 = -32;
const SAVED_RESULT: i64 = -48;

struct Emitter<'a> {
    fusion: &'a Fusion<'a>,
    outgoing: Assembler<'a>,
    /// Branches to the slow path.
    slow: Vec<Branch>,
    /// What is written behind the usual path.
    pending: Vec<Pending>,
}

impl Emitter<'_> {
    fn stub(mut self) -> Vec<u8> {
        self.enter();
        self.read_arguments();
        self.remember();
        self.leave_host();
        self.find_frame();
        self.outgoing.call();
        self.finish();
        self.read_pending();
        for branch in std::mem::take(&mut self.slow) {
            self.code().land(branch);
        }
        let slow = self.fusion.recipe.slow;
        self.tail_call(slow);
        self.outgoing.code.into_bytes()
    }

    fn code(&mut self) -> &mut Code {
        &mut self.outgoing.code
    }

    fn slow_if(&mut self, condition: Condition) {
        let branch = self.code().branch(condition);
        self.slow.push(branch);
    }

    fn enter(&mut self) {
        let count = self.fusion.recipe.readers.len() as u64;
        self.code().enter();
        if self.fusion.recipe.entry != HostEntry::Single {
            // Without the highest bit.
            self.code().double(SCRATCH, COUNT);
            self.code().set(VALUE, 2 * count);
            self.code().compare(SCRATCH, VALUE);
            self.slow_if(Condition::NotEqual);
        }
        if self.fusion.recipe.entry == HostEntry::ArrayAndNames {
            self.code().compare_with(NAMES, 0);
            self.slow_if(Condition::NotEqual);
        }
        self.outgoing.reserve(self.fusion.room());
        self.find_frame();
    }

    /// Bytes between the frame pointer and the result in memory.
    fn result(&self) -> u64 {
        SLOTS + self.fusion.result_bytes()
    }

    fn find_frame(&mut self) {
        let distance = self.result() + self.fusion.frame_size;
        self.below_frame_pointer(ARGUMENTS, distance);
    }

    fn below_frame_pointer(&mut self, to: X, distance: u64) {
        self.code().set(SCRATCH, distance);
        self.code().subtract(to, X::FRAME, SCRATCH);
    }

    /// Keeps what is needed after other functions were called. The fast path is taken from here on.
    fn remember(&mut self) {
        let recipe = self.fusion.recipe;
        let target = recipe.host.callee.target_offset as u64;
        let code = self.code();
        code.load(Data::Word, SCRATCH, CALLEE, target);
        code.store_word(SCRATCH, X::FRAME, SAVED_TARGET);
        code.set(SCRATCH, recipe.host.counter as u64);
        code.load(Data::Word, VALUE, SCRATCH, 0);
        code.add(VALUE, VALUE, 1);
        code.store(Data::Word, VALUE, SCRATCH, 0);
        if matches!(recipe.maker, Maker::Pointer | Maker::Memory) {
            code.store_word(CALLEE, X::FRAME, SAVED_CALLEE);
        }
        if recipe.maker == Maker::Memory {
            let result = self.result();
            self.below_frame_pointer(VALUE, result);
            self.code().store_word(VALUE, X::FRAME, SAVED_RET);
        }
    }

    fn leave_host(&mut self) {
        let recipe = self.fusion.recipe;
        if recipe.releases_lock {
            self.call(recipe.host.calls.release);
            self.code().store_word(FIRST, X::FRAME, LOCK);
        }
        match recipe.host.errno {
            HostErrno::Ignored => {}
            HostErrno::Calls { restore, .. } => self.call(restore),
            HostErrno::Thread { errno, saved } => self.copy_in_thread(saved, errno),
        }
    }

    fn copy_in_thread(&mut self, from: i32, to: i32) {
        let code = self.code();
        code.thread_pointer(SCRATCH);
        let at = FUNCTION;
        code.set(at, i64::from(from) as u64);
        code.add_register(at, SCRATCH, at);
        code.load(Data::Single, VALUE, at, 0);
        code.set(at, i64::from(to) as u64);
        code.add_register(at, SCRATCH, at);
        code.store(Data::Single, VALUE, at, 0);
    }

    /// Calls a function that has its parameters already.
    fn call(&mut self, function: usize) {
        self.code().set(FUNCTION, function as u64);
        self.code().call(FUNCTION);
    }

    /// Gives the frame back and jumps to a function that has its parameters already.
    fn tail_call(&mut self, function: usize) {
        self.code().set(FUNCTION, function as u64);
        self.code().leave_for(FUNCTION);
    }

    /// From the return of the C function to that of the stub.
    fn finish(&mut self) {
        let recipe = self.fusion.recipe;
        if recipe.maker == Maker::Memory {
            self.outgoing.store_result();
        }
        let in_register = !matches!(recipe.maker, Maker::Nothing | Maker::Memory);
        let saves_by_call = matches!(recipe.host.errno, HostErrno::Calls { .. });
        let is_saved = in_register && (recipe.releases_lock || saves_by_call);
        if is_saved {
            self.move_result(false);
        }
        match recipe.host.errno {
            HostErrno::Ignored => {}
            HostErrno::Calls { save, .. } => self.call(save),
            HostErrno::Thread { errno, saved } => self.copy_in_thread(errno, saved),
        }
        if recipe.releases_lock {
            self.code().load_word(FIRST, X::FRAME, LOCK);
            self.call(recipe.host.calls.acquire);
        }
        if is_saved {
            self.move_result(true);
        }
        self.make_result();
    }

    /// The result register from or to its place in the frame.
    fn move_result(&mut self, load: bool) {
        let is_float = matches!(self.fusion.signature.result, Some(Type::Float(_)));
        let code = self.code();
        match (is_float, load) {
            (true, _) => code.vector_word(load, FIRST, X::FRAME, SAVED_RESULT),
            (false, true) => code.load_word(FIRST, X::FRAME, SAVED_RESULT),
            (false, false) => code.store_word(FIRST, X::FRAME, SAVED_RESULT),
        }
    }

    fn make_result(&mut self) {
        let calls = self.fusion.recipe.host.calls;
        let result = self.result();
        match self.fusion.recipe.maker {
            Maker::Nothing => self.tail_call(calls.from_nothing),
            Maker::Number => self.make_number(),
            Maker::Bool => {
                self.code().extend(FIRST, FIRST, 1, false);
                self.tail_call(calls.from_bool);
            }
            Maker::Char => {
                self.code().extend(FIRST, FIRST, 1, false);
                self.tail_call(calls.from_char);
            }
            Maker::Pointer => {
                self.code().mov(SECOND, FIRST);
                self.code().load_word(FIRST, X::FRAME, SAVED_CALLEE);
                self.tail_call(calls.from_pointer);
            }
            Maker::Memory => {
                self.below_frame_pointer(SECOND, result);
                self.code().load_word(FIRST, X::FRAME, SAVED_CALLEE);
                self.call(calls.from_memory);
                self.code().leave();
            }
        }
    }

    fn make_number(&mut self) {
        let calls = self.fusion.recipe.host.calls;
        match self.fusion.signature.result {
            Some(Type::Float(float)) => {
                if float == Float::F32 {
                    self.code().widen_float(FIRST);
                }
                self.tail_call(calls.from_double);
            }
            Some(Type::Int(int)) => {
                self.code()
                    .extend(FIRST, FIRST, int.size(), int.is_signed());
                self.tail_call(match int {
                    Int::U64 => calls.from_unsigned,
                    _ => calls.from_signed,
                });
            }
            _ => unreachable!("only numbers have this maker"),
        }
    }
}
