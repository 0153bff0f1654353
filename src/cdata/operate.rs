//! What C's operators do, and `ffi.string` and its kin, within known memory.

use std::ptr;

use super::CData;
use crate::host::Dynamic;
use crate::object::{self, Step};
use crate::shape::Shape;
use crate::{Error, Value};

impl CData {
    /// `p + by`: a pointer `by` items on. An array becomes a pointer.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let numbers = ffi.alloc("int[]", [10, 20, 30])?;
    /// let second = numbers.offset(1)?;
    /// assert_eq!(second.type_name(), "int *");
    /// assert_eq!(i32::try_from(second.item(1)?)?, 30);
    /// assert_eq!(second.distance(&numbers.offset(0)?)?, 1);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is neither pointer nor array, or its items have no size.
    pub fn offset(&self, by: i64) -> Result<CData, Error> {
        let (shape, address) = self.object().add(&self.types, by)?;
        Ok(self.reinterpreted(&self.types, shape.ty, address))
    }

    /// `self - other` in items, both pointers to the same type.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if they are not, or the distance is not whole.
    pub fn distance(&self, other: &CData) -> Result<i64, Error> {
        self.object().distance(&self.types, &other.object())
    }

    /// The items from `start` up to `stop`, as a `T[]` in the same memory.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let numbers = ffi.alloc("int[5]", [1, 2, 3, 4, 5])?;
    /// let middle = numbers.slice(1, 4)?;
    /// assert_eq!(middle.repr(), "<cdata 'int[]' sliced length 3>");
    /// numbers.set_slice(1, 4, [20, 30, 40])?;
    /// assert_eq!(middle.to_string(), "[20, 30, 40]");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the bounds are outside of an array or in the wrong order, or there are no items.
    pub fn slice(&self, start: i64, stop: i64) -> Result<CData, Error> {
        let slice = self.part(start, stop)?;
        let ty = slice.ty(&self.types);
        Ok(self
            .reinterpreted(&self.types, ty, slice.address)
            .with_length(slice.length))
    }

    /// Assigns to each item from `start` up to `stop`.
    ///
    /// # Errors
    ///
    /// Those of [`CData::slice`], [`Error::Refused`] if there are more or fewer values, [`Error::Bounds`] and its kin where
    /// memory is not known to be valid, and those of the conversion.
    pub fn set_slice(&self, start: i64, stop: i64, values: impl Into<Value>) -> Result<(), Error> {
        let slice = self.part(start, stop)?;
        let size = slice.item.size(&self.types).unwrap_or(0);
        let values = values.into();
        self.check_extent(slice.address, size.saturating_mul(slice.length), true)?;
        // SAFETY: so many bytes were just found to be inside the extent, which is writable.
        unsafe { slice.assign(&Dynamic::new(&self.types), &values) }
    }

    /// The items of an array in order.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is no array. Each item may fail as [`CData::item`] does.
    pub fn iter(&self) -> Result<impl Iterator<Item = Result<Value, Error>> + '_, Error> {
        let length = self.object().iterated(&self.types)?;
        Ok((0..length).map(|index| self.item(index as i64)))
    }

    /// Whether a number is not zero, or an address not NULL.
    pub fn is_true(&self) -> bool {
        // SAFETY: a number lies in the cdata itself.
        unsafe { self.object().truth(&self.types) }
    }

    /// `sizeof`: of a record that ends in an array without a length, all that it owns.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the size is not known.
    pub fn size(&self) -> Result<u64, Error> {
        self.object().size_of(&self.types)
    }

    /// The names of the members of a record, or of what a pointer points to; none for others.
    pub fn fields(&self) -> Vec<&str> {
        let slots = self.types.slots_of(&self.object().shape);
        slots.map_or_else(Vec::new, |slots| {
            slots.iter().map(|slot| &*slot.name).collect()
        })
    }

    /// A pointer to it, or to something inside of it: `&p->ends[1].y`.
    ///
    /// ```
    /// use farcall::object::Step;
    ///
    /// # let ffi = farcall::Ffi::new();
    /// ffi.cdef("struct line { struct { int x, y; } ends[2]; };")?;
    /// let line = ffi.alloc("struct line *", ())?;
    /// let y = line.address_of(&[Step::Member("ends"), Step::Item(1), Step::Member("y")])?;
    /// y.set_item(0, 7)?;
    /// assert_eq!(line.to_string().starts_with("0x"), true);
    /// assert_eq!(line.item(0)?.to_string(), "{ends: [{x: 0, y: 0}, {x: 0, y: 7}]}");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it has no address, or there is no such thing inside.
    pub fn address_of(&self, path: &[Step<'_>]) -> Result<CData, Error> {
        let (shape, address) = object::address_of(&self.types, &self.object(), path)?;
        Ok(self.reinterpreted(&self.types, shape.ty, address))
    }

    /// How cffi shows it: `<cdata 'int *' owning 4 bytes>`. [`Display`](std::fmt::Display) shows what is in it.
    pub fn repr(&self) -> String {
        let host = Dynamic::new(&self.types);
        // SAFETY: a number lies in the cdata itself.
        let repr = unsafe { object::repr(&host, &self.object()) };
        repr.unwrap_or_else(|error| error.to_string())
    }

    /// The text of a character array or behind a character pointer: bytes for `char`, text for wide characters, up to the
    /// terminating zero, the end of the memory, or `max` characters. Of a single character, itself; of an enumeration,
    /// the constant's name.
    ///
    /// ```
    /// use farcall::Value;
    ///
    /// # let ffi = farcall::Ffi::new();
    /// ffi.cdef("enum color { RED, GREEN };")?;
    /// assert_eq!(ffi.alloc("char16_t[]", "h\u{1f600}")?.text(None)?, Value::from("h\u{1f600}"));
    /// assert_eq!(ffi.alloc("char[]", "hello")?.text(Some(2))?, Value::from(&b"he"[..]));
    /// assert_eq!(ffi.cast("enum color", 1)?.text(None)?, Value::from("GREEN"));
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for other types and NULL, [`Error::Foreign`] where memory is not known to be valid.
    pub fn text(&self, max: Option<u64>) -> Result<Value, Error> {
        let object = self.object();
        let mut max = max;
        if let Some(item) = object.shape.item()
            && !object.address.is_null()
        {
            let (address, extent) = self.known_memory()?;
            let size = Shape::of(&self.types, item).size(&self.types).unwrap_or(1);
            let room = extent.room(address).unwrap_or(0) / size.max(1);
            // Behind a pointer, and for who asks for more than an array has, the memory's end is the end.
            let length = object.array_length().filter(|_| max.is_none());
            max = Some(max.or(length).unwrap_or(u64::MAX).min(room));
        }
        // SAFETY: as many characters are inside the extent; a number lies in the cdata itself.
        unsafe { object::string(&Dynamic::new(&self.types), &object, max) }
    }

    /// `length` items as one value: bytes of `char`s, text of wide characters, a list of all others.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] where there are no items, and for NULL; [`Error::Foreign`] and its kin where memory is not known
    /// to be valid.
    pub fn unpack(&self, length: i64) -> Result<Value, Error> {
        let object = self.object();
        let mut origin = None;
        if let Some(item) = object.shape.item()
            && !object.address.is_null()
            && length >= 0
        {
            let size = Shape::of(&self.types, item).size(&self.types).unwrap_or(0);
            self.check_extent(object.address, size.saturating_mul(length as u64), false)?;
            origin = Some(self.known_memory()?.1);
        }
        // SAFETY: as many items are inside the extent.
        unsafe { object::unpack(&Dynamic::new(&self.types), &object, length, origin) }
    }

    /// The bytes of what a pointer points to, or of an array; `size` of them.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// let numbers = ffi.alloc("uint16_t[]", [1, 2])?;
    /// assert_eq!(numbers.read_bytes(None)?, [1, 0, 2, 0]);
    /// numbers.write_bytes(1, &[4])?;
    /// assert_eq!(numbers.to_string(), "[1025, 2]");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for other types, [`Error::Bounds`] and its kin where memory is not known to be valid.
    pub fn read_bytes(&self, size: Option<u64>) -> Result<Vec<u8>, Error> {
        let (address, size) = self.object().buffer(&self.types, size)?;
        self.check_extent(address, size, false)?;
        // SAFETY: so many bytes were just found to be inside the extent.
        Ok(unsafe { std::slice::from_raw_parts(address, size as usize) }.to_vec())
    }

    /// Writes bytes `at` bytes behind what a pointer points to, or an array's start.
    ///
    /// # Errors
    ///
    /// As [`CData::read_bytes`], and [`Error::ReadOnly`].
    pub fn write_bytes(&self, at: u64, bytes: &[u8]) -> Result<(), Error> {
        let (address, _) = self.object().buffer(&self.types, Some(0))?;
        let to = address.wrapping_add(at as usize);
        self.check_extent(to, bytes.len() as u64, true)?;
        // SAFETY: so many bytes were just found to be inside the extent, which is writable.
        unsafe { ptr::copy(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    fn part(&self, start: i64, stop: i64) -> Result<object::Slice, Error> {
        let slice = self
            .object()
            .slice(&self.types, Some(start), Some(stop), false);
        slice.map_err(|error| self.noted(error))
    }

    /// Checks that `size` bytes at `address` are known to be valid, and writable if they are to be written.
    pub(crate) fn check_extent(
        &self,
        address: *mut u8,
        size: u64,
        writing: bool,
    ) -> Result<(), Error> {
        let extent = self.known(address, size, || format!("{size} bytes"))?;
        match writing {
            true => self.check_writable(extent),
            false => Ok(()),
        }
    }
}
