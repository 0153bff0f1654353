//! The file names that a library's name may stand for.

use std::cmp::Reverse;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

/// File names to try, in order. A path and a file name stand for themselves; a bare name such as `m` for
/// `libm.so` and for the versions of it that are installed, the highest first.
///
/// `libm.so` alone would not do: where a compiler is installed it is often a text for the linker, and where none
/// is it does not exist.
pub(super) fn candidates(name: &str) -> Vec<String> {
    if name.contains(['/', '\\']) || is_file_name(name) {
        return vec![name.into()];
    }
    let linker_name = format!("{DLL_PREFIX}{name}{DLL_SUFFIX}");
    let mut candidates = versions(&linker_name);
    candidates.insert(0, linker_name);
    candidates.push(name.into());
    candidates
}

/// For a bare name of which no version is installed: what was looked for, and where.
pub(super) fn searched(name: &str) -> Option<(String, String)> {
    let linker_name = format!("{DLL_PREFIX}{name}{DLL_SUFFIX}");
    let bare = !name.contains(['/', '\\']) && !is_file_name(name);
    let directories = directories();
    let looked = bare && !directories.is_empty();
    (looked && versions(&linker_name).is_empty()).then(|| {
        let places: Vec<_> = directories
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        (
            format!("{linker_name}.*"),
            format!("no such file in {}", places.join(", ")),
        )
    })
}

fn is_file_name(name: &str) -> bool {
    name.ends_with(DLL_SUFFIX) || name.contains(".so.")
}

/// Installed `NAME.1`, `NAME.1.2`, ...: the highest major version first, and of each the shortest name.
fn versions(linker_name: &str) -> Vec<String> {
    let prefix = format!("{linker_name}.");
    let mut found: Vec<(Vec<u64>, String)> = directories()
        .iter()
        .filter_map(|directory| std::fs::read_dir(directory).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| {
            let numbers = file
                .strip_prefix(&prefix)?
                .split('.')
                .map(str::parse)
                .collect::<Result<_, _>>()
                .ok()?;
            Some((numbers, file))
        })
        .collect();
    found.sort_by_key(|(numbers, _)| (Reverse(numbers[0]), numbers.len()));
    let mut files: Vec<String> = found.into_iter().map(|(_, file)| file).collect();
    files.dedup();
    files
}

/// Where the loader of Linux looks, in so far as it follows from no configuration file. Elsewhere versions are not part of
/// file names.
fn directories() -> Vec<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    // Debian's name for 32-bit x86 is neither Rust's nor the processor's.
    let (arch, suffix) = if cfg!(target_arch = "x86") {
        ("i386", "32")
    } else {
        (std::env::consts::ARCH, "64")
    };
    let triplet = format!("{arch}-linux-gnu");
    let roots = ["/usr/local/lib", "/lib", "/usr/lib"].map(String::from);
    let biarch = ["/lib", "/usr/lib"].map(|root| format!("{root}{suffix}"));
    let path = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|p| p.is_absolute())
        .collect();
    directories.extend(
        roots
            .iter()
            .chain(&biarch)
            .flat_map(|root| [Path::new(root).join(&triplet), root.into()]),
    );
    directories
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::candidates;

    #[test]
    fn paths_and_file_names_stand_for_themselves() {
        for name in ["./libx.so", "/lib/libx.so.3", "libm.so.6", "plugin.so"] {
            assert_eq!(candidates(name), [name]);
        }
    }

    #[test]
    fn a_bare_name_finds_the_installed_version() {
        let found = candidates("c");
        assert_eq!(found[0], "libc.so");
        assert!(found.contains(&"libc.so.6".to_owned()), "{found:?}");
    }
}
