//! C functions, called with dynamic values.

#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;

use farcall_jit::CallStub;

use crate::call::Caller;
use crate::cdata::CData;
use crate::ctype::{CType, TypeId};
use crate::host::Dynamic;
use crate::memory::Extent;
use crate::value::Tuple;
use crate::{Error, Ffi, Value};

/// A C function at its address, with everything that its calls need. It keeps its library open, or its callback alive.
pub struct Function {
    ffi: Ffi,
    name: String,
    ty: TypeId,
    address: *mut c_void,
    /// The library, or what else keeps the code.
    keeper: Option<Arc<dyn Any + Send + Sync>>,
    caller: Caller,
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
        keeper: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Result<Function, Error> {
        Ok(Function {
            ffi: ffi.clone(),
            name: name.into(),
            ty,
            address,
            keeper,
            caller: Caller::new(ffi.lowering(), ffi.engine(), ty, name)?,
        })
    }

    /// The function that a pointer points to, ready to be called. The library or the callback that the pointer came from is
    /// kept; memory and destructors around the pointer are not.
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
                let keeper = pointer.extent().and_then(Extent::shared_keeper);
                Function::new(ffi, &pointer.type_name(), target, address, keeper)
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
        let host = Dynamic::of(&self.ffi);
        // SAFETY: the caller's promise; the arguments live until the end.
        unsafe {
            self.caller.call(
                &host,
                self.address,
                arguments.len(),
                |index| &arguments[index],
                || self.name.clone(),
            )
        }
    }

    /// The function as a pointer to it, to be passed where C wants a pointer to it.
    pub fn cdata(&self) -> CData {
        let address = self.address.cast();
        let keeper = self.keeper.clone();
        let extent = keeper.map(|keeper| Extent::of_library(keeper, address, 0));
        let types = self.ffi.types();
        CData::at(types, types.pointer(self.ty), address, extent)
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
        self.caller.stub()
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
