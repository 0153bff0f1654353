//! Calls through the engine, and callbacks.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use farcall_jit as jit;

use super::Function;
use crate::ctype::Signature;
use crate::layout::Layouts;
use crate::lowered;

/// The engine that is judged.
pub(crate) struct Engine(jit::Engine);

/// A stub for one signature.
pub(crate) struct Prepared {
    stub: Arc<jit::CallStub>,
    frame: jit::Frame,
}

/// A callback that records what it is given.
pub(crate) struct Callback {
    callback: jit::Callback,
    recorded: Arc<Mutex<Option<Vec<Vec<u8>>>>>,
}

/// How a variadic callback gets its variable arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variable {
    /// The engine knows their types.
    Known,
    /// From the `va_list`.
    Listed,
}

impl Engine {
    pub(crate) fn new() -> Engine {
        Engine(jit::Engine::new())
    }

    /// Compiles the stub for `signature`; the error says why there is none.
    pub(crate) fn prepare(
        &self,
        signature: &Signature,
        layouts: &Layouts<'_>,
    ) -> Result<Prepared, String> {
        let machine = machine(signature, layouts)?;
        let stub = catch_unwind(AssertUnwindSafe(|| self.0.call_stub(&machine)))
            .map_err(|_| "the engine panicked".to_owned())?
            .map_err(|error| error.to_string())?;
        Ok(Prepared {
            stub,
            frame: machine.frame(),
        })
    }

    /// A callback of `signature` that records its arguments and returns `result`.
    pub(crate) fn callback(
        &self,
        signature: &Signature,
        layouts: &Layouts<'_>,
        result: Vec<u8>,
        variable: Variable,
    ) -> Result<Callback, String> {
        let mut machine = machine(signature, layouts)?;
        let mut listed = Vec::new();
        if let (Some(fixed), Variable::Listed) = (signature.fixed, variable) {
            let mut params = machine.params.into_vec();
            listed = params.split_off(fixed);
            machine.params = params.into();
        }
        let recorded: Arc<Mutex<Option<Vec<Vec<u8>>>>> = Arc::default();
        let record = Arc::clone(&recorded);
        let handler = move |call: &mut jit::Arguments<'_>| {
            let declared = (0..call.len()).map(|at| call.bytes(at).to_vec());
            let mut arguments: Vec<Vec<u8>> = declared.collect();
            let mut list = call.va_list();
            for ty in &listed {
                let Some(list) = &mut list else { break };
                let mut bytes = vec![0; ty.size() as usize];
                // SAFETY: the caller passes arguments of these types, and the vector has the type's size.
                let taken = unsafe { list.argument(ty, bytes.as_mut_ptr()) };
                if taken.is_ok() {
                    arguments.push(bytes);
                }
            }
            *record.lock().unwrap_or_else(PoisonError::into_inner) = Some(arguments);
            call.result().copy_from_slice(&result);
        };
        let callback = catch_unwind(AssertUnwindSafe(|| self.0.callback(&machine, handler)))
            .map_err(|_| "the engine panicked".to_owned())?
            .map_err(|error| error.to_string())?;
        Ok(Callback { callback, recorded })
    }
}

impl Callback {
    /// The C function.
    pub(crate) fn function(&self) -> Function {
        Function(self.callback.code())
    }

    /// The arguments of the last call, once.
    pub(crate) fn recorded(&self) -> Option<Vec<Vec<u8>>> {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.take()
    }

    /// Why calls come through libffi, if they do.
    pub(crate) fn libffi(&self) -> Option<String> {
        match self.callback.thunk().backend() {
            jit::Backend::Libffi(why) => Some(why.to_string()),
            _ => None,
        }
    }
}

/// The machine signature, made from the compiler's layouts, which farcall's own must come to as well.
fn machine(signature: &Signature, layouts: &Layouts<'_>) -> Result<jit::Signature, String> {
    let name = signature.convention.name;
    let abi = abi(name).ok_or_else(|| format!("the engine has no convention {name}"))?;
    let machine = jit::Signature {
        abi,
        params: signature
            .params
            .iter()
            .map(|ty| layouts.machine(ty))
            .collect(),
        result: signature.result.as_ref().map(|ty| layouts.machine(ty)),
        fixed: signature.fixed.map(|fixed| fixed as u16),
    };
    lowered::compare(signature, &machine)?;
    Ok(machine)
}

impl Prepared {
    /// Why the call goes through libffi, if it does.
    pub(crate) fn libffi(&self) -> Option<String> {
        match self.stub.backend() {
            jit::Backend::Libffi(why) => Some(why.to_string()),
            _ => None,
        }
    }

    /// How arguments lie in the packed frame.
    pub(crate) fn frame(&self) -> &jit::Frame {
        &self.frame
    }

    /// Calls with a packed frame.
    ///
    /// # Safety
    ///
    /// The frame holds the arguments of `function`, and `result` has room for its result.
    pub(crate) unsafe fn call_frame(&self, function: Function, frame: *const u8, result: *mut u8) {
        // SAFETY: the stub was made for the function's signature; the rest is the caller's promise.
        unsafe { self.stub.call(function.0, frame, result) }
    }

    /// Calls with an array of pointers to the arguments.
    ///
    /// # Safety
    ///
    /// `args` point to the arguments of `function`, and `result` has room for its result.
    pub(crate) unsafe fn call_pointers(
        &self,
        function: Function,
        args: &[*const c_void],
        result: *mut u8,
    ) {
        // SAFETY: as in `call_frame`.
        unsafe { self.stub.call_pointers(function.0, args.as_ptr(), result) }
    }
}

/// The engine's name for a convention, where it has it.
fn abi(convention: &str) -> Option<jit::Abi> {
    match convention {
        "sysv" => Some(jit::Abi::SysV64),
        "win64" => Some(jit::Abi::Win64),
        "aapcs" => Some(jit::Abi::Aapcs64),
        "cdecl" => jit::Abi::HOST.with_convention(jit::X86Convention::Cdecl),
        "stdcall" => jit::Abi::HOST.with_convention(jit::X86Convention::Stdcall),
        "fastcall" => jit::Abi::HOST.with_convention(jit::X86Convention::Fastcall),
        "thiscall" => jit::Abi::HOST.with_convention(jit::X86Convention::Thiscall),
        _ => None,
    }
}
