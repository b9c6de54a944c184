//! `cargo xtask generate`.

use anyhow::Result;
use clap::ValueEnum;

use crate::repo::Repo;
use crate::{kotlin, schema, swift, web};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Kotlin,
    Swift,
    Web,
    Schema,
}

pub(crate) fn run(repo: &Repo, only: Option<Kind>) -> Result<()> {
    let wanted = |kind| only.is_none_or(|only| only == kind);
    if wanted(Kind::Schema) {
        schema::generate(repo)?;
    }
    if wanted(Kind::Kotlin) {
        kotlin::generate(repo)?;
    }
    if wanted(Kind::Swift) {
        swift::generate(repo)?;
    }
    if wanted(Kind::Web) {
        web::generate(repo)?;
    }
    Ok(())
}
