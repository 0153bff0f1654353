//! Where something went wrong.

use std::fmt;

/// Where a value was to go: from the outermost place to the innermost, empty where nothing needs saying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(pub(super) Vec<String>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str(" (")?;
        for (i, step) in self.0.iter().rev().enumerate() {
            write!(f, "{}{step}", if i > 0 { ", " } else { "" })?;
        }
        f.write_str(")")
    }
}
