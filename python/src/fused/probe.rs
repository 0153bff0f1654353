//! Whether the running interpreter's objects look as stubs read them: real objects are read in the same way, and what the
//! interpreter's own functions say of them must come out.
//!
//! `FARCALL_FUSED` in the environment turns reading off, in whole (`off`) or by what is read (`-ints`, `-floats`, `-bytes`,
//! `-cdata`, one or several with commas): the probe then expects something that the objects do not have.

use std::sync::atomic::{AtomicU64, Ordering};

use farcall::jit::{HostBytes, HostCData, HostFloats, HostSign};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat};

use super::host;
use super::recipe::Style;
use crate::cdata::{self, CData};
use crate::ctype;
use crate::slot::{Object, owned};
use crate::state::types as c_types;

/// Calls by fused stubs, which add to it with the interpreter's lock held.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Calls made the general way, likewise.
static GENERAL: AtomicU64 = AtomicU64::new(0);

/// Counts a call that is made the general way.
#[inline]
pub(super) fn count_general() {
    GENERAL.store(
        GENERAL.load(Ordering::Relaxed).wrapping_add(1),
        Ordering::Relaxed,
    );
}

pub(super) fn counter() -> usize {
    CALLS.as_ptr() as usize
}

fn environment() -> String {
    std::env::var("FARCALL_FUSED").unwrap_or_default()
}

/// Whether fused stubs are not wanted.
pub(crate) fn is_off() -> bool {
    environment() == "off"
}

/// Whether a probe is to fail.
fn is_forced(what: &str) -> bool {
    environment()
        .split(',')
        .any(|item| item.strip_prefix('-') == Some(what))
}

/// A word of an object.
fn word(object: Object, offset: i32) -> usize {
    // SAFETY: callers read inside of objects of at least that size.
    unsafe { object.byte_offset(offset as isize).cast::<usize>().read() }
}

fn digit(object: Object, offset: i32) -> u32 {
    // SAFETY: as above.
    unsafe { object.byte_offset(offset as isize).cast::<u32>().read() }
}

/// Whether objects have the address of their type there.
pub(super) fn types(py: Python<'_>, offset: i32) -> bool {
    let objects = [
        PyFloat::new(py, 1.5).into_any(),
        PyBytes::new(py, b"text").into_any(),
        PyBool::new(py, true).to_owned().into_any(),
        PyDict::new(py).into_any(),
    ];
    objects
        .iter()
        .all(|object| word(object.as_ptr(), offset) == object.get_type().as_ptr() as usize)
}

/// How integers are kept, if it is one of the ways that are known. `head` is the size of what all objects begin with.
pub(super) fn ints(py: Python<'_>, head: i32) -> Option<HostSign> {
    let mut numbers: Vec<i64> = vec![0];
    for bit in [0, 1, 7, 15, 16, 29, 30, 31, 32, 45, 58, 59, 60, 61, 62] {
        for near in [-1, 0, 1] {
            let number = (1i64 << bit).wrapping_add(near);
            numbers.extend([number, -number]);
        }
    }
    let forced = if is_forced("ints") { 1 } else { 0 };
    let agrees = |sign: HostSign, number: i64| {
        // SAFETY: makes an integer.
        let object = unsafe { owned(py, ffi::PyLong_FromLongLong(number)) };
        let read = read_int(object.as_ptr(), head, sign);
        let want = (number.unsigned_abs() < 1 << 60).then_some(number + forced);
        read == want
    };
    let truths = |sign: HostSign| {
        let truth = |value: bool| read_int(PyBool::new(py, value).as_ptr(), head, sign);
        truth(true) == Some(1) && truth(false) == Some(0)
    };
    let ways = [HostSign::OfCount, HostSign::LowBits];
    ways.into_iter()
        .find(|&sign| numbers.iter().all(|&number| agrees(sign, number)) && truths(sign))
}

/// What a stub reads; none for more than two digits.
fn read_int(object: Object, head: i32, sign: HostSign) -> Option<i64> {
    let count = word(object, head) as isize;
    let (digits, negative) = match sign {
        HostSign::OfCount => (count.unsigned_abs(), count < 0),
        HostSign::LowBits => (count as usize >> 3, count & 3 == 2),
    };
    let at = head + size_of::<usize>() as i32;
    let low = || i64::from(digit(object, at));
    let magnitude = match digits {
        0 => 0,
        1 => low(),
        2 => low() | i64::from(digit(object, at + 4)) << 30,
        _ => return None,
    };
    let zero = sign == HostSign::LowBits && count & 3 == 1;
    let magnitude = if zero { 0 } else { magnitude };
    Some(if negative { -magnitude } else { magnitude })
}

pub(super) fn floats(py: Python<'_>, floats: &HostFloats) -> bool {
    let numbers = [
        0.0,
        -0.0,
        1.5,
        -1e300,
        f64::INFINITY,
        f64::MIN_POSITIVE,
        0.1,
    ];
    let wrong = if is_forced("floats") { 1 } else { 0 };
    numbers.iter().all(|&number| {
        let object = PyFloat::new(py, number);
        let bits = word(object.as_ptr(), floats.offset) as u64;
        bits == number.to_bits() + wrong && object.get_type().as_ptr() as usize == floats.ty
    })
}

pub(super) fn bytes(py: Python<'_>, bytes: &HostBytes) -> bool {
    let texts: [&[u8]; 5] = [b"", b"a", b"\0", b"some text", &[7; 1000]];
    let wrong = if is_forced("bytes") { 1 } else { 0 };
    texts.iter().all(|text| {
        let object = PyBytes::new(py, text);
        let start = object.as_ptr() as usize + bytes.offset as usize;
        object.get_type().as_ptr() as usize == bytes.ty
            && word(object.as_ptr(), bytes.length_offset) == text.len() + wrong
            && object.as_bytes().as_ptr() as usize == start
    })
}

pub(super) fn cdata(py: Python<'_>, type_offset: i32, layout: &HostCData) -> bool {
    let check = || -> PyResult<bool> {
        let types = c_types();
        let int = types.primitive(farcall::ctype::Primitive::Int);
        let pointer = ctype::pointer_to(py, int)?;
        let wrong = if is_forced("cdata") { 1 } else { 0 };
        let address = std::ptr::without_provenance_mut::<u8>(0x1230);
        let made = [
            owned(py, cdata::reference(py, &pointer, address, -1)?),
            owned(py, cdata::owner(py, &pointer, 4, 4, -1)?),
        ];
        Ok(made.iter().all(|object| {
            let object = object.as_ptr();
            let descriptor = word(object, layout.descriptor_offset) as Object;
            let class = digit(descriptor, layout.class_offset) as i32;
            let data = CData::of(py, &object).map_or(0, |cdata| cdata.data as usize);
            layout.types.contains(&word(object, type_offset))
                && descriptor == pointer.as_ptr()
                && class == pointer.get().class + wrong
                && class > 0
                && class != layout.void_class
                && word(object, layout.data_offset) == data
        }))
    };
    check().unwrap_or(false)
}

/// What `_farcall._fused_stats()` returns: how many calls stubs have made and how many were made the general way, how many
/// stubs there are, and what they read in place.
pub(crate) fn stats(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let stats = PyDict::new(py);
    stats.set_item("calls", CALLS.load(Ordering::Relaxed))?;
    stats.set_item("general", GENERAL.load(Ordering::Relaxed))?;
    stats.set_item(
        "stubs",
        crate::state::root().engine().stats().fused_compiled,
    )?;
    let host = host::host(py, Style::Cdata);
    let host = host.as_deref();
    stats.set_item("ints", host.is_some_and(|host| host.ints.is_some()))?;
    stats.set_item("floats", host.is_some_and(|host| host.floats.is_some()))?;
    stats.set_item("bytes", host.is_some_and(|host| host.bytes.is_some()))?;
    stats.set_item("cdata", host.is_some_and(|host| host.cdata.is_some()))?;
    Ok(stats)
}
