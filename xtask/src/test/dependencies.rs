use super::{Context, Tally};
use crate::{Error, Workspace};

/// Every dependency of the workspace has a row in the table of CONTRIBUTING.md.
pub(super) fn explained(context: &Context) -> Result<Tally, Error> {
    let read = |name: &str| read(context.workspace, name);
    let page = read("CONTRIBUTING.md")?;
    let missing: Vec<String> = names(&read("Cargo.toml")?)
        .filter(|name| !page.contains(&format!("\n| `{name}` |")))
        .map(Into::into)
        .collect();
    for name in &missing {
        println!("CONTRIBUTING.md does not say what `{name}` is for");
    }
    Ok(Tally::one(
        format!(
            "dependencies without a reason in CONTRIBUTING.md: {}",
            missing.join(", ")
        ),
        missing.is_empty(),
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_table() {
        let manifest = "[dependencies]\nboxcar.workspace = true\n\n[workspace.dependencies]\n# Why.\n\
                        boxcar = \"0.2\"\nclap = { version = \"4\" }\nown = { path = \"own\" }\n\n[lints]\na = \"b\"\n";
        assert_eq!(names(manifest).collect::<Vec<_>>(), ["boxcar", "clap"]);
    }
}
