//! Emits a stub through Cranelift, for calls whose arguments are all in registers.
//!
//! Cranelift assigns registers by its own idea of the ABI, so it is handed flat scalars in an order in which
//! that idea cannot differ from the assignment: integer-register pieces first, then vector-register pieces.
//! Registers of a class are an independent sequence, so this reproduces any assignment.

use std::cell::RefCell;
use std::sync::OnceLock;

use cranelift_codegen::ir::{
    AbiParam, ArgumentPurpose, Function, InstBuilder, MemFlagsData, StackSlot, StackSlotData,
    StackSlotKind, Type, UserFuncName, Value, types,
};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::isa::unwind::UnwindInst;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, ir};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

use super::{CodegenError, Entry, Load, Plan, exact_parts};
use crate::{Abi, Extend, Machine, Piece, Place, Reg};

/// The code of a stub; none where it is left to the machine's own file.
pub(super) fn emit(plan: &Plan<'_>) -> Result<Option<Vec<u8>>, CodegenError> {
    let Some(isa) = isa_for(plan.assignment.abi).filter(|_| is_expressible(plan)) else {
        return Ok(None);
    };
    let isa = isa.as_ref().map_err(CodegenError::new)?;
    let attempt = CONTEXTS.try_with(|contexts| {
        let (context, frontend) = &mut **contexts.try_borrow_mut().ok()?;
        context.clear();
        Some(compile(plan, isa, context, frontend))
    });
    // None to be had in a destructor of another thread-local, or in a logger that a compilation calls.
    attempt.ok().flatten().unwrap_or_else(|| {
        compile(
            plan,
            isa,
            &mut Context::new(),
            &mut FunctionBuilderContext::new(),
        )
    })
}

/// What Cranelift cannot express is AL of a variadic call and results on the x87 stack. For any argument on the
/// stack it keeps all of them in registers up to the call, in callee-saved ones when there are many, which the one
/// unwind entry of all stubs knows nothing of; copies are arguments of that kind, too.
fn is_expressible(plan: &Plan<'_>) -> bool {
    let assignment = plan.assignment;
    let sets_al = plan.variadic && assignment.abi == Abi::SysV64;
    let copies = |place: &Place| matches!(place, Place::Copy { .. });
    !(sets_al
        || assignment.stack_size > 0
        || assignment.args.iter().any(copies)
        || plan
            .result_pieces()
            .iter()
            .any(|piece| matches!(piece.reg, Reg::X87(_))))
}

/// Who compiles for an ABI, if that is Cranelift. On x86-64 the convention that is not the host's is not worth a
/// second way; AArch64's differ in nothing that Cranelift is asked for.
fn isa_for(abi: Abi) -> Option<&'static Isa> {
    match abi.machine() {
        Machine::X86_64 if abi == Abi::HOST => Some(host_isa()),
        Machine::AArch64 if cfg!(target_arch = "aarch64") => Some(host_isa()),
        #[cfg(feature = "all-machines")]
        Machine::AArch64 => Some(aarch64_isa()),
        _ => None,
    }
}

/// The code; none if Cranelift's register allocator took a callee-saved register, because odd-sized pieces in many
/// registers can need one more than there are.
fn compile(
    plan: &Plan<'_>,
    isa: &OwnedTargetIsa,
    context: &mut Context,
    frontend: &mut FunctionBuilderContext,
) -> Result<Option<Vec<u8>>, CodegenError> {
    build(plan, isa, &mut context.func, frontend);
    let compiled = context
        .compile(&**isa, &mut Default::default())
        .map_err(|error| CodegenError::new(error.inner))?;
    if !compiled.buffer.relocs().is_empty() {
        return Err(CodegenError::new("code with relocations"));
    }
    let mut unwind = compiled.buffer.unwind_info.iter();
    let saves = unwind.any(|(_, inst)| matches!(inst, UnwindInst::SaveReg { .. }));
    Ok((!saves).then(|| compiled.code_buffer().to_vec()))
}

type Isa = Result<OwnedTargetIsa, String>;

/// The host's instruction set, set up once.
pub(crate) fn host_isa() -> &'static Isa {
    static ISA: OnceLock<Isa> = OnceLock::new();
    ISA.get_or_init(|| finish(cranelift_native::builder().map_err(str::to_owned)?))
}

#[cfg(feature = "all-machines")]
fn aarch64_isa() -> &'static Isa {
    static ISA: OnceLock<Isa> = OnceLock::new();
    ISA.get_or_init(|| {
        let builder = cranelift_codegen::isa::lookup_by_name("aarch64-unknown-linux-gnu");
        finish(builder.map_err(|error| error.to_string())?)
    })
}

/// Cranelift's verifier stays off: it takes a third of the compile time.
fn finish(builder: cranelift_codegen::isa::Builder) -> Isa {
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "none"),
        ("enable_verifier", "false"),
        ("is_pic", "false"),
        ("preserve_frame_pointers", "true"),
        ("enable_probestack", "false"),
    ] {
        flags.set(name, value).map_err(|error| error.to_string())?;
    }
    builder
        .finish(settings::Flags::new(flags))
        .map_err(|error| error.to_string())
}

thread_local! {
    // Boxed, for a library's thread-local variables may have to fit into a few hundred bytes.
    static CONTEXTS: RefCell<Box<(Context, FunctionBuilderContext)>> =
        RefCell::new(Box::new((Context::new(), FunctionBuilderContext::new())));
}

fn build(
    plan: &Plan<'_>,
    isa: &OwnedTargetIsa,
    func: &mut Function,
    frontend: &mut FunctionBuilderContext,
) {
    let convention = isa.default_call_conv();
    func.name = UserFuncName::default();
    func.signature.call_conv = convention;
    func.signature.params.extend([AbiParam::new(types::I64); 3]);
    let mut builder = FunctionBuilder::new(func, frontend);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    builder.seal_block(block);
    let &[target, arguments, ret] = builder.block_params(block) else {
        unreachable!("three parameters")
    };

    let mut emitter = Emitter {
        plan,
        builder,
        arguments,
        bases: vec![None; plan.frame.len()],
    };
    let saved_ret = (!plan.result_pieces().is_empty()).then(|| emitter.save(ret));
    let callee_arguments = emitter.callee_arguments(ret);
    let mut signature = ir::Signature::new(convention);
    for &value in &callee_arguments {
        let ty = emitter.builder.func.dfg.value_type(value);
        signature.params.push(AbiParam::new(ty));
    }
    if emitter.has_result_register() {
        signature.params[0].purpose = ArgumentPurpose::StructReturn;
    }
    let results = plan.result_pieces();
    signature
        .returns
        .extend(by_class(results).map(|piece| AbiParam::new(result_type(piece))));
    let signature = emitter.builder.import_signature(signature);
    let call = emitter
        .builder
        .ins()
        .call_indirect(signature, target, &callee_arguments);
    let values: Vec<Value> = emitter.builder.inst_results(call).to_vec();
    if let Some(slot) = saved_ret {
        let ret = emitter
            .builder
            .ins()
            .stack_load(types::I64, types::I64, slot, 0);
        for (piece, value) in by_class(results).zip(values) {
            emitter.store(value, ret, piece);
        }
    }
    emitter.builder.ins().return_(&[]);
    emitter.builder.finalize(isa.frontend_config());
}

/// Integer pieces first, then vector pieces: the order in which results are handed to Cranelift.
fn by_class(pieces: &[Piece]) -> impl Iterator<Item = &Piece> {
    let ints = pieces.iter().filter(|piece| !super::is_vector(piece.reg));
    ints.chain(pieces.iter().filter(|piece| super::is_vector(piece.reg)))
}

fn result_type(piece: &Piece) -> Type {
    if super::is_vector(piece.reg) {
        vector_type(piece.size)
    } else {
        types::I64
    }
}

/// The type in which `size` bytes travel in a vector register.
fn vector_type(size: u64) -> Type {
    match size {
        0..=4 => types::F32,
        5..=8 => types::F64,
        _ => types::I8X16,
    }
}

struct Emitter<'a, 'b> {
    plan: &'a Plan<'a>,
    builder: FunctionBuilder<'b>,
    arguments: Value,
    /// Address of each argument that was loaded from the pointer array.
    bases: Vec<Option<Value>>,
}

impl Emitter<'_, '_> {
    /// Puts a value into the stub's own frame, so that nothing lives in a register across the call: Cranelift
    /// would keep it in a callee-saved one, and the one unwind entry of all stubs knows of none.
    fn save(&mut self, value: Value) -> StackSlot {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3);
        let slot = self.builder.create_sized_stack_slot(data);
        self.builder.ins().stack_store(types::I64, value, slot, 0);
        slot
    }

    /// Whether the address of the result has a register of its own, beside the arguments': AArch64's x8.
    fn has_result_register(&self) -> bool {
        self.plan.assignment.abi.machine() == Machine::AArch64 && self.plan.sret().is_some()
    }

    fn callee_arguments(&mut self, ret: Value) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let mut ints: Vec<Value> = Vec::new();
        let mut vectors: Vec<Value> = Vec::new();
        if self.has_result_register() {
            all.push(ret);
        } else if self.plan.sret().is_some() {
            ints.push(ret);
        }
        let plan = self.plan;
        for load in plan.loads() {
            match load.piece.reg {
                Reg::Int(index) => {
                    // AAPCS64 C.10 leaves a register unused, so that a pair starts with an even one.
                    while ints.len() < usize::from(index) {
                        let unused = self.builder.ins().iconst(types::I64, 0);
                        ints.push(unused);
                    }
                    ints.push(self.load_int(load));
                }
                Reg::Vector(_) => vectors.push(self.load_vector(load)),
                Reg::Stack(_) | Reg::X87(_) => unreachable!("left to the machine's own file"),
            }
        }
        all.append(&mut ints);
        all.append(&mut vectors);
        all
    }

    /// Base address and offset of the bytes of an argument.
    fn address(&mut self, argument: usize, offset: u64) -> (Value, i32) {
        let offset = offset as i32;
        match self.plan.entry {
            Entry::Frame => (self.arguments, self.plan.frame[argument] as i32 + offset),
            Entry::Pointers => {
                let base = match self.bases[argument] {
                    Some(base) => base,
                    None => {
                        let at = 8 * argument as i32;
                        let base = self
                            .builder
                            .ins()
                            .load(types::I64, flags(), self.arguments, at);
                        *self.bases[argument].insert(base)
                    }
                };
                (base, offset)
            }
        }
    }

    fn load_int(&mut self, Load { argument, piece }: Load) -> Value {
        let (base, at) = self.address(argument, piece.offset);
        let ins = self.builder.ins();
        match (piece.size, piece.extend) {
            (1, Some(Extend::Sign)) => ins.sload8(types::I32, flags(), base, at),
            (2, Some(Extend::Sign)) => ins.sload16(types::I32, flags(), base, at),
            _ => self.load_bits(base, at, piece.size),
        }
    }

    /// Exactly `size` bytes, at most eight, with zeros above them; as `i32` up to four bytes, else `i64`.
    fn load_bits(&mut self, base: Value, at: i32, size: u64) -> Value {
        let wide = if size > 4 { types::I64 } else { types::I32 };
        let mut bits = None;
        for (offset, size) in exact_parts(size) {
            let part_at = at + offset as i32;
            let ins = self.builder.ins();
            let part = match size {
                1 => ins.uload8(wide, flags(), base, part_at),
                2 => ins.uload16(wide, flags(), base, part_at),
                4 if wide == types::I64 => ins.uload32(flags(), base, part_at),
                _ => ins.load(wide, flags(), base, part_at),
            };
            bits = Some(match bits {
                None => part,
                Some(low) => {
                    let high = self.builder.ins().ishl_imm_u(part, 8 * offset as i64);
                    self.builder.ins().bor(low, high)
                }
            });
        }
        bits.expect("a piece has at least one byte")
    }

    fn load_vector(&mut self, Load { argument, piece }: Load) -> Value {
        let (base, at) = self.address(argument, piece.offset);
        let ty = vector_type(piece.size);
        if u64::from(ty.bytes()) == piece.size {
            return self.builder.ins().load(ty, flags(), base, at);
        }
        let bits = self.load_bits(base, at, piece.size);
        self.builder.ins().bitcast(ty, MemFlagsData::new(), bits)
    }

    /// Stores exactly the bytes of a result piece.
    fn store(&mut self, value: Value, ret: Value, piece: &Piece) {
        let at = piece.offset as i32;
        let ty = self.builder.func.dfg.value_type(value);
        if u64::from(ty.bytes()) == piece.size {
            self.builder.ins().store(flags(), value, ret, at);
            return;
        }
        let bits = match ty {
            types::F32 => self
                .builder
                .ins()
                .bitcast(types::I32, MemFlagsData::new(), value),
            types::F64 => self
                .builder
                .ins()
                .bitcast(types::I64, MemFlagsData::new(), value),
            _ => value,
        };
        for (offset, size) in exact_parts(piece.size) {
            let part = if offset == 0 {
                bits
            } else {
                self.builder.ins().ushr_imm_u(bits, 8 * offset as i64)
            };
            let part_at = at + offset as i32;
            let ins = self.builder.ins();
            match size {
                1 => ins.istore8(flags(), part, ret, part_at),
                2 => ins.istore16(flags(), part, ret, part_at),
                _ => ins.istore32(flags(), part, ret, part_at),
            };
        }
    }
}

/// The caller's memory is valid (the contract of a stub), its alignment unknown.
fn flags() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}
