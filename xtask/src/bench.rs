use std::path::Path;

use crate::process::succeeds;
use crate::{Chore, Error, Workspace, cffi};

/// Run the benchmarks of the workspace.
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// Which, for instance `call`; all if none is named.
    names: Vec<String>,
    /// Options for criterion, for instance `-- --baseline before`.
    #[arg(last = true)]
    options: Vec<String>,
}

/// Folders that may hold benchmarks.
const FOLDERS: [&str; 2] = ["benches", "jit/benches"];

impl Chore for Bench {
    fn perform(&self, workspace: &Workspace) -> Result<bool, Error> {
        let known: Vec<String> = FOLDERS
            .iter()
            .flat_map(|folder| workspace.stems(Path::new(folder)))
            .collect();
        if let Some(name) = self.names.iter().find(|name| !known.contains(name)) {
            return Err(Error::NoBenchmark {
                name: name.clone(),
                known: known.join(", "),
            });
        }
        let chosen = if self.names.is_empty() {
            &known
        } else {
            &self.names
        };
        if chosen.is_empty() {
            println!("there are no benchmarks");
            return Ok(true);
        }
        let mut cargo = workspace.cargo("bench --workspace");
        if chosen.iter().any(|name| name == "parse") {
            match cffi::python(&workspace.target) {
                Ok(python) => drop(cargo.env(cffi::VARIABLE, python)),
                Err(error) => {
                    println!("no comparison with cffi: {error} (apt-get install python3-venv)")
                }
            }
        }
        for name in chosen {
            cargo.args(["--bench", name]);
        }
        succeeds(cargo.arg("--").args(&self.options))
    }
}
