//! `ffi.buffer`: C memory as bytes that Python reads and writes.

#![allow(unsafe_code)] // C memory is read and written.

use std::cmp::Ordering;
use std::ffi::{c_int, c_void};
use std::ptr;

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyBufferError, PyIndexError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice};

use crate::cdata::{self, CData, Count};
use crate::errors::of as error;
use crate::release::release_owned;
use crate::state::types;

/// The memory that cdata refers to, as bytes: of what a pointer points to, or of an array.
///
/// Slices are copies; assignments to slices, and what other code writes through the buffer protocol, change the memory.
#[pyclass(frozen, weakref, name = "buffer", module = "farcall")]
pub(crate) struct Buffer {
    start: *mut u8,
    size: usize,
    /// Keeps the memory, where cdata owns it; always there until the end.
    cdata: Option<Py<PyAny>>,
}

// SAFETY: an address, read and written while the interpreter's lock is held.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: objects go with the interpreter's lock held.
        unsafe { release_owned(&mut self.cdata) };
    }
}

impl Buffer {
    fn bytes(&self) -> Bytes {
        Bytes {
            start: self.start,
            len: self.size,
        }
    }

    fn index(&self, index: &Bound<'_, PyAny>, what: &str) -> PyResult<usize> {
        let py = index.py();
        if !index.hasattr("__index__")? {
            let found = crate::host::type_name(index);
            let text = format!("buffer indices must be integers, not {found}");
            return Err(PyTypeError::new_err(text));
        }
        let index = cdata::as_index(index).map_err(|error| {
            match error.is_instance_of::<PyOverflowError>(py) {
                true => PyIndexError::new_err("cannot fit 'int' into an index-sized integer"),
                false => error,
            }
        })?;
        let from_start = if index < 0 {
            index + self.size as isize
        } else {
            index
        };
        match usize::try_from(from_start) {
            Ok(index) if index < self.size => Ok(index),
            _ => Err(PyIndexError::new_err(format!("{what} out of range"))),
        }
    }

    fn range(&self, slice: &Bound<'_, PySlice>) -> PyResult<(usize, usize)> {
        let indices = slice.indices(self.size as isize)?;
        if indices.step != 1 {
            return Err(PyTypeError::new_err(
                "buffer doesn't support slicing with step != 1",
            ));
        }
        Ok((indices.start as usize, indices.slicelength))
    }

    /// What is written may be of the same memory.
    fn write(&self, start: usize, bytes: Bytes, room: usize) -> PyResult<()> {
        if bytes.len != room {
            return Err(other_length());
        }
        // SAFETY: inside of the memory, and of what is read.
        unsafe { ptr::copy(bytes.start, self.start.add(start), room) };
        Ok(())
    }
}

#[pymethods]
impl Buffer {
    #[new]
    #[pyo3(signature = (cdata, size = Count(-1)), text_signature = "(cdata, size=-1)")]
    fn new(cdata: &Bound<'_, PyAny>, size: Count) -> PyResult<Buffer> {
        let (py, Count(size)) = (cdata.py(), size);
        let object = cdata.as_ptr();
        let Some(memory) = CData::of(py, &object) else {
            let found = crate::host::type_name(cdata);
            let text = format!("buffer() argument 1 must be farcall.CData, not {found}");
            return Err(PyTypeError::new_err(text));
        };
        let size = u64::try_from(size).ok();
        let (_, size) = memory.object(py).buffer(types(), size).map_err(error)?;
        let size = size as usize;
        if memory.data.is_null() && size > 0 {
            return Err(PyValueError::new_err("buffer of a null pointer"));
        }
        let start = if memory.data.is_null() {
            ptr::dangling_mut()
        } else {
            memory.data
        };
        Ok(Buffer {
            start,
            size,
            cdata: Some(cdata.clone().unbind()),
        })
    }

    fn __len__(&self) -> usize {
        self.size
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        if let Ok(slice) = key.cast::<PySlice>() {
            let (start, len) = self.range(slice)?;
            return copied(key.py(), self.bytes().part(start, len));
        }
        let index = self.index(key, "buffer index")?;
        copied(key.py(), self.bytes().part(index, 1))
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Ok(slice) = key.cast::<PySlice>() {
            let (start, len) = self.range(slice)?;
            let object = value.as_ptr();
            if CData::of(key.py(), &object).is_some() {
                return Err(other_length());
            }
            return self.write(start, View::of(value, false)?.bytes(), len);
        }
        let index = self.index(key, "buffer assignment index")?;
        match value.cast::<PyBytes>().map(|bytes| bytes.as_bytes()) {
            Ok(byte) if byte.len() == 1 => self.write(index, Bytes::of(byte), 1),
            _ => {
                let found = crate::host::type_name(value);
                let text = format!("must assign a bytes of length 1, not {found}");
                Err(PyTypeError::new_err(text))
            }
        }
    }

    fn __delitem__(&self, _key: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "'del x[n]' not supported for buffer objects",
        ))
    }

    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        operator: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        // SAFETY: asks only.
        if unsafe { ffi::PyObject_CheckBuffer(other.as_ptr()) } == 0 {
            return Ok(py.NotImplemented().into_bound(py));
        }
        let other = View::of(other, false)?;
        let result = operator.matches(self.bytes().compared(other.bytes()));
        Ok(pyo3::types::PyBool::new(py, result).to_owned().into_any())
    }

    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let this = slf.get();
        // SAFETY: the interpreter's own filling of a view, which it has handed over.
        let result = unsafe {
            ffi::PyBuffer_FillInfo(
                view,
                slf.as_ptr(),
                this.start.cast::<c_void>(),
                this.size as isize,
                0,
                flags,
            )
        };
        match result {
            0 => Ok(()),
            _ => Err(PyErr::take(slf.py())
                .unwrap_or_else(|| PyBufferError::new_err("no view of the buffer"))),
        }
    }

    // What it holds never changes, so that no cycle consists of such objects alone: the others are taken apart.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.cdata)
    }
}

/// Also for cdata, whose length as a buffer nobody knows.
fn other_length() -> PyErr {
    PyValueError::new_err("right operand length must match slice length")
}

/// A copy, if there is memory for it.
fn copied(py: Python<'_>, bytes: Bytes) -> PyResult<Bound<'_, PyBytes>> {
    // SAFETY: so many bytes are copied; what is returned is a new reference to bytes, or null with an exception.
    unsafe {
        let made = ffi::PyBytes_FromStringAndSize(bytes.start.cast(), bytes.len as isize);
        Ok(Bound::from_owned_ptr_or_err(py, made)?.cast_into_unchecked())
    }
}

/// Memory that others may write to at any time: it is no slice. Python code answers for what pointers point to, as in C.
#[derive(Clone, Copy)]
pub(crate) struct Bytes {
    pub(crate) start: *const u8,
    pub(crate) len: usize,
}

impl Bytes {
    fn of(bytes: &[u8]) -> Bytes {
        Bytes {
            start: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// Inside of it.
    fn part(self, start: usize, len: usize) -> Bytes {
        debug_assert!(start + len <= self.len);
        Bytes {
            start: self.start.wrapping_add(start),
            len,
        }
    }

    fn compared(self, other: Bytes) -> Ordering {
        let len = self.len.min(other.len);
        // SAFETY: both have as many bytes.
        let first = unsafe { libc::memcmp(self.start.cast(), other.start.cast(), len) };
        first.cmp(&0).then(self.len.cmp(&other.len))
    }
}

/// A view of an object's bytes, given back at the end.
pub(crate) struct View(pub(crate) ffi::Py_buffer);

impl View {
    pub(crate) fn of(object: &Bound<'_, PyAny>, writable: bool) -> PyResult<View> {
        // SAFETY: all zero is a view of nothing, which the interpreter fills.
        let mut view: ffi::Py_buffer = unsafe { std::mem::zeroed() };
        let flags = if writable {
            ffi::PyBUF_WRITABLE
        } else {
            ffi::PyBUF_SIMPLE
        };
        // SAFETY: a living object.
        if unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &mut view, flags) } < 0 {
            return Err(PyErr::fetch(object.py()));
        }
        Ok(View(view))
    }

    /// Good as long as the view is not given back.
    pub(crate) fn bytes(&self) -> Bytes {
        if self.0.buf.is_null() {
            return Bytes::of(&[]);
        }
        Bytes {
            start: self.0.buf.cast_const().cast(),
            len: self.0.len as usize,
        }
    }

    /// The view itself, to be given back by somebody else.
    pub(crate) fn keep(self) -> ffi::Py_buffer {
        let view = self.0;
        std::mem::forget(self);
        view
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: a view that was got, while the interpreter's lock is held.
        unsafe { ffi::PyBuffer_Release(&mut self.0) };
    }
}
