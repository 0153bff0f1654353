//! CPython as fused stubs know it.

use std::ffi::c_void;
use std::mem::offset_of;
use std::sync::Arc;

use farcall::jit::{
    HostBytes, HostCData, HostCallee, HostCalls, HostErrno, HostFloats, HostInts, HostLayout,
};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::recipe::Style;
use super::{helpers, probe};
use crate::cdata::{CData, FunctionData, kinds};
use crate::ctype;
use crate::state::types;

/// The interpreter, looked at once; none where nothing is known of it: builds for debugging and without the lock, and
/// versions that nobody has tried.
pub(super) fn host(py: Python<'_>, style: Style) -> Option<Arc<HostLayout>> {
    static HOST: PyOnceLock<Option<Hosts>> = PyOnceLock::new();
    let hosts = HOST.get_or_init(py, || look(py).map(Hosts::new)).as_ref()?;
    Some(Arc::clone(match style {
        Style::Cdata => &hosts.cdata,
        Style::Builtin => &hosts.builtin,
    }))
}

/// The interpreter for each style, which differ in where functions have the classes.
struct Hosts {
    cdata: Arc<HostLayout>,
    builtin: Arc<HostLayout>,
}

impl Hosts {
    fn new(cdata: HostLayout) -> Hosts {
        let mut builtin = cdata.clone();
        builtin.callee.classes_offset = offset_of!(FunctionData, builtin_classes) as i32;
        Hosts {
            cdata: Arc::new(cdata),
            builtin: Arc::new(builtin),
        }
    }
}

/// Whether this is a build whose objects are known.
fn is_known(py: Python<'_>) -> bool {
    let version = py.version_info();
    let known =
        (3, 9) <= (version.major, version.minor) && (version.major, version.minor) <= (3, 13);
    let usual = !cfg!(any(
        Py_GIL_DISABLED,
        py_sys_config = "Py_DEBUG",
        py_sys_config = "Py_REF_DEBUG"
    ));
    known && usual && !counts_references(py) && cfg!(not(any(PyPy, GraalPy))) && !probe::is_off()
}

/// Whether the interpreter is a build for debugging, which loads what was built for others as well.
fn counts_references(py: Python<'_>) -> bool {
    let sys = py.import("sys");
    sys.is_ok_and(|sys| sys.hasattr("gettotalrefcount").unwrap_or(true))
}

fn look(py: Python<'_>) -> Option<HostLayout> {
    if !is_known(py) {
        return None;
    }
    // An object begins with its reference count, which is a word, and the address of its type.
    let type_offset = size_of::<usize>() as i32;
    if !probe::types(py, type_offset) {
        return None;
    }
    Some(HostLayout {
        type_offset,
        ints: ints(py),
        floats: floats(py),
        bytes: bytes(py),
        cdata: cdata(py, type_offset),
        callee: HostCallee {
            target_offset: (offset_of!(FunctionData, cdata) + offset_of!(CData, data)) as i32,
            classes_offset: offset_of!(FunctionData, classes) as i32,
        },
        calls: calls(),
        errno: errno(),
        counter: probe::counter(),
    })
}

/// Behind the head is a word that says how many digits there are, then the digits (longintrepr.h). What the word looks like
/// differs between versions; the objects tell.
fn ints(py: Python<'_>) -> Option<HostInts> {
    let sign = probe::ints(py, size_of::<ffi::PyObject>() as i32)?;
    let head = size_of::<ffi::PyObject>() as i32;
    let types = [&raw const ffi::PyLong_Type, &raw const ffi::PyBool_Type];
    Some(HostInts {
        types: types.map(|ty| ty as usize).to_vec(),
        count_offset: head,
        sign,
        digits_offset: head + size_of::<usize>() as i32,
    })
}

fn floats(py: Python<'_>) -> Option<HostFloats> {
    let floats = HostFloats {
        ty: &raw const ffi::PyFloat_Type as usize,
        offset: size_of::<ffi::PyObject>() as i32,
    };
    probe::floats(py, &floats).then_some(floats)
}

/// Behind the head the length, then the hash, then the bytes.
fn bytes(py: Python<'_>) -> Option<HostBytes> {
    let head = size_of::<ffi::PyObject>() as i32;
    let bytes = HostBytes {
        ty: &raw const ffi::PyBytes_Type as usize,
        length_offset: head,
        offset: head + 2 * size_of::<usize>() as i32,
    };
    probe::bytes(py, &bytes).then_some(bytes)
}

fn cdata(py: Python<'_>, type_offset: i32) -> Option<HostCData> {
    let kinds = kinds(py);
    let void = ctype::pointer_to(py, types().void()).ok()?;
    let class = &raw const void.get().class as usize;
    let cdata = HostCData {
        types: [kinds.plain, kinds.owner, kinds.kept, kinds.function]
            .map(|ty| ty as usize)
            .to_vec(),
        descriptor_offset: CData::CTYPE as i32,
        class_offset: i32::try_from(class - void.as_ptr() as usize).ok()?,
        data_offset: offset_of!(CData, data) as i32,
        void_class: void.get().class,
    };
    probe::cdata(py, type_offset, &cdata).then_some(cdata)
}

fn calls() -> HostCalls {
    let address = |function: *const c_void| function as usize;
    HostCalls {
        from_nothing: address(helpers::from_nothing as *const c_void),
        from_signed: address(ffi::PyLong_FromLongLong as *const c_void),
        from_unsigned: address(ffi::PyLong_FromUnsignedLongLong as *const c_void),
        from_double: address(ffi::PyFloat_FromDouble as *const c_void),
        from_bool: address(helpers::from_bool as *const c_void),
        from_char: address(helpers::from_char as *const c_void),
        from_pointer: address(helpers::from_pointer as *const c_void),
        from_memory: address(helpers::from_memory as *const c_void),
        release: address(ffi::PyEval_SaveThread as *const c_void),
        // pyo3's, which does not end the thread when the interpreter has gone.
        acquire: address(ffi::PyEval_RestoreThread as *const c_void),
    }
}

fn errno() -> HostErrno {
    extern "C" fn restore() {
        farcall::errno::restore();
    }
    extern "C" fn save() {
        farcall::errno::save();
    }
    match farcall::errno::distances() {
        Some(distances) => HostErrno::Thread {
            errno: distances.errno,
            saved: distances.saved,
        },
        None => HostErrno::Calls {
            restore: restore as *const () as usize,
            save: save as *const () as usize,
        },
    }
}
