//! Rust's standard library for the targets.
//!
//! A toolchain of rustup's that came without a network has no other target's library. Debian's has its source, and is
//! of a version that builds this workspace. It is built once a target into a sysroot, which later builds are given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Target;
use crate::process::{captured, succeeds};
use crate::{Error, Workspace};

/// Debian's programs, wherever else the user has some of the same name.
pub(super) const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const SOURCE: &str = "/usr/lib/rustlib/src/rust";

const HOST: &str = "x86_64-unknown-linux-gnu";

/// What is built of the library: all that a test may name.
const BUILD_STD: &str = "-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro";

/// A crate of nothing, for cargo to build the library for.
const MANIFEST: &str = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                        [lib]\npath = \"nothing.rs\"\n\n[workspace]\n";

/// What a cargo of rustup's tells the programs that it runs, and must not reach Debian's.
pub(super) const FOREIGN: [&str; 4] = ["CARGO", "LD_LIBRARY_PATH", "RUSTFLAGS", "RUSTUP_TOOLCHAIN"];

/// What Debian's cargo must be told.
pub(super) const OWN: [(&str, &str); 2] = [("RUSTC", RUSTC), ("RUSTDOC", "/usr/bin/rustdoc")];

/// Has Debian's cargo or compiler run as if nothing of rustup's were there.
pub(super) fn debians(command: &mut Command) -> &mut Command {
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(OWN)
}

/// The sysroot with `target`'s library in it, built if this version of it is not there yet.
pub(super) fn provide(workspace: &Workspace, target: &Target) -> Result<PathBuf, Error> {
    let cross = workspace.target.join("cross");
    let sysroot = cross.join("sysroot");
    let libraries = sysroot.join("lib/rustlib");
    let library = libraries.join(target.triple).join("lib");
    let stamp = libraries.join(target.triple).join("version");
    let version = captured(workspace.command(RUSTC).arg("-vV"))?.output;
    if fs::read_to_string(&stamp).is_ok_and(|built| built == version) {
        return Ok(sysroot);
    }
    eprintln!("{}: building the standard library, once", target.triple);
    let nothing = cross.join("std");
    create(&nothing)?;
    write(&nothing.join("Cargo.toml"), MANIFEST)?;
    write(&nothing.join("nothing.rs"), "#![no_std]\n")?;
    let mut cargo = workspace.command(CARGO);
    debians(&mut cargo)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", nothing.join("target"))
        .current_dir(&nothing)
        .args(["build", "--quiet", "--release", BUILD_STD, "--target"])
        .arg(target.triple);
    if !succeeds(&mut cargo)? {
        return Err(Error::Cross {
            target: target.triple,
            problem: "its standard library does not build".into(),
        });
    }
    let built = nothing.join("target").join(target.triple);
    let _ = fs::remove_dir_all(&library);
    create(&library)?;
    copy_libraries(&built.join("release/deps"), &library)?;
    // Half of what was built is not needed any more.
    let _ = fs::remove_dir_all(&built);
    link_host(&libraries)?;
    if target.triple == "i686-pc-windows-gnu" {
        start_objects(workspace, &sysroot, &library, target)?;
    }
    write(&stamp, &version)?;
    Ok(sysroot)
}

/// Build scripts and macros are for the host, whose library is that of Debian's compiler.
fn link_host(libraries: &Path) -> Result<(), Error> {
    let link = libraries.join(HOST);
    if link.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink(Path::new("/usr/lib/rustlib").join(HOST), &link)
        .map_err(Error::io(&link))
}

fn copy_libraries(from: &Path, to: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(from).map_err(Error::io(from))?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libnothing-") {
            fs::copy(entry.path(), to.join(&*name)).map_err(Error::io(to))?;
        }
    }
    Ok(())
}

/// The first and the last object of every program of 32-bit Windows, which register its unwind tables. They are no
/// part of the library's crates.
fn start_objects(
    workspace: &Workspace,
    sysroot: &Path,
    library: &Path,
    target: &Target,
) -> Result<(), Error> {
    for name in ["rsbegin", "rsend"] {
        let source = Path::new(SOURCE).join(format!("library/rtstartup/{name}.rs"));
        let mut rustc = workspace.command(RUSTC);
        debians(&mut rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["--crate-type=lib", "--emit=obj", "--target", target.triple])
            .arg("--sysroot")
            .arg(sysroot)
            .arg("-o")
            .arg(library.join(format!("{name}.o")))
            .arg(source);
        let outcome = captured(&mut rustc)?;
        if !outcome.success {
            return Err(Error::Cross {
                target: target.triple,
                problem: format!("{name}.o: {}", outcome.errors),
            });
        }
    }
    Ok(())
}

pub(super) fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::io(folder))
}

pub(super) fn write(file: &Path, text: &str) -> Result<(), Error> {
    fs::write(file, text).map_err(Error::io(file))
}
