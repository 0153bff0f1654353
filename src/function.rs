//! C functions, called with dynamic values.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;

use farcall_jit::CallStub;
use smallvec::{SmallVec, smallvec};

use crate::cdata::{CData, Scalar};
use crate::convert::{self, Scratch};
use crate::ctype::{CType, FunctionId, FunctionType, TypeId};
use crate::host::{Dynamic, Host};
use crate::layout::layout_of;
use crate::library::Handle;
use crate::memory::Extent;
use crate::shape::{Form, Shape};
use crate::value::Tuple;
use crate::{Error, Ffi, Value};

/// A C function at its address, with the stub for its type. It keeps its library open.
pub struct Function {
    ffi: Ffi,
    name: String,
    ty: TypeId,
    id: FunctionId,
    address: *mut c_void,
    /// The library, unless the function came as a pointer.
    library: Option<Arc<Handle>>,
    /// None for a variadic function: each call of one may have a signature of its own.
    stub: Option<Arc<CallStub>>,
}

// SAFETY: an address of code and shared, immutable descriptions of it.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

impl Function {
    /// `ty` is a function type, `address` a function of that type as long as the library is open.
    pub(crate) fn new(
        ffi: &Ffi,
        name: &str,
        ty: TypeId,
        address: *mut c_void,
        library: Option<Arc<Handle>>,
    ) -> Result<Function, Error> {
        let CType::Function(id) = ffi.types().get(ty) else {
            unreachable!("declared as a function")
        };
        let mut function = Function {
            ffi: ffi.clone(),
            name: name.into(),
            ty,
            id,
            address,
            library,
            stub: None,
        };
        if !function.function_type().variadic {
            function.stub = Some(function.stub_for(&[])?);
        }
        Ok(function)
    }

    /// The function that a pointer from C points to, ready to be called.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] if the cdata is not a pointer to a function, [`Error::Null`], and those of the
    /// function's type: [`Error::Layout`], [`Error::Convention`], [`Error::Engine`].
    pub fn from_pointer(ffi: &Ffi, pointer: &CData) -> Result<Function, Error> {
        let types = pointer.types();
        if !Arc::ptr_eq(types, ffi.types()) {
            return Err(Error::OtherFfi {
                ty: pointer.type_name(),
                place: Default::default(),
            });
        }
        let target = match types.get(types.plain(pointer.type_id())) {
            CType::Pointer(target) => types.plain(target),
            _ => types.plain(pointer.type_id()),
        };
        match (types.get(target), pointer.address()) {
            (CType::Function(_), Some(address)) if address.is_null() => Err(Error::Null {
                ty: pointer.type_name(),
            }),
            (CType::Function(_), Some(address)) => {
                Function::new(ffi, &pointer.type_name(), target, address, None)
            }
            _ => Err(Error::Operation {
                ty: pointer.type_name(),
                problem: "is not a function",
            }),
        }
    }

    /// Calls the function with converted and range-checked arguments.
    ///
    /// Pointers also take text (which must not contain a NUL; bytes may), lists and mappings: they point to
    /// temporary memory that is gone after the call. Arguments for `...` must be cdata.
    ///
    /// # Errors
    ///
    /// [`Error::ArgumentCount`], [`Error::Untyped`], and those of the conversion, each with its argument's number;
    /// nothing is called then.
    ///
    /// # Safety
    ///
    /// Everything that C itself would ask for: the declaration is right, and what the function does with these
    /// arguments is allowed.
    pub unsafe fn call(&self, arguments: impl Arguments) -> Result<Value, Error> {
        let arguments = arguments.into_values();
        let function = self.function_type();
        let (fixed, given) = (function.params.len(), arguments.len());
        if given < fixed || (given > fixed && !function.variadic) {
            return Err(Error::ArgumentCount {
                function: self.name.clone(),
                expected: fixed,
                found: given,
                variadic: function.variadic,
            });
        }
        match &self.stub {
            // SAFETY: the caller's promise.
            Some(stub) => unsafe { self.call_stub(stub, &function.params, &arguments) },
            None => {
                let variable = self.variable_types(&arguments[fixed..])?;
                let stub = self.stub_for(&variable)?;
                let params = [&function.params, &variable[..]].concat();
                // SAFETY: the caller's promise.
                unsafe { self.call_stub(&stub, &params, &arguments) }
            }
        }
    }

    /// The function as cdata, to be passed where C wants a pointer to it.
    pub fn cdata(&self) -> CData {
        let address = self.address.cast();
        let library = self.library.clone();
        let extent = library.map(|library| Extent::of_library(library, address, 0));
        CData::at(self.ffi.types(), self.ty, address, extent)
    }

    /// Where the function is.
    pub fn address(&self) -> *mut c_void {
        self.address
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stub that makes the calls; none for a variadic function, whose calls may each have their own.
    pub fn stub(&self) -> Option<&CallStub> {
        self.stub.as_deref()
    }

    fn function_type(&self) -> &FunctionType {
        self.ffi.types().function(self.id)
    }

    fn stub_for(&self, variable: &[TypeId]) -> Result<Arc<CallStub>, Error> {
        let signature =
            self.ffi
                .lowering()
                .signature(&self.name, self.function_type(), variable)?;
        let stub = self.ffi.engine().call_stub(&signature);
        stub.map_err(|error| Error::Engine {
            function: self.name.clone(),
            error,
        })
    }

    /// The C types of arguments for `...`, after the default promotions.
    fn variable_types(&self, arguments: &[Value]) -> Result<Vec<TypeId>, Error> {
        let fixed = self.function_type().params.len();
        let typed = arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| match argument {
                Value::CData(cdata) => {
                    let ty = cdata.type_in(self.ffi.types());
                    let ty = ty.map_err(|error| error.within(|| self.argument(fixed + index)))?;
                    Ok(convert::promoted(self.ffi.types(), ty))
                }
                _ => {
                    let error = Error::Untyped {
                        index: fixed + index + 1,
                        found: Dynamic::new(self.ffi.types()).type_name(argument),
                        place: Default::default(),
                    };
                    Err(error.within(|| self.argument(fixed + index)))
                }
            });
        typed.collect()
    }

    fn argument(&self, index: usize) -> String {
        format!("argument {} of '{}'", index + 1, self.name)
    }

    unsafe fn call_stub(
        &self,
        stub: &CallStub,
        params: &[TypeId],
        arguments: &[Value],
    ) -> Result<Value, Error> {
        self.check_stack(stub)?;
        let types = self.ffi.types();
        // On the stack as long as it is small.
        let mut frame: SmallVec<[u64; 32]> = smallvec![0; (stub.frame().size() / 8) as usize];
        let start = frame.as_mut_ptr().cast::<u8>();
        let host = Dynamic::new(types);
        let mut scratch = Scratch::new();
        for (index, (&ty, argument)) in params.iter().zip(arguments).enumerate() {
            let offset = stub.frame().offsets()[index] as usize;
            let size = stub.signature().params[index].size();
            let shape = Shape::of(types, ty);
            // SAFETY: the frame has room for each argument at its offset; values and scratch outlive the call.
            unsafe {
                let to = start.add(offset);
                convert::store_argument(&host, &shape, to, size, argument, &mut scratch)
            }
            .map_err(|error| error.within(|| self.argument(index)))?;
        }
        let result = self.function_type().result;
        let frame = start.cast_const();
        if let CType::Record(_) = types.get(types.plain(result)) {
            let layout = layout_of(&**types, result)?;
            let memory = CData::allocate(types, types.plain(result), layout.size, layout.align)?;
            let to = memory.address().expect("memory has an address").cast();
            // SAFETY: the stub is for this signature, the frame is filled, and `to` has the result's size; the rest
            // is the caller's promise.
            unsafe { stub.call(self.address, frame, to) };
            return Ok(Value::CData(memory));
        }
        let mut scalar = Scalar([0; 32]);
        // SAFETY: as above; no other result is larger than 32 bytes.
        unsafe { stub.call(self.address, frame, scalar.0.as_mut_ptr()) };
        let shape = Shape::of(types, result);
        if shape.form == Form::Void {
            return Ok(Value::None);
        }
        // SAFETY: the stub has stored a value of the type.
        unsafe { convert::load(&host, &shape, scalar.0.as_ptr(), None) }
    }
}

/// Stack that is left to the function itself and to this crate, in bytes.
const STACK_RESERVE: u64 = 64 << 10;

impl Function {
    /// Refuses a call whose arguments alone would run over the end of the stack.
    fn check_stack(&self, stub: &CallStub) -> Result<(), Error> {
        let needed = stub.stack_bytes();
        if needed < STACK_RESERVE {
            return Ok(());
        }
        match crate::stack::remaining() {
            Some(left) if left < needed.saturating_add(STACK_RESERVE) => Err(Error::Stack {
                function: self.name.clone(),
                needed,
                left,
            }),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<function '{}'>",
            self.ffi.types().spelling_with(self.ty, &self.name)
        )
    }
}

/// The arguments of a call: a tuple, or a list of values.
pub trait Arguments {
    /// The arguments in order.
    fn into_values(self) -> Vec<Value>;
}

impl Arguments for () {
    fn into_values(self) -> Vec<Value> {
        Vec::new()
    }
}

impl Arguments for Vec<Value> {
    fn into_values(self) -> Vec<Value> {
        self
    }
}

impl Arguments for &[Value] {
    fn into_values(self) -> Vec<Value> {
        self.to_vec()
    }
}

impl<T: Tuple> Arguments for T {
    fn into_values(self) -> Vec<Value> {
        Tuple::into_values(self)
    }
}
