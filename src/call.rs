//! Calls of C functions with a host's values.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::{Arc, PoisonError, RwLock};

use farcall_jit::{CallStub, Engine};
use hashbrown::HashMap;
use smallvec::{SmallVec, smallvec};

use crate::cdata::Scalar;
use crate::convert::{Scratch, load, promoted, store_argument};
use crate::ctype::{CType, FunctionId, FunctionType, TypeId, TypeTable};
use crate::error::ErrorClass;
use crate::host::Host;
use crate::layout::{Layout, layout_of};
use crate::lower::Lowering;
use crate::shape::{Form, Shape};
use crate::{Error, errno};

/// Everything about calls of one function type that is the same from call to call.
///
/// ```
/// use farcall::call::Caller;
/// use farcall::host::Dynamic;
/// use farcall::{Ffi, Value};
///
/// extern "C" fn multiply(a: i32, b: i32) -> i32 {
///     a * b
/// }
///
/// let ffi = Ffi::new();
/// let caller = Caller::new(ffi.lowering(), ffi.engine(), ffi.type_of("int(int, int)")?, "multiply")?;
/// let arguments = [Value::from(6), Value::from(7)];
/// let host = Dynamic::new(ffi.types());
/// let name = || "multiply".to_owned();
/// // SAFETY: `multiply` has this type.
/// let product = unsafe {
///     caller.call(&host, multiply as *const _, 2, |index| &arguments[index], name)?
/// };
/// assert_eq!(product, Value::from(42));
/// # Ok::<(), farcall::Error>(())
/// ```
pub struct Caller {
    id: FunctionId,
    fixed: Plan,
    /// Of a variadic function: the plans of its calls so far, by the types of what follows the declared arguments.
    variable: Option<RwLock<Plans>>,
    lowering: Arc<Lowering>,
    engine: Engine,
    result: Returned,
}

type Plans = HashMap<Box<[TypeId]>, Arc<Plan>>;

/// How one list of arguments is put into a frame.
#[derive(Debug)]
struct Plan {
    params: Box<[Param]>,
    /// None where the type has no call of the declared arguments alone: it is variadic.
    stub: Option<Arc<CallStub>>,
    /// In words of eight bytes.
    frame: usize,
    /// Whether the arguments take so much stack that it may not be there.
    is_large: bool,
}

#[derive(Clone, Copy, Debug)]
struct Param {
    shape: Shape,
    offset: usize,
    room: u64,
}

#[derive(Clone, Copy, Debug)]
enum Returned {
    Nothing,
    /// At most as many bytes as a [`Scalar`].
    Small(Shape),
    /// A record, or a vector that is larger.
    Memory(TypeId, Layout),
}

/// Words of a frame that are kept on the stack.
type Frame = SmallVec<[u64; 32]>;

impl Caller {
    /// Prepares calls of a function type, or of pointers to it. `name` is what errors call the function.
    ///
    /// # Errors
    ///
    /// If it is no function type, or its calls cannot be made: [`Error::Layout`], [`Error::Convention`],
    /// [`Error::Engine`].
    pub fn new(
        lowering: &Arc<Lowering>,
        engine: &Engine,
        ty: TypeId,
        name: &str,
    ) -> Result<Caller, Error> {
        let types = lowering.types();
        types.check(ty)?;
        let (Form::Function(id) | Form::FunctionPointer(id)) = Shape::of(types, ty).form else {
            let message = format!("cdata '{}' is not callable", types.spelling(ty));
            return Err(Error::refused(ErrorClass::Type, message));
        };
        let function = types.function(id);
        let fixed = match function.variadic {
            true => Plan::without_stub(types, function),
            false => Plan::new(lowering, engine, function, &[], name)?,
        };
        Ok(Caller {
            id,
            fixed,
            variable: function.variadic.then(RwLock::default),
            lowering: Arc::clone(lowering),
            engine: engine.clone(),
            result: Returned::new(types, function.result)?,
        })
    }

    /// The stub that makes the calls; none for a variadic function, whose calls may each have their own.
    pub fn stub(&self) -> Option<&CallStub> {
        self.fixed.stub.as_deref()
    }

    /// The types of the declared parameters.
    pub fn params(&self) -> impl ExactSizeIterator<Item = &Shape> {
        self.fixed.params.iter().map(|param| &param.shape)
    }

    /// Calls the function at `target` with `count` arguments, converted and range-checked. `name` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`Error::ArgumentCount`], [`Error::Untyped`] for what has no type where `...` stands, and those of the conversion;
    /// nothing is called then. Those of the result's conversion.
    ///
    /// # Safety
    ///
    /// `target` is a function of the type, and what it does with these arguments is allowed. The arguments stay alive
    /// during the call.
    #[inline]
    pub unsafe fn call<'v, H: Host>(
        &self,
        host: &H,
        target: *const c_void,
        count: usize,
        argument: impl Fn(usize) -> H::Ref<'v>,
        name: impl Fn() -> String,
    ) -> Result<H::Value, H::Error> {
        // SAFETY: the caller's promise.
        unsafe { self.call_by::<H, true>(host, target, count, argument, name) }
    }

    /// As [`Caller::call`], but no other thread of the host runs meanwhile: [`Host::call_out`] is left out.
    ///
    /// # Errors
    ///
    /// As [`Caller::call`].
    ///
    /// # Safety
    ///
    /// As [`Caller::call`].
    pub unsafe fn call_inside<'v, H: Host>(
        &self,
        host: &H,
        target: *const c_void,
        count: usize,
        argument: impl Fn(usize) -> H::Ref<'v>,
        name: impl Fn() -> String,
    ) -> Result<H::Value, H::Error> {
        // SAFETY: the caller's promise.
        unsafe { self.call_by::<H, false>(host, target, count, argument, name) }
    }

    #[inline]
    unsafe fn call_by<'v, H: Host, const OUT: bool>(
        &self,
        host: &H,
        target: *const c_void,
        count: usize,
        argument: impl Fn(usize) -> H::Ref<'v>,
        name: impl Fn() -> String,
    ) -> Result<H::Value, H::Error> {
        let declared = self.fixed.params.len();
        match &self.fixed.stub {
            // SAFETY: the caller's promise.
            Some(stub) if count == declared => unsafe {
                self.call_planned::<H, OUT>(host, &self.fixed, stub, target, argument, name)
            },
            // SAFETY: as above.
            None if count >= declared => unsafe {
                self.call_variable::<H, OUT>(host, target, count, argument, name)
            },
            _ => Err(Error::ArgumentCount {
                function: name(),
                expected: declared,
                found: count,
                variadic: self.fixed.stub.is_none(),
            }
            .into()),
        }
    }

    /// A call of a variadic function.
    unsafe fn call_variable<'v, H: Host, const OUT: bool>(
        &self,
        host: &H,
        target: *const c_void,
        count: usize,
        argument: impl Fn(usize) -> H::Ref<'v>,
        name: impl Fn() -> String,
    ) -> Result<H::Value, H::Error> {
        let plan = self.variable_plan(host, count, &argument, &name)?;
        let Some(stub) = &plan.stub else {
            unreachable!("made with a stub")
        };
        // SAFETY: the caller's promise.
        unsafe { self.call_planned::<H, OUT>(host, &plan, stub, target, argument, name) }
    }

    #[inline]
    unsafe fn call_planned<'v, H: Host, const OUT: bool>(
        &self,
        host: &H,
        plan: &Plan,
        stub: &CallStub,
        target: *const c_void,
        argument: impl Fn(usize) -> H::Ref<'v>,
        name: impl Fn() -> String,
    ) -> Result<H::Value, H::Error> {
        // On the stack as long as it is small.
        let mut frame: Frame = smallvec![0; plan.frame];
        let scratch = Scratch::new();
        let start = frame.as_mut_ptr().cast::<u8>();
        // What filling takes of the stack is given back before C is entered, which may call back, and so on, thousands deep.
        // SAFETY: the frame is one of the plan's; values and scratch outlive the call, which is as the caller promises.
        unsafe {
            match plan.fill(host, stub, start, argument, &scratch, name) {
                Ok(()) => self.enter::<H, OUT>(host, stub, target, start),
                Err(error) => Err(error),
            }
        }
    }

    /// # Safety
    ///
    /// The stub calls functions of the target's type, and the frame holds arguments of that call.
    #[inline]
    unsafe fn enter<H: Host, const OUT: bool>(
        &self,
        host: &H,
        stub: &CallStub,
        target: *const c_void,
        frame: *const u8,
    ) -> Result<H::Value, H::Error> {
        let enter = |to: *mut u8| {
            let call = || {
                // SAFETY: the stub is for this signature, the frame is filled, and `to` has the result's size; the rest is the
                // caller's promise.
                errno::around(|| unsafe { stub.call(target, frame, to) })
            };
            match OUT {
                true => host.call_out(call),
                false => call(),
            }
        };
        match self.result {
            Returned::Nothing => {
                enter(std::ptr::null_mut());
                Ok(host.none())
            }
            Returned::Small(shape) => {
                let mut scalar = Scalar([0; 32]);
                enter(scalar.0.as_mut_ptr());
                // SAFETY: the stub has stored a value of the type.
                unsafe { load(host, &shape, scalar.0.as_ptr(), host.nowhere()) }
            }
            // The host's promise: memory for the whole record, as long as the call lasts.
            Returned::Memory(ty, layout) => host.make_record(ty, layout.size, layout.align, enter),
        }
    }

    /// The plan for a call with these variable arguments.
    fn variable_plan<'v, H: Host>(
        &self,
        host: &H,
        count: usize,
        argument: &impl Fn(usize) -> H::Ref<'v>,
        name: &impl Fn() -> String,
    ) -> Result<Arc<Plan>, H::Error> {
        let types = host.types();
        let mut variable: SmallVec<[TypeId; 8]> = SmallVec::new();
        for index in self.fixed.params.len()..count {
            let place = || format!("argument {} of '{}'", index + 1, name());
            let cdata = host.cdata(argument(index));
            match cdata.map_err(|error| H::within(error, place))? {
                Some(cdata) => variable.push(promoted(types, cdata.ty)),
                None => {
                    return Err(Error::Untyped {
                        index: index + 1,
                        found: host.type_name(argument(index)),
                        place: Default::default(),
                    }
                    .into());
                }
            }
        }
        let Some(plans) = &self.variable else {
            unreachable!("variadic functions have plans")
        };
        let known = plans.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = known.get(&variable[..]) {
            return Ok(Arc::clone(plan));
        }
        drop(known);
        let function = types.function(self.id);
        let plan = Plan::new(&self.lowering, &self.engine, function, &variable, &name())?;
        let mut plans = plans.write().unwrap_or_else(PoisonError::into_inner);
        // Formats are finite, but who makes new ones for ever shall not fill the memory with them.
        if plans.len() >= MAX_PLANS {
            plans.clear();
        }
        let plan = plans.entry(variable[..].into()).or_insert(Arc::new(plan));
        Ok(Arc::clone(plan))
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller")
            .field("fixed", &self.fixed)
            .finish_non_exhaustive()
    }
}

/// Plans of a variadic function that are kept.
const MAX_PLANS: usize = 256;

impl Plan {
    fn new(
        lowering: &Lowering,
        engine: &Engine,
        function: &FunctionType,
        variable: &[TypeId],
        name: &str,
    ) -> Result<Plan, Error> {
        let signature = lowering.signature(name, function, variable)?;
        let stub = engine
            .call_stub(&signature)
            .map_err(|error| Error::Engine {
                function: name.into(),
                error,
            })?;
        let types = function.params.iter().chain(variable);
        let places = stub.frame().offsets().iter().zip(&signature.params);
        let params = types.zip(places).map(|(&ty, (&offset, machine))| Param {
            shape: Shape::of(lowering.types(), ty),
            offset: offset as usize,
            room: machine.size(),
        });
        Ok(Plan {
            params: params.collect(),
            frame: (stub.frame().size() / 8) as usize,
            is_large: stub.stack_bytes() >= STACK_RESERVE,
            stub: Some(stub),
        })
    }

    /// Stores the arguments in a frame, if the stack has room for the call.
    ///
    /// # Safety
    ///
    /// The frame is of the plan's size. It is not used after the scratch, nor after the values.
    #[inline]
    unsafe fn fill<'v, H: Host>(
        &self,
        host: &H,
        stub: &CallStub,
        frame: *mut u8,
        argument: impl Fn(usize) -> H::Ref<'v>,
        scratch: &Scratch,
        name: impl Fn() -> String,
    ) -> Result<(), H::Error> {
        if self.is_large {
            check_stack(stub, &name)?;
        }
        for (index, param) in self.params.iter().enumerate() {
            // SAFETY: the frame has room for each argument at its offset; the rest is the caller's promise.
            let stored = unsafe {
                let to = frame.add(param.offset);
                let value = argument(index);
                store_argument(host, &param.shape, to, param.room, value, scratch)
            };
            stored.map_err(|error| {
                H::within(error, || format!("argument {} of '{}'", index + 1, name()))
            })?;
        }
        Ok(())
    }

    /// The parameters of a variadic function, for their number.
    fn without_stub(types: &TypeTable, function: &FunctionType) -> Plan {
        let param = |&ty: &TypeId| Param {
            shape: Shape::of(types, ty),
            offset: 0,
            room: 0,
        };
        Plan {
            params: function.params.iter().map(param).collect(),
            stub: None,
            frame: 0,
            is_large: false,
        }
    }
}

impl Returned {
    fn new(types: &TypeTable, ty: TypeId) -> Result<Returned, Error> {
        let shape = Shape::of(types, ty);
        Ok(match types.get(shape.ty) {
            CType::Void => Returned::Nothing,
            CType::Record(_) => Returned::Memory(shape.ty, layout_of(types, shape.ty)?),
            _ => match layout_of(types, shape.ty)? {
                layout if layout.size > 32 => Returned::Memory(shape.ty, layout),
                _ => Returned::Small(shape),
            },
        })
    }
}

/// Stack that is left to the function itself and to this crate, in bytes.
const STACK_RESERVE: u64 = 64 << 10;

/// Refuses a call whose arguments alone would run over the end of the stack.
#[cold]
fn check_stack(stub: &CallStub, name: impl Fn() -> String) -> Result<(), Error> {
    let needed = stub.stack_bytes();
    match crate::stack::remaining() {
        Some(left) if left < needed.saturating_add(STACK_RESERVE) => Err(Error::Stack {
            function: name(),
            needed,
            left,
        }),
        _ => Ok(()),
    }
}
