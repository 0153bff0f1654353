//! Wine: where its programs are, and a prefix that Rust's programs run in.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::sysroot::{create, write};
use super::target::Runner;
use super::{Target, succeed};
use crate::process::captured;
use crate::{Error, Workspace};

/// Where Debian's package has it.
const WINE64: &str = "/usr/lib/wine/wine64";

/// 32-bit wine, which Debian has for the architecture i386 only, and the libraries it needs that are in no package for
/// amd64. They are unpacked instead of installed: this system need not know that architecture. libfreetype6 is
/// not among them, for with it an `explorer.exe` comes with every program.
const PACKAGES: [&str; 4] = ["wine32", "libwine", "libunwind8", "liblzma5"];

/// Not there in wine 8.
const BCRYPTPRIMITIVES: &str = include_str!("bcryptprimitives.c");

/// The words that run a Windows program, all but its own: `env NAME=VALUE... wine`.
pub(super) fn words(workspace: &Workspace, target: &Target) -> Result<Vec<OsString>, Error> {
    let cross = workspace.target.join("cross");
    let prefix = cross.join(format!("wine-{}", target.triple));
    let mut words: Vec<OsString> = vec!["env".into(), "-u".into(), "DISPLAY".into()];
    let mut set = |name: &str, value: OsString| {
        let mut word = OsString::from(format!("{name}="));
        word.push(value);
        words.push(word);
    };
    set("WINEPREFIX", prefix.clone().into());
    set("WINEDEBUG", "-all".into());
    // Neither .NET nor a browser is asked for when the prefix is made, and a program that dies is not debugged, with which it
    // would take its time and end with exit code 0.
    set("WINEDLLOVERRIDES", "mscoree,mshtml,winedbg.exe=".into());
    let program = match target.runner {
        Runner::Wine32 => {
            let root = wine32(workspace, target)?;
            let libraries = ["usr/lib/i386-linux-gnu", "lib/i386-linux-gnu"];
            let libraries = libraries.map(|folder| root.join(folder).into_os_string());
            set("LD_LIBRARY_PATH", libraries.join(":".as_ref()));
            set("WINEARCH", "win32".into());
            // Its dbghelp faults on frames outside of modules, and a panic would ask it.
            set("RUST_BACKTRACE", "0".into());
            set("WINESERVER", root.join("usr/lib/wine/wineserver32").into());
            root.join("usr/lib/wine/wine")
        }
        _ => WINE64.into(),
    };
    words.push(program.into());
    make_prefix(workspace, target, &prefix, &words)?;
    Ok(words)
}

fn make_prefix(
    workspace: &Workspace,
    target: &Target,
    prefix: &Path,
    words: &[OsString],
) -> Result<(), Error> {
    let system = prefix.join("drive_c/windows/system32");
    let library = system.join("bcryptprimitives.dll");
    if library.exists() {
        return Ok(());
    }
    eprintln!("{}: making a wine prefix, once", target.triple);
    // What an attempt left that was ended half way.
    let _ = fs::remove_dir_all(prefix);
    let log = workspace.target.join("cross/wineboot.txt");
    let Some((wine, environment)) = words.split_last() else {
        return Ok(());
    };
    let server = match target.runner {
        Runner::Wine32 => Path::new(wine).with_file_name("wineserver32"),
        _ => Path::new(wine).with_file_name("wineserver64"),
    };
    // Its exit code says nothing. It is complete when the server has no more to do.
    let run = |program: &Path, argument: &str| {
        let mut timeout = workspace.command("timeout");
        timeout
            .arg("300")
            .args(environment)
            .arg(program)
            .arg(argument);
        // Into a file: what wine leaves running keeps its output open.
        crate::process::logged(&mut timeout, &log)
    };
    run(Path::new(wine), "wineboot")?;
    run(&server, "--wait")?;
    if !system.join("kernel32.dll").exists() {
        return Err(Error::Cross {
            target: target.triple,
            problem: format!("wine makes no prefix, see {}", log.display()),
        });
    }
    if target.runner == Runner::Wine32 {
        copy_zlib(&system)?;
    }
    let source = workspace.target.join("cross/bcryptprimitives.c");
    write(&source, BCRYPTPRIMITIVES)?;
    let mut cc = workspace.command(target.cc());
    // The library's user links to the name without stdcall's decoration.
    cc.args(["-O1", "-shared", "-Wl,--kill-at", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ladvapi32");
    succeed(target, &mut cc)
}

/// 32-bit user32 wants this library, and Debian has it in a package of mingw's only.
fn copy_zlib(folder: &Path) -> Result<(), Error> {
    let zlib = Path::new("/usr/i686-w64-mingw32/lib/zlib1.dll");
    let copied = fs::copy(zlib, folder.join("zlib1.dll"));
    copied.map(drop).map_err(Error::io(zlib))
}

/// The folder with 32-bit wine, downloaded and unpacked if it is not there yet.
fn wine32(workspace: &Workspace, target: &Target) -> Result<PathBuf, Error> {
    let cross = workspace.target.join("cross");
    let root = cross.join("wine32");
    let stamp = root.join("complete");
    if stamp.exists() {
        return Ok(root);
    }
    eprintln!("{}: downloading 32-bit wine, once", target.triple);
    let packages = cross.join("debs");
    let _ = fs::remove_dir_all(&packages);
    create(&packages)?;
    let apt = apt(workspace, &cross.join("apt"))?;
    // Where a mirror is amid an update, some indexes cannot be had. The others may do.
    let _ = captured(apt().arg("update"))?;
    let names = PACKAGES.map(|name| format!("{name}:i386"));
    succeed(
        target,
        apt().current_dir(&packages).arg("download").args(&names),
    )?;
    for entry in fs::read_dir(&packages)
        .map_err(Error::io(&packages))?
        .flatten()
    {
        let mut dpkg = workspace.command("dpkg");
        succeed(target, dpkg.arg("-x").arg(entry.path()).arg(&root))?;
    }
    let _ = fs::remove_dir_all(&packages);
    // Without it no prefix is made.
    copy_zlib(&root.join("usr/lib/i386-linux-gnu/wine/i386-windows"))?;
    write(&stamp, "")?;
    Ok(root)
}

/// An apt that knows i386, has the system's sources, and keeps everything else in `folder`.
fn apt<'w>(
    workspace: &'w Workspace,
    folder: &Path,
) -> Result<impl Fn() -> std::process::Command + use<'w>, Error> {
    for name in ["lists/partial", "cache/archives/partial"] {
        create(&folder.join(name))?;
    }
    // Nothing is installed there.
    let status = folder.join("status");
    write(&status, "")?;
    let settings = folder.join("apt.conf");
    let place = folder.display();
    let text = format!(
        "APT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; \"i386\"; }};\nAPT::Sandbox::User \"root\";\n\
         Dir::State \"{place}\";\nDir::State::lists \"{place}/lists\";\nDir::State::status \"{place}/status\";\n\
         Dir::Cache \"{place}/cache\";\n"
    );
    write(&settings, &text)?;
    Ok(move || {
        let mut apt = workspace.command("apt-get");
        apt.env("APT_CONFIG", &settings).arg("-qq");
        apt
    })
}
