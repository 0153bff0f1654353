//! Debian's packages.

use std::collections::HashSet;

use crate::process::{captured, succeeds};
use crate::{Error, Workspace};

/// Those of `names` that are not installed. On a system without dpkg nobody knows, and they are taken to be there.
pub(crate) fn missing<'n>(workspace: &Workspace, names: &[&'n str]) -> Vec<&'n str> {
    let mut query = workspace.command("dpkg-query");
    query.args(["-W", "-f", "${db:Status-Status} ${Package}\n"]);
    let Ok(outcome) = captured(query.args(names)) else {
        println!("not a Debian system: no packages are checked or installed");
        return Vec::new();
    };
    let installed: HashSet<&str> = outcome
        .output
        .lines()
        .filter_map(|line| line.strip_prefix("installed "))
        .collect();
    let missing = names.iter().filter(|name| !installed.contains(*name));
    missing.copied().collect()
}

pub(crate) fn is_root(workspace: &Workspace) -> bool {
    captured(workspace.command("id").arg("-u")).is_ok_and(|outcome| outcome.output.trim() == "0")
}

pub(crate) fn install(workspace: &Workspace, names: &[&str]) -> Result<(), Error> {
    let apt = || {
        let mut apt = workspace.command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        apt
    };
    succeeds(apt().arg("update"))?;
    let mut install = apt();
    install.args(["install", "--yes", "--no-install-recommends"]);
    succeeds(install.args(names))?;
    Ok(())
}
