//! `hearken verify`: whether a playbook is the one that was signed.

use std::path::PathBuf;

use clap::Args;

use super::keygen::with_extension;
use super::{Failure, Outcome, key, read};

/// Verifies a playbook's signature. Exits with 0 if it is right, 1 if it is not, 2 if something cannot be read.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// The public key.
    #[arg(short, long)]
    public: PathBuf,
    /// The built playbook.
    file: PathBuf,
    /// The signature; FILE.sig if absent.
    #[arg(short, long)]
    signature: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Verify) -> Outcome {
    let public = key::read_public(&arguments.public)?;
    let path = arguments.signature.clone().unwrap_or_else(|| with_extension(&arguments.file, "sig"));
    let (signature, signer) = key::read_signature(&path)?;
    let bytes = read(&arguments.file)?;
    let id = key::id(&public);
    if signer != id {
        return Err(Failure::Refused(format!("signed by key {signer}, not by {id}")));
    }
    if public.verify_strict(&bytes, &signature).is_err() {
        return Err(Failure::Refused(format!("the signature of key {id} does not fit {}", arguments.file.display())));
    }
    println!("right: signed by key {id}");
    Ok(0)
}
