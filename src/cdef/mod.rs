//! C declarations: from text to types and names.

mod declaration;
mod declarations;
mod error;
mod parse;

pub use declaration::{CdefOptions, Constant, Declaration, Function, Origin, Tag, Value, Variable};
pub use declarations::Declarations;
pub use error::{CdefError, CdefErrorKind, CdefErrors};
