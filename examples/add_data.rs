//! An array of structs to C, a struct back: builds `add_data.c` with the C compiler, then calls it from its
//! declaration alone.

#![allow(unsafe_code)]

use std::error::Error;
use std::ffi::c_uint;
use std::path::{Path, PathBuf};
use std::process::Command;

use farcall::Ffi;

farcall::c_struct! {
    /// The C struct again, for the typed call.
    #[derive(Debug)]
    struct DataPoint {
        num: i32,
        dnum: f64,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let library = build()?;
    let ffi = Ffi::new();
    ffi.cdef(
        "typedef struct {
             int num;
             double dnum;
         } DataPoint;

         DataPoint add_data(const DataPoint* dps, unsigned n);",
    )?;
    // SAFETY: the declarations are those of add_data.c.
    let lib = unsafe { ffi.dlopen(library.to_str().ok_or("path is not text")?) }?;

    let points = ffi.alloc("DataPoint[]", [(2, 2.2), (3, 3.3), (4, 4.4), (5, 5.5)])?;
    // SAFETY: `points` holds four of them.
    let sum = unsafe { lib.call("add_data", (&points, 4)) }?;
    println!("dynamic: {}, {}", sum.field("num")?, sum.field("dnum")?);

    type AddData = unsafe extern "C" fn(*const DataPoint, c_uint) -> DataPoint;
    let add_data = lib.func::<AddData>("add_data")?;
    let points = [DataPoint { num: 1, dnum: 0.5 }; 3];
    // SAFETY: `points` holds three of them.
    let sum = unsafe { add_data(points.as_ptr(), 3) };
    println!("typed: {sum:?}");
    Ok(())
}

/// Builds the library beside this program.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/add_data.c");
    let library = std::env::current_exe()?.with_file_name("libsomelib.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let status = Command::new(&compiler)
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(source)
        .status()?;
    if !status.success() {
        return Err(format!("{compiler} failed").into());
    }
    Ok(library)
}
