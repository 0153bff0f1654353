use std::path::PathBuf;

use super::Tally;
use crate::process::{captured, succeeds};
use crate::tally::Skip;
use crate::{Error, Workspace, debian};

/// A package of Debian's that the tests use.
struct Package {
    name: &'static str,
    /// What it is for.
    why: &'static str,
    /// What cannot be run without it: `judge CC`, `example NAME`, a step's part, or `BINARY TEST` as nextest has it.
    /// Empty where nothing at all can be built.
    needed_by: &'static [&'static str],
}

/// The part of the step "features" that builds what is in `fuzz/`.
pub(super) const FUZZ_TARGETS: &str = "fuzz targets";

const PACKAGES: &[Package] = &[
    Package {
        name: "gcc",
        why: "links Rust programs, compiles libffi and the callees of the ABI judge",
        needed_by: &[
            "judge gcc",
            "judge clang",
            "example add_data",
            "layouts x86_64-linux",
            "headers",
        ],
    },
    Package {
        name: "g++",
        why: "compiles functions that throw through the engine's frames, and libFuzzer",
        needed_by: &[
            "farcall-jit::unwind cpp_exceptions_cross_callbacks",
            "farcall-jit::unwind cpp_exceptions_cross_stubs",
            "farcall-jit::unwind cpp_exceptions_end_at_callbacks_that_do_not_unwind",
            FUZZ_TARGETS,
        ],
    },
    Package {
        name: "make",
        why: "builds libffi",
        needed_by: &[],
    },
    Package {
        name: "clang",
        why: "the second compiler of the ABI judge and of layouts",
        needed_by: &[
            "judge clang",
            "layouts x86_64-linux",
            "layouts aarch64-linux",
            "layouts i686-linux",
            "layouts x86_64-windows",
            "layouts i686-windows",
            "layouts x86_64-windows-msvc",
            "layouts i686-windows-msvc",
        ],
    },
    Package {
        name: "libexpat1",
        why: "the library that the expat example calls, and that calls it",
        needed_by: &["example expat"],
    },
    Package {
        name: "gdb",
        why: "shows the backtraces that go through callbacks",
        needed_by: &["farcall-jit::gdb gdb_sees_through_callbacks"],
    },
    Package {
        name: "python3-venv",
        why: "runs the tests of the Python package",
        needed_by: &["python"],
    },
    Package {
        name: "libsqlite3-0",
        why: "the library that the sqlite example calls",
        needed_by: &["example sqlite"],
    },
    Package {
        name: "gcc-aarch64-linux-gnu",
        why: "lays out records for 64-bit ARM",
        needed_by: &["layouts aarch64-linux", "headers"],
    },
    Package {
        name: "gcc-i686-linux-gnu",
        why: "lays out records for 32-bit Linux",
        needed_by: &["layouts i686-linux", "headers"],
    },
    Package {
        name: "gcc-mingw-w64-x86-64-posix",
        why: "lays out records for 64-bit Windows, and has its headers",
        needed_by: &["layouts x86_64-windows", "headers"],
    },
    Package {
        name: "gcc-mingw-w64-i686-posix",
        why: "lays out records for 32-bit Windows, and has its headers",
        needed_by: &["layouts i686-windows", "headers"],
    },
    Package {
        name: "libc6-dev-arm64-cross",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libc6-dev-i386-cross",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libcairo2-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libcurl4-openssl-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libgl-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libgtk-3-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libsqlite3-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "libssl-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
    Package {
        name: "pkg-config",
        why: "tells where gtk's and cairo's headers are",
        needed_by: &["headers"],
    },
    Package {
        name: "zlib1g-dev",
        why: "headers to parse",
        needed_by: &["headers"],
    },
];

/// The version is fixed, so that a new release cannot break the tests.
const INSTALL_NEXTEST: &str = "install cargo-nextest --version 0.9.143 --locked --root";

/// What the tests need, and whether it is there.
pub(super) struct Requirements {
    missing: Vec<&'static Package>,
    /// The command line that runs nextest, unless it cannot be had.
    pub(super) nextest: Option<Vec<String>>,
}

impl Requirements {
    /// Looks, and installs what is missing, where this user may.
    pub(super) fn meet(workspace: &Workspace) -> Result<(Self, Tally), Error> {
        let mut tally = Tally::default();
        let mut missing = missing(workspace);
        if !missing.is_empty() && debian::is_root(workspace) {
            install(workspace, &missing)?;
            missing = self::missing(workspace);
            for package in &missing {
                tally.add(Tally::failed(format!("to install {}", package.name)));
            }
        } else if !missing.is_empty() {
            let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
            println!(
                "missing, to be installed by root: apt-get install {}",
                names.join(" ")
            );
        }
        let nextest = nextest(workspace)?;
        Ok((Self { missing, nextest }, tally))
    }

    /// Why a test cannot be run, if it cannot.
    pub(super) fn missing(&self, test: &str) -> Option<String> {
        let mut missing = self.missing.iter();
        let package = missing.find(|package| package.needed_by.contains(&test))?;
        Some(package.reason())
    }

    /// Tests of nextest's that cannot be run, as `BINARY TEST`, and why.
    pub(super) fn impossible(&self) -> Vec<Skip> {
        let tests = self.missing.iter().flat_map(|package| {
            let tests = package.needed_by.iter();
            tests.filter(|test| test.contains("::")).map(|&test| Skip {
                what: test.into(),
                why: package.reason(),
            })
        });
        tests.collect()
    }
}

impl Package {
    fn reason(&self) -> String {
        format!("the package {} is not installed ({})", self.name, self.why)
    }
}

/// Packages that are not installed.
fn missing(workspace: &Workspace) -> Vec<&'static Package> {
    let names: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
    let missing = debian::missing(workspace, &names);
    let packages = PACKAGES.iter();
    packages
        .filter(|package| missing.contains(&package.name))
        .collect()
}

fn install(workspace: &Workspace, packages: &[&Package]) -> Result<(), Error> {
    for package in packages {
        println!("installing {}: {}", package.name, package.why);
    }
    let names: Vec<&str> = packages.iter().map(|package| package.name).collect();
    debian::install(workspace, &names)
}

/// The command line of nextest, which is compiled once into the target folder if the user has none.
fn nextest(workspace: &Workspace) -> Result<Option<Vec<String>>, Error> {
    if captured(&mut workspace.cargo("nextest --version"))?.success {
        return Ok(Some(vec!["cargo".into(), "nextest".into()]));
    }
    let folder = workspace.target.join("tools");
    let program: PathBuf = workspace.built("tools/bin", "cargo-nextest");
    if !program.exists() {
        println!("installing cargo-nextest, once: this takes some minutes");
        if !succeeds(workspace.cargo(INSTALL_NEXTEST).arg(folder))? {
            return Ok(None);
        }
    }
    let program = program.to_string_lossy().into_owned();
    Ok(Some(vec![program, "nextest".into()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(name: &str) -> Requirements {
        let packages = PACKAGES.iter().filter(|package| package.name == name);
        Requirements {
            missing: packages.collect(),
            nextest: None,
        }
    }

    #[test]
    fn what_needs_a_missing_package_is_named() {
        let reason = without("clang").missing("judge clang").expect("a reason");
        assert!(reason.contains("clang is not installed"), "{reason}");
        assert_eq!(without("clang").missing("judge gcc"), None);
        assert!(without("clang").impossible().is_empty());

        let impossible = without("g++").impossible();
        let tests: Vec<_> = impossible.iter().map(|test| &*test.what).collect();
        let exceptions = [
            "farcall-jit::unwind cpp_exceptions_cross_callbacks",
            "farcall-jit::unwind cpp_exceptions_cross_stubs",
            "farcall-jit::unwind cpp_exceptions_end_at_callbacks_that_do_not_unwind",
        ];
        assert_eq!(tests, exceptions);
        assert!(without("g++").missing(FUZZ_TARGETS).is_some());
    }

    /// Without these nothing is built, so that there is nothing to be skipped.
    #[test]
    fn only_what_builds_everything_names_no_test() {
        let all = PACKAGES
            .iter()
            .filter(|package| package.needed_by.is_empty());
        assert_eq!(
            all.map(|package| package.name).collect::<Vec<_>>(),
            ["make"]
        );
    }
}
