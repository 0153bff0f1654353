//! Calls of Python with plain arguments: numbers, characters, pointers. What is to be made of each word of the frame is found
//! out once for a function type; a call makes the objects, hands them over in an array on the stack, and reads a result that is
//! as it mostly is. Everything else is left to the general way, before the function is called or after.
//!
//! `FARCALL_FUSED=off` in the environment turns it off, with the stubs for calls.

use std::mem::MaybeUninit;
use std::num::TryFromIntError;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use farcall::jit::Arguments;
use farcall::shape::{Form, Width};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::call::Plan;
use crate::cdata::{self, CData, kinds};
use crate::slot::Object;

/// Functions with more parameters go the general way.
const MOST: usize = 8;

/// Calls made in this way, and in the general one: counted with the interpreter's lock held.
static CALLS: AtomicU64 = AtomicU64::new(0);
static GENERAL: AtomicU64 = AtomicU64::new(0);

/// What is done with the arguments and the result of a function type.
pub(crate) struct Direct {
    arguments: Box<[Give]>,
    result: Take,
}

/// What is made of an argument.
#[derive(Clone, Copy)]
enum Give {
    Integer(Width),
    Float,
    Double,
    Bool,
    Char,
    Pointer,
}

/// What a result must be.
#[derive(Clone, Copy)]
enum Take {
    Nothing,
    Integer(Width),
    Float,
    Double,
    /// Cdata of this class.
    Pointer(i32),
    /// Left to the general way.
    Any,
}

/// Arguments that were made, behind a place that a method's call uses for its object.
struct Made {
    objects: [MaybeUninit<Object>; MOST + 1],
    count: usize,
}

impl Drop for Made {
    fn drop(&mut self) {
        for object in &self.objects[1..=self.count] {
            // SAFETY: so many are new references.
            unsafe { ffi::Py_DECREF(object.assume_init()) };
        }
    }
}

impl Direct {
    /// For a type all of whose parameters are plain.
    pub(super) fn of(py: Python<'_>, plan: &Plan) -> Option<Direct> {
        if crate::fused::is_off() || plan.params().len() > MOST {
            return None;
        }
        let forms = plan
            .params()
            .iter()
            .map(|param| param.bind(py).get().shape.form);
        let result = plan.result().bind(py).get();
        Some(Direct {
            arguments: forms.map(give).collect::<Option<_>>()?,
            result: take(result.shape.form, result.class),
        })
    }

    /// Calls the function; the result is a new reference.
    pub(super) fn call<'py>(
        &self,
        py: Python<'py>,
        plan: &Plan,
        function: &Bound<'py, PyAny>,
        arguments: &Arguments<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        count(&CALLS);
        let mut made = Made {
            objects: [const { MaybeUninit::uninit() }; MOST + 1],
            count: 0,
        };
        for (index, &kind) in self.arguments.iter().enumerate() {
            let object = match kind {
                Give::Pointer => {
                    let ctype = plan.params()[index].bind(py);
                    cdata::reference(py, ctype, arguments.get(index), -1)?
                }
                kind => crate::slot::checked(py, number(kind, index, arguments))?,
            };
            made.count = index + 1;
            made.objects[made.count].write(object);
        }
        // SAFETY: that many living objects.
        unsafe {
            let result = ffi::PyObject_Vectorcall(
                function.as_ptr(),
                made.objects.as_mut_ptr().add(1).cast_const().cast(),
                made.count | ffi::PY_VECTORCALL_ARGUMENTS_OFFSET,
                ptr::null_mut(),
            );
            Bound::from_owned_ptr_or_err(py, result)
        }
    }

    /// Stores a result, if it is as it mostly is.
    #[inline]
    pub(super) fn store(&self, py: Python<'_>, value: Object, result: &mut [u8]) -> bool {
        // SAFETY: a living object, whose type is compared before anything is read.
        unsafe {
            match self.result {
                Take::Nothing => value == ffi::Py_None(),
                Take::Integer(width) => {
                    let mut overflow = 0;
                    if ffi::PyLong_CheckExact(value) == 0 {
                        return false;
                    }
                    let number = ffi::PyLong_AsLongLongAndOverflow(value, &mut overflow);
                    overflow == 0 && store_integer(width, number, result)
                }
                Take::Float | Take::Double if ffi::PyFloat_CheckExact(value) == 0 => false,
                Take::Float => put(ffi::PyFloat_AS_DOUBLE(value) as f32, result),
                Take::Double => put(ffi::PyFloat_AS_DOUBLE(value), result),
                Take::Pointer(class) => {
                    if !kinds(py).is_cdata(ffi::Py_TYPE(value)) {
                        return false;
                    }
                    let cdata = &*value.cast::<CData>();
                    cdata.ctype().class == class && put(cdata.data, result)
                }
                Take::Any => false,
            }
        }
    }
}

fn give(form: Form) -> Option<Give> {
    Some(match form {
        Form::Integer(width) if !matches!(width, Width::I128 | Width::U128) => Give::Integer(width),
        Form::Float => Give::Float,
        Form::Double => Give::Double,
        Form::Bool => Give::Bool,
        Form::Char => Give::Char,
        Form::Pointer(_) | Form::FunctionPointer(_) => Give::Pointer,
        _ => return None,
    })
}

fn take(form: Form, class: i32) -> Take {
    match form {
        Form::Void => Take::Nothing,
        Form::Integer(width) => Take::Integer(width),
        Form::Float => Take::Float,
        Form::Double => Take::Double,
        Form::Pointer(_) if class > 0 => Take::Pointer(class),
        _ => Take::Any,
    }
}

/// The object of an argument that is no pointer: a new reference, or null with an exception set.
#[inline]
fn number(kind: Give, index: usize, arguments: &Arguments<'_>) -> Object {
    // SAFETY: makes objects.
    unsafe {
        match kind {
            Give::Integer(width) => match width {
                Width::I8 => ffi::PyLong_FromLong(arguments.get::<i8>(index).into()),
                Width::U8 => ffi::PyLong_FromLong(arguments.get::<u8>(index).into()),
                Width::I16 => ffi::PyLong_FromLong(arguments.get::<i16>(index).into()),
                Width::U16 => ffi::PyLong_FromLong(arguments.get::<u16>(index).into()),
                Width::I32 => ffi::PyLong_FromLong(arguments.get::<i32>(index).into()),
                Width::U32 => ffi::PyLong_FromLongLong(arguments.get::<u32>(index).into()),
                Width::I64 => ffi::PyLong_FromLongLong(arguments.get(index)),
                Width::U64 => ffi::PyLong_FromUnsignedLongLong(arguments.get(index)),
                Width::I128 | Width::U128 => unreachable!("refused by `give`"),
            },
            Give::Float => ffi::PyFloat_FromDouble(arguments.get::<f32>(index).into()),
            Give::Double => ffi::PyFloat_FromDouble(arguments.get(index)),
            Give::Bool => crate::fused::from_bool(arguments.get::<u8>(index).into()),
            Give::Char => crate::fused::from_char(arguments.get::<u8>(index).into()),
            Give::Pointer => unreachable!("made by the caller, who knows its type"),
        }
    }
}

/// False if it does not fit.
#[inline]
fn store_integer(width: Width, number: i64, result: &mut [u8]) -> bool {
    fn narrow<T: Copy>(number: Result<T, TryFromIntError>, result: &mut [u8]) -> bool {
        number.is_ok_and(|number| put(number, result))
    }
    match width {
        Width::I8 => narrow(i8::try_from(number), result),
        Width::U8 => narrow(u8::try_from(number), result),
        Width::I16 => narrow(i16::try_from(number), result),
        Width::U16 => narrow(u16::try_from(number), result),
        Width::I32 => narrow(i32::try_from(number), result),
        Width::U32 => narrow(u32::try_from(number), result),
        Width::I64 => put(number, result),
        Width::U64 => narrow(u64::try_from(number), result),
        Width::I128 | Width::U128 => false,
    }
}

#[inline]
fn put<T: Copy>(value: T, result: &mut [u8]) -> bool {
    let fits = result.len() == size_of::<T>();
    if fits {
        // SAFETY: as many bytes.
        unsafe { result.as_mut_ptr().cast::<T>().write_unaligned(value) };
    }
    fits
}

/// Counts a call that is made the general way.
pub(super) fn count_general() {
    count(&GENERAL);
}

fn count(counter: &AtomicU64) {
    counter.store(
        counter.load(Ordering::Relaxed).wrapping_add(1),
        Ordering::Relaxed,
    );
}

/// How many calls of Python were made in this way, and how many in the general one.
pub(crate) fn counts() -> (u64, u64) {
    (
        CALLS.load(Ordering::Relaxed),
        GENERAL.load(Ordering::Relaxed),
    )
}
