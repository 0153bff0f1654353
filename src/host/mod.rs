//! How the core sees the values of the language that embeds it.
//!
//! Everything in [`convert`](crate::convert) and [`object`](crate::object) is generic over a [`Host`] and compiled for
//! each: a host that looks into its own objects costs nothing on the way. The crate's own [`Value`](crate::Value)s are
//! one host, [`Dynamic`].

#![allow(unsafe_code)]

mod dynamic;
mod quoted;
mod view;

pub use dynamic::Dynamic;
pub use view::{CDataRef, Integer, View};

use crate::Error;
use crate::ctype::{TypeId, TypeTable};
use crate::shape::Shape;

/// A language's values, looked at and made.
///
/// Values come in as [`Host::Ref`], which is borrowed for as long as the value lives. Errors of the host's own (an
/// exception out of a conversion method, say) pass through as they are.
///
/// The methods that look at values are asked in this order, so that common values are recognised first:
/// [`Host::small_integer`] or [`Host::exact_float`] where the C type is a number, then [`Host::cdata`], then
/// [`Host::integer`] and its kin, or [`Host::view`] where the C type is not a number.
///
/// Implementations write `Self::Ref<'v>` where the trait does: spelled out, the lifetime would be bound otherwise.
///
/// # Safety
///
/// What the host says of cdata is so: [`Host::cdata`] gives a type of [`Host::types`] and an address where, if that is a number,
/// an array or a record, its bytes lie (of a `T[]` so many items) as long as the value is borrowed, unless
/// [`Host::check_readable`] refuses it. With [`Host::BYTES_END_WITH_NUL`], a zero follows all bytes. The rest may be wrong,
/// and values may change from one question to the next: conversions then fail or store something else, inside the bounds.
///
/// [`Host::types`] is always one table, that of the shapes, types and callers which the host is used with. [`Host::make_record`]
/// gives `fill` the start of `size` writable bytes, aligned to `align`, which stay and are nobody else's while it runs.
pub unsafe trait Host {
    /// A borrowed value.
    type Ref<'v>: Copy;
    /// A value that the host made.
    type Value;
    /// What can go wrong: errors of the core, and the host's own.
    type Error: From<Error>;
    /// Who keeps the memory valid that is read from; goes with references into it. `()` if the host does not care.
    type Origin<'a>: Copy;

    /// Whether values are taken that cffi refuses though they have a plain meaning: none as NULL, text as UTF-8 where C
    /// wants bytes, integers as characters, names as enumeration constants, a mapping for what an argument points to,
    /// an array for another one of the same items.
    const LENIENT: bool;
    /// Whether the byte after [`View::Bytes`] is there and zero, so that C may be given its address as text.
    const BYTES_END_WITH_NUL: bool;

    /// The table that all types of the conversion are of.
    fn types(&self) -> &TypeTable;

    /// Runs `call`, which enters C: the place to let other threads run meanwhile. `errno` is taken care of inside of it.
    #[inline]
    fn call_out(&self, call: impl FnOnce()) {
        call();
    }

    /// The origin of what lies nowhere that lasts: the result of a call.
    fn nowhere<'a>(&self) -> Self::Origin<'a>;

    /// What kind of value this is. Only called for values that [`Host::cdata`] does not know.
    fn view<'v>(&self, value: Self::Ref<'v>) -> View<'v>;

    /// The cdata in a value.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn cdata(&self, value: Self::Ref<'_>) -> Result<Option<CDataRef>, Self::Error>;

    /// Checks that `size` bytes of the cdata in `value` may be read. Nothing is checked unless the host wants to.
    ///
    /// # Errors
    ///
    /// The host's own.
    #[inline]
    fn check_readable(&self, value: Self::Ref<'_>, size: u64) -> Result<(), Self::Error> {
        let _ = (value, size);
        Ok(())
    }

    /// What else of the host's may be given as a pointer argument to `target`: an open file for a `FILE *`, say.
    ///
    /// # Errors
    ///
    /// The host's own.
    #[inline]
    fn other_pointer(
        &self,
        target: &Shape,
        value: Self::Ref<'_>,
    ) -> Result<Option<*mut u8>, Self::Error> {
        let _ = (target, value);
        Ok(None)
    }

    /// An integer of at most 64 bits, where that is quickly seen.
    fn small_integer(&self, value: Self::Ref<'_>) -> Option<i64>;

    /// A floating-point number, where that is quickly seen.
    fn exact_float(&self, value: Self::Ref<'_>) -> Option<f64>;

    /// The value as an integer, as an assignment takes it: floating-point numbers are refused.
    ///
    /// # Errors
    ///
    /// [`Error::not_an_integer`], and the host's own.
    fn integer(&self, value: Self::Ref<'_>) -> Result<Integer, Self::Error>;

    /// The value as a length, an index or an offset: only what is an integer already.
    ///
    /// # Errors
    ///
    /// Nothing if it is no integer at all; the host's own error if it is one that is too large.
    fn index(&self, value: Self::Ref<'_>) -> Result<Option<i64>, Self::Error>;

    /// The low 128 bits of the value as a cast to an integer makes it: floating-point numbers are cut off.
    ///
    /// # Errors
    ///
    /// As [`Host::integer`].
    fn wrapped(&self, value: Self::Ref<'_>) -> Result<u128, Self::Error>;

    /// Whether the value is not zero, as a cast to `_Bool` asks.
    ///
    /// # Errors
    ///
    /// The host's own, for what is no number.
    fn truth(&self, value: Self::Ref<'_>) -> Result<bool, Self::Error>;

    /// The value as a floating-point number.
    ///
    /// # Errors
    ///
    /// The host's own, for what is no number.
    fn float(&self, value: Self::Ref<'_>) -> Result<f64, Self::Error>;

    /// The value as real and imaginary part.
    ///
    /// # Errors
    ///
    /// The host's own, for what is no number.
    fn complex(&self, value: Self::Ref<'_>) -> Result<(f64, f64), Self::Error>;

    /// The code points of a [`View::Text`], which may be lone surrogates.
    fn code_points<'v>(&self, text: Self::Ref<'v>) -> impl Iterator<Item = u32> + Clone;

    /// Shows each item of a [`View::Sequence`] to `visit`, in order.
    ///
    /// # Errors
    ///
    /// The first error of `visit`.
    fn items(
        &self,
        sequence: Self::Ref<'_>,
        visit: impl FnMut(Self::Ref<'_>) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;

    /// Shows each member of a [`View::Mapping`] to `visit`, with its name, in order. What is no name is an error of the
    /// host's own.
    ///
    /// # Errors
    ///
    /// The first error of `visit`, and the host's own.
    fn members(
        &self,
        mapping: Self::Ref<'_>,
        visit: impl FnMut(&str, Self::Ref<'_>) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;

    /// An error with the next step outwards added to the place it names, if the host wants to show places.
    fn within(error: Self::Error, step: impl FnOnce() -> String) -> Self::Error {
        let _ = step;
        error
    }

    /// Bytes, and whatever else of the host's may be assigned to a slice of `char`s at once.
    #[inline]
    fn byte_string<'v>(&self, value: Self::Ref<'v>) -> Option<&'v [u8]> {
        match self.view(value) {
            View::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Shows `visit` every value that the host iterates over, in order, as the assignment to a slice takes them.
    ///
    /// # Errors
    ///
    /// The first error of `visit`; the host's own, for what cannot be iterated over.
    fn iterate(
        &self,
        value: Self::Ref<'_>,
        visit: impl FnMut(Self::Ref<'_>) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;

    /// How the host shows the number at `from`, in cdata's repr.
    ///
    /// # Errors
    ///
    /// The host's own.
    ///
    /// # Safety
    ///
    /// A number of the type is readable there.
    unsafe fn repr_at(&self, shape: &Shape, from: *const u8) -> Result<String, Self::Error>;

    /// What errors call the type of the value: `list`.
    fn type_name(&self, value: Self::Ref<'_>) -> String;

    /// What errors show of a number that does not fit.
    fn show(&self, value: Self::Ref<'_>) -> String;

    /// No value.
    fn none(&self) -> Self::Value;

    /// A truth value.
    fn make_bool(&self, value: bool) -> Self::Value;

    /// An integer.
    fn make_int(&self, value: i64) -> Self::Value;

    /// An integer without a sign.
    fn make_uint(&self, value: u64) -> Self::Value;

    /// An integer of 128 bits.
    fn make_wide_int(&self, value: i128) -> Self::Value;

    /// An integer of 128 bits without a sign.
    fn make_wide_uint(&self, value: u128) -> Self::Value;

    /// A floating-point number.
    fn make_float(&self, value: f64) -> Self::Value;

    /// A complex number.
    fn make_complex(&self, real: f64, imaginary: f64) -> Self::Value;

    /// Bytes. One byte is also what a C `char` becomes.
    ///
    /// # Errors
    ///
    /// Where there is no memory for so many.
    fn make_bytes(&self, bytes: &[u8]) -> Result<Self::Value, Self::Error>;

    /// Text of these code points; lone surrogates may be among them.
    ///
    /// # Errors
    ///
    /// The host's own, for code points that its text cannot hold.
    fn make_text(
        &self,
        code_points: impl Iterator<Item = u32> + Clone,
    ) -> Result<Self::Value, Self::Error>;

    /// What a C character type of more than one byte becomes.
    ///
    /// # Errors
    ///
    /// As [`Host::make_text`].
    #[inline]
    fn make_character(&self, unit: u32) -> Result<Self::Value, Self::Error> {
        self.make_text(std::iter::once(unit))
    }

    /// A list of `count` items.
    ///
    /// # Errors
    ///
    /// The first error of `item`, and the host's own.
    fn make_list(
        &self,
        count: usize,
        item: impl FnMut(usize) -> Result<Self::Value, Self::Error>,
    ) -> Result<Self::Value, Self::Error>;

    /// cdata that is a pointer, of type `ty`, and owns nothing.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn make_pointer(&self, ty: TypeId, address: *mut u8) -> Result<Self::Value, Self::Error>;

    /// cdata that refers to an array, a record or a vector of type `ty` in memory that `origin` keeps valid. `length` is
    /// that of a `T[]`.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn make_reference(
        &self,
        ty: TypeId,
        address: *mut u8,
        length: Option<u64>,
        origin: Self::Origin<'_>,
    ) -> Result<Self::Value, Self::Error>;

    /// What an array without a length in memory becomes: a pointer to its first item, of the type `item`, for nobody knows
    /// where it ends.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn make_open_array(
        &self,
        ty: TypeId,
        item: TypeId,
        address: *mut u8,
        origin: Self::Origin<'_>,
    ) -> Result<Self::Value, Self::Error> {
        let _ = (ty, origin);
        self.make_pointer(self.types().pointer(item), address)
    }

    /// What a cast of `source` makes: a pointer or an array of type `ty`. It owns nothing, unless the host is careful.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn make_cast(
        &self,
        ty: TypeId,
        address: *mut u8,
        source: Self::Ref<'_>,
    ) -> Result<Self::Value, Self::Error> {
        let _ = source;
        self.make_pointer(ty, address)
    }

    /// cdata that is a number of type `ty`, with its bytes.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn make_number(&self, ty: TypeId, bytes: &[u8]) -> Result<Self::Value, Self::Error>;

    /// cdata that owns a record of type `ty`, whose `size` bytes `fill` writes: the result of a call.
    ///
    /// # Errors
    ///
    /// The host's own.
    fn make_record(
        &self,
        ty: TypeId,
        size: u64,
        align: u64,
        fill: impl FnOnce(*mut u8),
    ) -> Result<Self::Value, Self::Error>;
}
