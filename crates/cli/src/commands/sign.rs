//! `hearken sign`: a detached signature of a playbook's bytes.

use std::path::PathBuf;

use clap::Args;
use ed25519_dalek::Signer as _;

use super::keygen::with_extension;
use super::{Outcome, key, put, read};

/// Signs a built playbook. The signature goes beside it.
#[derive(Args, Debug)]
pub(crate) struct Sign {
    /// The secret key that `hearken keygen` made.
    #[arg(short, long)]
    key: PathBuf,
    /// The built playbook.
    file: PathBuf,
    /// Where to write the signature; FILE.sig if absent.
    #[arg(short, long)]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Sign) -> Outcome {
    let secret = key::read_secret(&arguments.key)?;
    let signature = secret.sign(&read(&arguments.file)?);
    let path = arguments.out.clone().unwrap_or_else(|| with_extension(&arguments.file, "sig"));
    let public = secret.verifying_key();
    put(&key::signature_file(&public, &signature), Some(&path))?;
    println!("signed by key {}: {}", key::id(&public), path.display());
    Ok(0)
}
