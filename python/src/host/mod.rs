//! Python's objects, as the engine's conversions see them.

#![allow(unsafe_code)] // Objects are looked into by the interpreter's own macros.

mod look;

use farcall::Error;
use farcall::ctype::{TypeId, TypeTable};
use farcall::host::{CDataRef, Host, Integer, View};
use farcall::shape::Shape;
use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PySystemError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyComplex, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple,
};
use pyo3::{Borrowed, ffi};

pub(crate) use look::type_name;
use look::{has_int, integer_of, small};

use crate::cdata::{self, CData};
use crate::ctype;
use crate::errors::Raised;
use crate::slot::{Object, checked, raised};
use crate::state::types;

/// Python, while the interpreter's lock is held.
#[derive(Clone, Copy)]
pub(crate) struct PyHost<'py> {
    pub(crate) py: Python<'py>,
}

impl<'py> PyHost<'py> {
    /// An object that a slot was handed.
    #[inline]
    pub(crate) fn see<'v>(self, object: &'v Object) -> Borrowed<'v, 'py, PyAny> {
        // SAFETY: slots are handed living objects, which live as long as they are borrowed.
        unsafe { Borrowed::from_ptr(self.py, *object) }
    }

    fn own(self, object: Object) -> Result<Bound<'py, PyAny>, Raised> {
        let object = checked(self.py, object)?;
        // SAFETY: a new reference.
        Ok(unsafe { Bound::from_owned_ptr(self.py, object) })
    }

    /// The result of a function that fails only where there is no memory.
    fn made(self, object: Object) -> Bound<'py, PyAny> {
        // SAFETY: a new reference, or null, which panics; slots turn panics into exceptions.
        unsafe { Bound::from_owned_ptr(self.py, object) }
    }
}

// SAFETY: cdata says what it is, and its object keeps what belongs to it; bytes end with a zero in CPython.
unsafe impl<'py> Host for PyHost<'py> {
    type Ref<'v> = Borrowed<'v, 'py, PyAny>;
    type Value = Bound<'py, PyAny>;
    type Error = Raised;
    type Origin<'a> = ();

    const LENIENT: bool = false;
    const BYTES_END_WITH_NUL: bool = true;

    #[inline]
    fn types(&self) -> &TypeTable {
        types()
    }

    /// Other threads run meanwhile.
    #[inline]
    fn call_out(&self, call: impl FnOnce()) {
        // SAFETY: the lock is held, and nothing of the interpreter's is used until it is taken again. `call` does not panic:
        // it enters C.
        unsafe {
            let thread = ffi::PyEval_SaveThread();
            call();
            ffi::PyEval_RestoreThread(thread);
        }
    }

    fn nowhere<'a>(&self) -> Self::Origin<'a> {}

    fn view<'v>(&self, value: Self::Ref<'v>) -> View<'v> {
        if value.is_none() {
            return View::None;
        }
        if value.is_instance_of::<PyBytes>() {
            // SAFETY: bytes do not change, and live as long as they are borrowed.
            return View::Bytes(unsafe {
                let start = ffi::PyBytes_AsString(value.as_ptr());
                let len = ffi::PyBytes_Size(value.as_ptr());
                std::slice::from_raw_parts(start.cast(), len as usize)
            });
        }
        if value.is_instance_of::<PyString>() {
            return View::Text;
        }
        if let Ok(list) = value.cast::<PyList>() {
            return View::Sequence(list.len());
        }
        if let Ok(tuple) = value.cast::<PyTuple>() {
            return View::Sequence(tuple.len());
        }
        if value.is_instance_of::<PyDict>() {
            return View::Mapping;
        }
        View::Other
    }

    #[inline]
    fn cdata(&self, value: Self::Ref<'_>) -> Result<Option<CDataRef>, Raised> {
        let object = value.as_ptr();
        let Some(cdata) = CData::of(self.py, &object) else {
            return Ok(None);
        };
        Ok(Some(CDataRef {
            ty: cdata.ctype().id,
            address: cdata.data,
            length: cdata.array_length() as u64,
        }))
    }

    #[inline]
    fn small_integer(&self, value: Self::Ref<'_>) -> Option<i64> {
        small(&value)
    }

    #[inline]
    fn exact_float(&self, value: Self::Ref<'_>) -> Option<f64> {
        // SAFETY: a living object, checked to be a float.
        unsafe {
            (ffi::PyFloat_CheckExact(value.as_ptr()) != 0)
                .then(|| ffi::PyFloat_AS_DOUBLE(value.as_ptr()))
        }
    }

    fn integer(&self, value: Self::Ref<'_>) -> Result<Integer, Raised> {
        if value.is_instance_of::<PyInt>() {
            return integer_of(&value);
        }
        if value.is_instance_of::<PyFloat>() || !has_int(&value) {
            return Err(Error::not_an_integer().into());
        }
        // SAFETY: a living object.
        let converted = self.own(unsafe { ffi::PyNumber_Long(value.as_ptr()) })?;
        integer_of(&converted)
    }

    fn index(&self, value: Self::Ref<'_>) -> Result<Option<i64>, Raised> {
        // SAFETY: a living object.
        if unsafe { ffi::PyIndex_Check(value.as_ptr()) } == 0 {
            return Ok(None);
        }
        // SAFETY: as above; the exception is the class to raise for what is too large.
        let index = unsafe { ffi::PyNumber_AsSsize_t(value.as_ptr(), ffi::PyExc_OverflowError) };
        if index == -1 && PyErr::occurred(self.py) {
            return Err(raised(self.py).into());
        }
        Ok(Some(index as i64))
    }

    fn wrapped(&self, value: Self::Ref<'_>) -> Result<u128, Raised> {
        let integer = if value.is_instance_of::<PyInt>() {
            value.to_owned()
        } else if value.is_instance_of::<PyFloat>() || has_int(&value) {
            // SAFETY: a living object.
            self.own(unsafe { ffi::PyNumber_Long(value.as_ptr()) })?
        } else {
            return Err(Error::not_an_integer().into());
        };
        match integer_of(&integer)? {
            Integer::Small(small) => Ok(small as i128 as u128),
            Integer::Wide(wide) => Ok(wide as u128),
            Integer::WideUnsigned(wide) => Ok(wide),
            Integer::Beyond { .. } => {
                let low = integer.bitand(u128::MAX)?;
                Ok(low.extract::<u128>()?)
            }
        }
    }

    fn truth(&self, value: Self::Ref<'_>) -> Result<bool, Raised> {
        if let Ok(float) = value.cast::<PyFloat>() {
            return Ok(float.value() != 0.0);
        }
        if !value.is_instance_of::<PyInt>() && !has_int(&value) {
            return Err(PyTypeError::new_err("integer/float expected").into());
        }
        Ok(value.is_truthy()?)
    }

    fn float(&self, value: Self::Ref<'_>) -> Result<f64, Raised> {
        // SAFETY: a living object.
        let float = unsafe { ffi::PyFloat_AsDouble(value.as_ptr()) };
        if float == -1.0 && PyErr::occurred(self.py) {
            return Err(raised(self.py).into());
        }
        Ok(float)
    }

    fn complex(&self, value: Self::Ref<'_>) -> Result<(f64, f64), Raised> {
        // SAFETY: a living object.
        let complex = unsafe { ffi::PyComplex_AsCComplex(value.as_ptr()) };
        if complex.real == -1.0 && PyErr::occurred(self.py) {
            return Err(raised(self.py).into());
        }
        Ok((complex.real, complex.imag))
    }

    fn code_points<'v>(&self, text: Self::Ref<'v>) -> impl Iterator<Item = u32> + Clone {
        let text = text.as_ptr();
        // SAFETY: a living string, by the trait's contract; its length does not change.
        let len = unsafe { ffi::PyUnicode_GetLength(text) };
        // SAFETY: as above, and inside of it.
        (0..len).map(move |index| unsafe { ffi::PyUnicode_ReadChar(text, index) })
    }

    fn items(
        &self,
        sequence: Self::Ref<'_>,
        mut visit: impl FnMut(Self::Ref<'_>) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        if let Ok(tuple) = sequence.cast::<PyTuple>() {
            return tuple.iter_borrowed().try_for_each(visit);
        }
        let list = sequence.cast::<PyList>().map_err(PyErr::from)?;
        let len = list.len();
        for index in 0..len {
            // An item's own conversion may have shortened the list.
            let item = list.get_item(index)?;
            visit(item.as_borrowed())?;
        }
        Ok(())
    }

    fn members(
        &self,
        mapping: Self::Ref<'_>,
        mut visit: impl FnMut(&str, Self::Ref<'_>) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let mapping = mapping.cast::<PyDict>().map_err(PyErr::from)?;
        let len = mapping.len();
        for (name, value) in mapping.iter() {
            let Ok(text) = name.cast::<PyString>() else {
                return Err(pyo3::exceptions::PyKeyError::new_err(name.unbind()).into());
            };
            let Ok(text) = text.to_str() else {
                return Err(pyo3::exceptions::PyKeyError::new_err(name.unbind()).into());
            };
            visit(text, value.as_borrowed())?;
            if mapping.len() != len {
                let text = "dictionary changed size during iteration";
                return Err(PyRuntimeError::new_err(text).into());
            }
        }
        Ok(())
    }

    fn byte_string<'v>(&self, value: Self::Ref<'v>) -> Option<&'v [u8]> {
        if value.is_instance_of::<PyByteArray>() {
            // SAFETY: nothing runs that could resize it before the bytes are copied.
            return Some(unsafe {
                let start = ffi::PyByteArray_AsString(value.as_ptr());
                let len = ffi::PyByteArray_Size(value.as_ptr());
                std::slice::from_raw_parts(start.cast(), len as usize)
            });
        }
        match self.view(value) {
            View::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn iterate(
        &self,
        value: Self::Ref<'_>,
        mut visit: impl FnMut(Self::Ref<'_>) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        for item in value.try_iter()? {
            visit(item?.as_borrowed())?;
        }
        Ok(())
    }

    unsafe fn repr_at(&self, shape: &Shape, from: *const u8) -> Result<String, Raised> {
        // SAFETY: the caller's promise.
        let value = unsafe { farcall::convert::load(self, shape, from, ()) }?;
        Ok(value.repr()?.to_string_lossy().into_owned())
    }

    fn type_name(&self, value: Self::Ref<'_>) -> String {
        type_name(&value)
    }

    fn show(&self, value: Self::Ref<'_>) -> String {
        value
            .str()
            .map_or_else(|_| "?".into(), |text| text.to_string_lossy().into_owned())
    }

    fn none(&self) -> Self::Value {
        self.py.None().into_bound(self.py)
    }

    fn make_bool(&self, value: bool) -> Self::Value {
        PyBool::new(self.py, value).to_owned().into_any()
    }

    #[inline]
    fn make_int(&self, value: i64) -> Self::Value {
        // SAFETY: makes an integer.
        self.made(unsafe { ffi::PyLong_FromLongLong(value) })
    }

    #[inline]
    fn make_uint(&self, value: u64) -> Self::Value {
        // SAFETY: makes an integer.
        self.made(unsafe { ffi::PyLong_FromUnsignedLongLong(value) })
    }

    fn make_wide_int(&self, value: i128) -> Self::Value {
        let Ok(value) = value.into_pyobject(self.py);
        value.into_any()
    }

    fn make_wide_uint(&self, value: u128) -> Self::Value {
        let Ok(value) = value.into_pyobject(self.py);
        value.into_any()
    }

    #[inline]
    fn make_float(&self, value: f64) -> Self::Value {
        // SAFETY: makes a float.
        self.made(unsafe { ffi::PyFloat_FromDouble(value) })
    }

    fn make_complex(&self, real: f64, imaginary: f64) -> Self::Value {
        PyComplex::from_doubles(self.py, real, imaginary).into_any()
    }

    fn make_bytes(&self, bytes: &[u8]) -> Result<Self::Value, Raised> {
        let start = bytes.as_ptr().cast();
        // SAFETY: so many bytes are copied.
        self.own(unsafe { ffi::PyBytes_FromStringAndSize(start, bytes.len() as isize) })
    }

    fn make_text(
        &self,
        code_points: impl Iterator<Item = u32> + Clone,
    ) -> Result<Self::Value, Raised> {
        let mut text = Vec::new();
        let room = text.try_reserve_exact(code_points.size_hint().0);
        room.map_err(|_| PyMemoryError::new_err(()))?;
        text.extend(code_points);
        // The interpreter finds some of these itself, takes others for text, and in builds for debugging ends.
        if text
            .iter()
            .any(|&code_point| code_point > u32::from(char::MAX))
        {
            let message = "invalid maximum character passed to PyUnicode_New";
            return Err(PySystemError::new_err(message).into());
        }
        // SAFETY: that many code points of four bytes each.
        self.own(unsafe {
            ffi::PyUnicode_FromKindAndData(4, text.as_ptr().cast(), text.len() as isize)
        })
    }

    fn make_list(
        &self,
        count: usize,
        mut item: impl FnMut(usize) -> Result<Self::Value, Raised>,
    ) -> Result<Self::Value, Raised> {
        // SAFETY: makes a list with room for the items.
        let list = self.own(unsafe { ffi::PyList_New(count as isize) })?;
        for index in 0..count {
            let item = item(index)?;
            // SAFETY: nobody else has seen the list, and the place is empty.
            unsafe { ffi::PyList_SET_ITEM(list.as_ptr(), index as isize, item.into_ptr()) };
        }
        Ok(list)
    }

    fn make_pointer(&self, ty: TypeId, address: *mut u8) -> Result<Self::Value, Raised> {
        let made = cdata::reference(self.py, &ctype::of(self.py, ty)?, address, -1)?;
        self.own(made)
    }

    fn make_reference(
        &self,
        ty: TypeId,
        address: *mut u8,
        length: Option<u64>,
        (): (),
    ) -> Result<Self::Value, Raised> {
        let ctype = ctype::of(self.py, ty)?;
        let length = length.map_or(-1, |length| length as isize);
        let made = cdata::referring(self.py, &ctype, address, length)?;
        self.own(made)
    }

    fn make_number(&self, ty: TypeId, bytes: &[u8]) -> Result<Self::Value, Raised> {
        let made = cdata::number_of(self.py, &ctype::of(self.py, ty)?, bytes)?;
        self.own(made)
    }

    fn make_record(
        &self,
        ty: TypeId,
        size: u64,
        align: u64,
        fill: impl FnOnce(*mut u8),
    ) -> Result<Self::Value, Raised> {
        let ctype = ctype::of(self.py, ty)?;
        let made = self.own(cdata::owner(
            self.py,
            &ctype,
            size as usize,
            align as usize,
            -1,
        )?)?;
        let object = made.as_ptr();
        match CData::of(self.py, &object) {
            Some(cdata) => fill(cdata.data),
            None => return Err(PyTypeError::new_err("not cdata").into()),
        }
        Ok(made)
    }
}
