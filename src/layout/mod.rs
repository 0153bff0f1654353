//! Sizes, alignments and offsets, for a target and not for the host.
//!
//! Pure functions over [`TypeSource`](crate::ctype::TypeSource). A record's layout is computed once, when its body is
//! declared, and kept with it.

mod microsoft;
mod model;
mod record;
mod size;
mod sysv;

pub use model::{Arch, DataModel, LongDouble, LongDoubleFormat, RecordRules};
pub use record::BitFieldRules;
pub(crate) use record::{MemberSpec, Mode, RecordSpec, lay_out};
pub(crate) use size::type_align;
pub use size::{Layout, LayoutError, layout_of};
