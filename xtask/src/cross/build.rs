//! Cargo, told how to build and run programs of a target.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use super::target::Runner;
use super::{Target, succeed, sysroot, wine};
use crate::{Error, Workspace};

/// What it takes to build for a target.
pub(super) struct Build<'w> {
    pub(super) workspace: &'w Workspace,
    pub(super) target: &'static Target,
    sysroot: PathBuf,
    /// What runs its programs, in words.
    pub(super) runner: Vec<OsString>,
    /// The folder with the libraries that tests call.
    libraries: PathBuf,
}

/// Seconds after which a program that hangs is ended.
const LIMIT: &str = "900";

/// Of the root `Cargo.toml`.
const PROFILE: &str = "cross";

/// Libraries of the tests: name, source and whether it is C++. Tests build them where there is a compiler to run.
const LIBRARIES: [(&str, &str, bool); 3] = [
    ("library", "tests/common/library.c", false),
    ("callback", "jit/tests/callback.c", false),
    ("unwind", "jit/tests/unwind.cpp", true),
];

impl<'w> Build<'w> {
    pub(super) fn prepare(
        workspace: &'w Workspace,
        target: &'static Target,
    ) -> Result<Self, Error> {
        let sysroot = sysroot::provide(workspace, target)?;
        let mut runner: Vec<OsString> =
            ["timeout", "--kill-after=10", LIMIT].map(Into::into).into();
        match target.runner {
            Runner::Native => {}
            Runner::QemuAarch64 => {
                let prefix = format!("/usr/{}", target.tools);
                runner.extend(["qemu-aarch64".into(), "-L".into(), prefix.into()]);
            }
            Runner::Wine64 | Runner::Wine32 => runner.extend(wine::words(workspace, target)?),
        }
        let libraries = workspace.target.join("cross/libraries").join(target.triple);
        let build = Build {
            workspace,
            target,
            sysroot,
            runner,
            libraries,
        };
        build.compile_libraries()?;
        Ok(build)
    }

    /// `cargo WORDS --target ...`: the words are separated by spaces.
    pub(super) fn cargo(&self, words: &str) -> Command {
        let mut cargo = self.workspace.command(sysroot::CARGO);
        sysroot::debians(&mut cargo)
            .args(words.split_whitespace())
            .args(["--profile", PROFILE, "--target", self.target.triple])
            .envs(self.variables());
        cargo
    }

    /// A shell function that does the same.
    pub(super) fn shell(&self) -> String {
        let mut words = vec!["xcargo() { sub=$1; shift; env".to_owned()];
        words.extend(sysroot::FOREIGN.map(|name| format!("-u {name}")));
        words.extend(sysroot::OWN.map(|(name, value)| format!("{name}={value}")));
        let variables = self.variables().into_iter();
        words.extend(variables.map(|(name, value)| format!("{name}='{}'", value.display())));
        let Target { triple, .. } = self.target;
        words.push(format!(
            "{} \"$sub\" --profile {PROFILE} --target {triple} \"$@\"; }}",
            sysroot::CARGO
        ));
        words.join(" ")
    }

    /// What tells cargo, and the tests, of the target.
    fn variables(&self) -> Vec<(String, OsString)> {
        let Target { triple, .. } = self.target;
        let cargo = |name: &str| format!("CARGO_TARGET_{}_{name}", self.target.variable());
        let mut rustflags = OsString::from("--sysroot ");
        rustflags.push(&self.sysroot);
        let runner = self.runner.join(" ".as_ref());
        let mut variables = vec![
            ("CARGO_TARGET_DIR".to_owned(), self.folder().into()),
            (cargo("RUSTFLAGS"), rustflags),
            (cargo("LINKER"), self.target.cc().into()),
            (cargo("RUNNER"), runner.clone()),
            (
                format!("CC_{}", triple.replace('-', "_")),
                self.target.cc().into(),
            ),
            (
                "FARCALL_TEST_LIBRARIES".to_owned(),
                self.libraries.clone().into(),
            ),
            // Snapshots: where they are, for those who cannot ask cargo, and that none is to be written.
            (
                "INSTA_WORKSPACE_ROOT".to_owned(),
                self.workspace.root.clone().into(),
            ),
            ("INSTA_UPDATE".to_owned(), "no".into()),
        ];
        if self.target.runner == Runner::QemuAarch64 {
            // Programs of the target that programs of the target start.
            variables.push(("FARCALL_TEST_RUNNER".to_owned(), runner));
        }
        variables
    }

    /// A program of the workspace that was built for the target.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        let folder = self.folder().join(self.target.triple).join(PROFILE);
        self.target.program(&folder, name)
    }

    fn folder(&self) -> PathBuf {
        self.workspace.target.join("cross/build")
    }

    fn compile_libraries(&self) -> Result<(), Error> {
        sysroot::create(&self.libraries)?;
        for (name, source, is_cxx) in LIBRARIES {
            let compiler = if is_cxx {
                self.target.cxx()
            } else {
                self.target.cc()
            };
            let mut command = self.workspace.command(compiler);
            command
                .args(["-O1", "-w", "-shared"])
                .args(self.target.flags)
                .arg("-o")
                .arg(
                    self.libraries
                        .join(format!("{name}.{}", self.target.library)),
                )
                .arg(source);
            succeed(self.target, &mut command)?;
        }
        Ok(())
    }
}
