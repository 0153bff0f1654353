//! Lists a directory through POSIX's `readdir_r`, whose declarations come from the manual page. Without an argument it
//! is `examples/expected`, where what the examples print is kept.
//!
//! `cargo run --example list_dir [DIRECTORY]`

#![allow(unsafe_code)]

use std::error::Error;

use farcall::Ffi;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/examples/expected").into());
    let ffi = Ffi::new();
    ffi.cdef(
        "typedef void DIR;
         typedef long ino_t;
         typedef long off_t;

         struct dirent {
             ino_t          d_ino;       /* inode number */
             off_t          d_off;       /* offset to the next dirent */
             unsigned short d_reclen;    /* length of this record */
             unsigned char  d_type;      /* type of file; not supported
                                            by all file system types */
             char           d_name[256]; /* filename */
         };

         DIR *opendir(const char *name);
         int readdir_r(DIR *dirp, struct dirent *entry, struct dirent **result);
         int closedir(DIR *dirp);",
    )?;
    // SAFETY: these are the C library's own declarations on 64-bit Linux.
    let lib = unsafe { ffi.process() }?;

    // SAFETY: a path goes in, a directory or NULL comes out.
    let dir = unsafe { lib.call("opendir", (path.as_str(),)) }?;
    if dir.cdata()?.is_null() {
        return Err(format!("opendir failed for {path}").into());
    }
    let entry = ffi.alloc("struct dirent *", ())?;
    let result = ffi.alloc("struct dirent **", ())?;
    let mut names = Vec::new();
    loop {
        // SAFETY: `dir` is open, and both pointers are to memory of their type.
        if unsafe { lib.call("readdir_r", (&dir, &entry, &result)) }? != 0.into() {
            return Err("readdir_r failed".into());
        }
        if result.item(0)?.cdata()?.is_null() {
            break;
        }
        names
            .push(String::from_utf8_lossy(&entry.field("d_name")?.cdata()?.string()?).into_owned());
    }
    // SAFETY: `dir` is open, and not used any more.
    unsafe { lib.call("closedir", (&dir,)) }?;

    names.sort();
    for name in names {
        println!("Found: {name}");
    }
    Ok(())
}
