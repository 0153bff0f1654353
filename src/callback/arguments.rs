//! What a callback's function sees of one call.

use std::fmt;

use farcall_jit as jit;

use super::CallbackType;
use super::values::load_argument;
use crate::{Error, VaList, Value};

/// The arguments of one call from C.
pub struct Args<'c> {
    pub(super) ty: &'c CallbackType,
    pub(super) call: &'c jit::Arguments<'c>,
}

impl Args<'_> {
    /// How many arguments there are, without those for `...`.
    pub fn len(&self) -> usize {
        self.call.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.call.is_empty()
    }

    /// An argument. Records are copies.
    ///
    /// # Errors
    ///
    /// [`Error::NoArgument`], [`Error::Memory`].
    pub fn value(&self, index: usize) -> Result<Value, Error> {
        let params = &self.ty.function_type().params;
        let ty = *params.get(index).ok_or(Error::NoArgument {
            index,
            count: params.len(),
        })?;
        load_argument(self.ty.ffi(), ty, self.call.bytes(index))
    }

    /// An argument as a Rust type: integers that it fits, of a `char` `u8` or `i8`; `f64`, `f32`, `bool`; the address that a
    /// pointer holds as `*mut c_void`; [`CData`](crate::CData).
    ///
    /// # Errors
    ///
    /// Those of [`Args::value`] and of the conversion.
    pub fn get<T: TryFrom<Value, Error = Error>>(&self, index: usize) -> Result<T, Error> {
        T::try_from(self.value(index)?).map_err(|error| error.within(|| place(index)))
    }

    /// What an argument points to, as a Rust type.
    ///
    /// # Errors
    ///
    /// Those of [`Args::value`], of [`CData::item`](crate::CData::item) and of the conversion.
    ///
    /// # Safety
    ///
    /// The argument is NULL, or points to a value of its type that nobody changes meanwhile.
    pub unsafe fn target<T: TryFrom<Value, Error = Error>>(
        &self,
        index: usize,
    ) -> Result<T, Error> {
        let pointer = self.value(index)?;
        // SAFETY: the caller's promise; only that one value is read.
        let target = unsafe { pointer.cdata()?.trust(1) }.item(0);
        target
            .and_then(T::try_from)
            .map_err(|error| error.within(|| place(index)))
    }

    /// All of them as one list.
    ///
    /// # Errors
    ///
    /// Those of [`Args::value`].
    pub fn values(&self) -> Result<Vec<Value>, Error> {
        (0..self.len()).map(|index| self.value(index)).collect()
    }

    /// The arguments for `...`, good as long as the call lasts.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] if the type is not variadic, or the process may have no executable memory.
    pub fn va_list(&self) -> Result<VaList, Error> {
        let problem = match self.ty.function_type().variadic {
            true => "has no va_list where there may be no executable memory",
            false => "takes no variable arguments",
        };
        let list = self.call.va_list().ok_or_else(|| Error::Operation {
            ty: self.ty.name(),
            problem,
        })?;
        Ok(VaList::from_engine(self.ty.ffi(), list))
    }

    /// The C type of the callback.
    pub fn callback_type(&self) -> &CallbackType {
        self.ty
    }
}

fn place(index: usize) -> String {
    format!("argument {}", index + 1)
}

impl fmt::Debug for Args<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        (0..self.len()).for_each(|index| {
            list.entry(&self.value(index));
        });
        list.finish()
    }
}
