//! Sizes, alignments and offsets, for a target and not for the host.
//!
//! Pure functions over [`TypeSource`](crate::ctype::TypeSource). A record's layout is computed once, when its body is
//! declared, and kept with it.

mod model;
mod size;

pub use model::{Arch, DataModel, LongDouble, LongDoubleFormat, RecordRules};
pub use size::{Layout, LayoutError, layout_of};
