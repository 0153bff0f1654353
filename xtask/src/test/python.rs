//! The Python package: its own tests with every Python that is installed, and cffi's tests with the first of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::requirements::Requirements;
use super::{Context, Tally};
use crate::process::{captured, shown, succeeds};
use crate::{Chore, Error, Workspace};

/// Versions of CPython that the package supports, the one that most runs use first. The last one is a debug build, as Debian
/// has it: it checks reference counts and the collector's view of objects.
const VERSIONS: [&str; 6] = ["3.11", "3.9", "3.10", "3.12", "3.13", "3.11-dbg"];
/// What the tests need beside the package: cffi is compared with it, mypy reads its stubs.
const PACKAGES: [&str; 5] = [
    "maturin>=1.9,<2",
    "pytest",
    "setuptools>=77",
    "mypy",
    "cffi==2.1.1; python_version >= '3.10'",
];
/// Whether they are there.
const READY: &str =
    "import maturin, mypy, pytest, setuptools, sys\nif sys.version_info >= (3, 10): import cffi";
/// cffi, whose tests are run.
const CFFI: &str = "cffi==2.1.1";
/// Files with the ids of cffi's tests.
const LISTS: [&str; 2] = ["inline", "ffi-object"];

/// Test the Python package alone, with every supported Python that is installed.
#[derive(clap::Args)]
pub(crate) struct Python {
    /// With one Python only.
    #[arg(long)]
    quick: bool,
}

impl Chore for Python {
    fn perform(&self, workspace: &Workspace) -> Result<bool, Error> {
        let (requirements, mut tally) = Requirements::meet(workspace)?;
        let context = Context {
            workspace,
            requirements: &requirements,
            quick: self.quick,
        };
        tally.add(run(&context)?);
        println!("{tally}");
        Ok(tally.is_clean())
    }
}

pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let workspace = context.workspace;
    if let Some(why) = context.requirements.missing("python") {
        return Ok(Tally::skipped("python", why));
    }
    let found: Vec<(&str, PathBuf)> = VERSIONS
        .iter()
        .filter_map(|&version| Some((version, interpreter(workspace, version)?)))
        .collect();
    let Some((first, _)) = found.first().cloned() else {
        return Ok(Tally::skipped("python", "no supported Python is installed"));
    };
    let mut tally = Tally::default();
    for (version, interpreter) in &found {
        if context.quick && *version != first {
            tally.add(Tally::skipped(format!("python {version}"), "with --quick"));
            continue;
        }
        match Environment::make(workspace, version, interpreter)? {
            Ok(environment) => {
                tally.add(environment.own_tests()?);
                if *version == first {
                    tally.add(environment.cffi_tests()?);
                }
            }
            Err(problem) => tally.add(Tally::failed(format!("python {version}: {problem}"))),
        }
    }
    for version in VERSIONS {
        if found.iter().all(|(found, _)| *found != version) {
            let what = format!("python {version}");
            tally.add(Tally::skipped(what, "this version is not installed"));
        }
    }
    Ok(tally)
}

/// What leaves the package's crate out where there is no Python: it is built for one.
pub(super) fn exclusion(context: &Context) -> &'static [&'static str] {
    match context.requirements.missing("python") {
        Some(_) => &["--exclude", "farcall-python"],
        None => &[],
    }
}

/// The interpreter of a version: on the path, or in pyenv's folder.
fn interpreter(workspace: &Workspace, version: &str) -> Option<PathBuf> {
    let named = PathBuf::from(format!("python{version}"));
    let home = std::env::home_dir().unwrap_or_default();
    let versions =
        std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let installed = std::fs::read_dir(versions.join("versions"))
        .into_iter()
        .flatten();
    let installed = installed.filter_map(|entry| Some(entry.ok()?.path()));
    let of_version = |path: &PathBuf| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with(&format!("{version}.")))
    };
    let installed = installed
        .filter(of_version)
        .map(|path| path.join("bin/python3"));
    let question = "import sys; print('%d.%d' % sys.version_info[:2])";
    [named].into_iter().chain(installed).find(|program| {
        let answer = captured(workspace.command(program).args(["-c", question]));
        let version = version.trim_end_matches("-dbg");
        answer.is_ok_and(|answer| answer.success && answer.output.trim() == version)
    })
}

/// A virtual environment with the package in it.
struct Environment<'w> {
    workspace: &'w Workspace,
    version: &'w str,
    python: PathBuf,
}

impl<'w> Environment<'w> {
    /// Makes it, and builds the package into it. The inner error is why that cannot be done.
    fn make(
        workspace: &'w Workspace,
        version: &'w str,
        interpreter: &Path,
    ) -> Result<Result<Self, String>, Error> {
        let folder = workspace.target.join("python").join(version);
        let python = folder.join("bin/python");
        let this = Self {
            workspace,
            version,
            python,
        };
        if !captured(this.python().args(["-c", READY])).is_ok_and(|done| done.success) {
            let mut venv = workspace.command(interpreter);
            venv.args(["-m", "venv", "--clear"]).arg(&folder);
            if !succeeds(&mut venv)? {
                return Ok(Err("no virtual environment can be made".into()));
            }
            if !succeeds(this.pip("install").args(PACKAGES))? {
                return Ok(Err("the package index gives no pytest".into()));
            }
        }
        let mut install = this.pip("install");
        install
            .args(["--no-build-isolation", "--no-deps", "--force-reinstall"])
            .arg(workspace.root.join("python"))
            // As the other tests are built: a release takes minutes more.
            .env("MATURIN_PEP517_ARGS", "--profile dev")
            .env("CARGO_TARGET_DIR", &workspace.target);
        if !succeeds(&mut install)? {
            return Ok(Err("the package cannot be built".into()));
        }
        Ok(Ok(this))
    }

    /// The tests in `python/tests`, with warnings that Python shows developers as errors.
    fn own_tests(&self) -> Result<Tally, Error> {
        let mut pytest = self.python();
        pytest.args([
            "-X",
            "dev",
            "-m",
            "pytest",
            "-q",
            "-rsfE",
            "-p",
            "no:cacheprovider",
            "python/tests",
        ]);
        // What is missing of `PACKAGES` is an error, and no reason to skip tests.
        pytest.env("FARCALL_TESTS_ALL", "1");
        self.judged("tests", &mut pytest)
    }

    /// cffi's own tests, from its source as the package index has it.
    fn cffi_tests(&self) -> Result<Tally, Error> {
        let Some(source) = self.cffi_source()? else {
            return Ok(Tally::failed("python: cffi's source cannot be downloaded"));
        };
        let lists = self.workspace.root.join("python/tests/cffi");
        let exceptions = std::fs::read_to_string(lists.join("exceptions.txt")).unwrap_or_default();
        let exceptions: Vec<(&str, &str)> = exceptions
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(' '))
            .collect();
        let mut tally = Tally::default();
        for list in LISTS {
            let path = lists.join(format!("{list}.txt"));
            let ids = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
            let ids = ids.lines().filter(|id| !id.is_empty());
            let (left_out, ids): (Vec<&str>, Vec<&str>) =
                ids.partition(|id| exceptions.iter().any(|(exception, _)| exception == id));
            let mut pytest = self.python();
            pytest
                .args([
                    "-m",
                    "pytest",
                    "-q",
                    "-rsfE",
                    "-p",
                    "plugin",
                    "-p",
                    "no:cacheprovider",
                ])
                .args(&ids)
                .current_dir(&source)
                .env("CFFI_SOURCE", &source)
                .env("PYTHONPATH", &lists);
            let judged = self.judged(&format!("cffi {list}"), &mut pytest)?;
            // Every one of them has passed, or the run counts as failed.
            if judged.is_clean() && judged.passed != ids.len() {
                let (passed, all) = (judged.passed, ids.len());
                tally.add(Tally::failed(format!(
                    "python cffi {list}: {passed} of {all} passed"
                )));
            }
            tally.add(judged);
            for id in left_out {
                let why = exceptions.iter().find(|(exception, _)| *exception == id);
                tally.add(Tally::skipped(
                    format!("cffi {id}"),
                    why.map_or("", |(_, why)| why),
                ));
            }
        }
        Ok(tally)
    }

    /// The unpacked source, downloaded once.
    fn cffi_source(&self) -> Result<Option<PathBuf>, Error> {
        let folder = self.workspace.target.join("python/cffi");
        let source = folder.join(CFFI.replace("==", "-"));
        if source.join("testing").exists() {
            return Ok(Some(source));
        }
        let mut download = self.pip("download");
        download
            .args(["--no-deps", "--no-binary", ":all:", "--dest"])
            .arg(&folder)
            .arg(CFFI);
        let mut unpack = self.workspace.command("tar");
        unpack
            .arg("-xzf")
            .arg(source.with_extension("1.tar.gz"))
            .arg("-C")
            .arg(&folder);
        let ready = succeeds(&mut download)? && succeeds(&mut unpack)?;
        Ok(ready.then_some(source))
    }

    fn judged(&self, what: &str, pytest: &mut Command) -> Result<Tally, Error> {
        let outcome = shown(pytest)?;
        let mut tally = summary(&outcome.output).unwrap_or_default();
        let version = self.version;
        for failed in &mut tally.failed {
            *failed = format!("python {version} {what}: {failed}");
        }
        if tally.is_clean() && (!outcome.success || tally.passed == 0) {
            tally.add(Tally::failed(format!(
                "python {version} {what}: pytest failed"
            )));
        }
        Ok(tally)
    }

    fn python(&self) -> Command {
        let mut python = self.workspace.command(&self.python);
        // Programs of the environment, maturin above all, are found by their names.
        let programs = self.python.parent().map(Path::to_path_buf);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = programs.into_iter().chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(path) {
            python.env("PATH", path);
        }
        // What would be in the way of tests that read what is printed.
        python.env_remove("RUST_BACKTRACE").env_remove("PYTHONPATH");
        python
    }

    fn pip(&self, command: &str) -> Command {
        let mut pip = self.python();
        let words = ["-m", "pip", "--disable-pip-version-check", "-q", command];
        pip.args(words.map(OsString::from));
        pip
    }
}

/// What pytest's last lines say: `FAILED ID - reason`, `SKIPPED [1] FILE:LINE: reason`, and the counts.
fn summary(output: &str) -> Option<Tally> {
    let counts = output
        .lines()
        .rev()
        .find(|line| line.contains(" in ") && line.contains(" passed"))?;
    let count = |word: &str| {
        let before = counts
            .split(word)
            .next()
            .filter(|before| before.len() < counts.len())?;
        before.split_whitespace().last()?.parse::<usize>().ok()
    };
    let ids = |kind: &str| -> Vec<String> {
        let lines = output.lines().filter_map(|line| line.strip_prefix(kind));
        lines
            .map(|line| line.split(" - ").next().unwrap_or(line).to_owned())
            .collect()
    };
    let mut tally = Tally::passed(count(" passed").unwrap_or(0));
    tally.failed = ids("FAILED ");
    tally.failed.extend(ids("ERROR "));
    let skipped = output
        .lines()
        .filter_map(|line| line.strip_prefix("SKIPPED ["));
    for (count, place_and_reason) in skipped.filter_map(|line| line.split_once("] ")) {
        let (what, why) = place_and_reason
            .split_once(": ")
            .unwrap_or((place_and_reason, ""));
        for _ in 0..count.parse().unwrap_or(1) {
            tally.add(Tally::skipped(what, why));
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_pytest_are_read() {
        let output = "..Fss\nSKIPPED [2] tests/a.py:5: no compiler\nFAILED tests/a.py::b - AssertionError: no\n\
                      1 failed, 2 passed, 2 skipped in 1.20s\n";
        let tally = summary(output).expect("counts");
        assert_eq!((tally.passed, tally.skipped.len()), (2, 2));
        assert_eq!(tally.skipped[0].why, "no compiler");
        assert_eq!(tally.failed, ["tests/a.py::b"]);
        assert_eq!(summary("no tests ran in 0.01s"), None);
    }
}
