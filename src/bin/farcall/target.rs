//! The option `--target`.

use clap::Args;
use farcall::layout::DataModel;

use crate::Failure;

#[derive(Args)]
pub(crate) struct Target {
    /// The target whose rules hold (this machine unless given)
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

impl Target {
    pub(crate) fn model(&self) -> Result<DataModel, Failure> {
        let Some(name) = &self.target else {
            return Ok(DataModel::HOST);
        };
        DataModel::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = DataModel::ALL.iter().map(|model| model.name).collect();
            Failure::Usage(format!(
                "--target {name}: known targets are {}; '-msvc' may be spelled '-msvc-rules'",
                known.join(", ")
            ))
        })
    }
}
