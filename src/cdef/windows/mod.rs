//! Names of the Windows headers (Microsoft's "Windows Data Types", and the structures of `kernel32`, `user32`, `gdi32` and
//! `advapi32` that functions of everyday take).
//!
//! Handles are `void *`, as the headers have them without `STRICT`. `TCHAR` and the names without `A` or `W` are those of
//! programs that do not define `UNICODE`. Numbers have Windows' sizes on every target: what is declared with these names
//! describes Windows' files and protocols there, whatever a `long` is.

mod names;
mod records;

use self::names::NAMES;
use self::records::RECORDS;
use crate::layout::DataModel;

/// What a name stands for, in terms of other names.
pub(super) fn name(name: &str, model: &DataModel) -> Option<&'static str> {
    match (name, model.pointer_size) {
        ("HALF_PTR", 4) => Some("SHORT"),
        ("UHALF_PTR", 4) => Some("USHORT"),
        ("LONG", _) if model.long_size != 4 => Some("int"),
        ("DWORD" | "ULONG", _) if model.long_size != 4 => Some("unsigned int"),
        ("WCHAR", _) if model.wchar_size != 2 => Some("char16_t"),
        _ => find(NAMES, name),
    }
}

/// The structure or union that a name stands for.
pub(super) fn record(name: &str) -> Option<&'static str> {
    find(RECORDS, name)
}

/// The name of the structure or union that is declared with a tag: `OVERLAPPED` for `struct _OVERLAPPED`.
pub(super) fn tagged(keyword: &str, tag: &str) -> Option<&'static str> {
    let mut rows = RECORDS.iter();
    let row = rows.find(|row| row.1.split(' ').take(2).eq([keyword, tag]))?;
    Some(row.0)
}

/// Looks a name up in a list that is sorted by name.
fn find(list: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    let at = list.binary_search_by_key(&name, |row| row.0).ok()?;
    Some(list[at].1)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, RECORDS};

    #[test]
    fn the_lists_are_sorted_and_name_nothing_twice() {
        for list in [NAMES, RECORDS] {
            let unsorted = list.windows(2).find(|rows| rows[0].0 >= rows[1].0);
            assert_eq!(unsorted, None);
        }
        let both = NAMES.iter().find(|name| super::record(name.0).is_some());
        assert_eq!(both, None);
    }
}
