use super::{Context, Tally};
use crate::{Error, Workspace};

/// Every dependency of the workspace has a row in the table of CONTRIBUTING.md, and every row is of one.
pub(super) fn explained(context: &Context) -> Result<Tally, Error> {
    let manifest = read(context.workspace, "Cargo.toml")?;
    let page = read(context.workspace, "CONTRIBUTING.md")?;
    let dependencies: Vec<&str> = names(&manifest).collect();
    let rows: Vec<&str> = rows(&page).collect();
    for name in dependencies.iter().filter(|name| !rows.contains(name)) {
        println!("CONTRIBUTING.md does not say what `{name}` is for");
    }
    for name in rows.iter().filter(|name| !dependencies.contains(name)) {
        println!("CONTRIBUTING.md explains `{name}`, which Cargo.toml does not have");
    }
    let agree = dependencies.iter().all(|name| rows.contains(name))
        && rows.iter().all(|name| dependencies.contains(name));
    Ok(Tally::one("dependencies and their reasons", agree))
}

fn read(workspace: &Workspace, name: &str) -> Result<String, Error> {
    std::fs::read_to_string(workspace.root.join(name)).map_err(|error| Error::Io {
        path: name.into(),
        error,
    })
}

/// Names in the table `[workspace.dependencies]`, which has one to a line. Those of this workspace are left out.
fn names(manifest: &str) -> impl Iterator<Item = &str> {
    let mut lines = manifest.lines();
    lines.find(|line| *line == "[workspace.dependencies]");
    lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#') && !line.contains("path ="))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
}

/// Names in the rows of the page's table of crates, which ends at the first other line.
fn rows(page: &str) -> impl Iterator<Item = &str> {
    let mut lines = page.lines();
    lines.find(|line| line.starts_with("| crate |"));
    lines
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once("` |")?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_table() {
        let manifest = "[dependencies]\nboxcar.workspace = true\n\n[workspace.dependencies]\n# Why.\n\
                        boxcar = \"0.2\"\nclap = { version = \"4\" }\nown = { path = \"own\" }\n\n[lints]\na = \"b\"\n";
        assert_eq!(names(manifest).collect::<Vec<_>>(), ["boxcar", "clap"]);
    }

    #[test]
    fn rows_are_those_of_the_table_of_crates() {
        let page = "| to | run |\n|---|---|\n| `a` | b |\n\n| crate | what for |\n|---|---|\n| `boxcar` | vectors |\n\n| `c` | d |\n";
        assert_eq!(rows(page).collect::<Vec<_>>(), ["boxcar"]);
    }
}
