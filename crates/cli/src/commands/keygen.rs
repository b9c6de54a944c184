//! `hearken keygen`: a pair of keys for signing playbooks.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ed25519_dalek::SigningKey;

use super::key;
use super::{Failure, Outcome, put};

/// Makes a pair of Ed25519 keys: KEY, which stays secret, and KEY.pub, which the app ships.
#[derive(Args, Debug)]
pub(crate) struct Keygen {
    /// Where to write the secret key.
    #[arg(short, long, default_value = "hearken.key", value_name = "KEY")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Keygen) -> Outcome {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::Unusable(format!("the machine gives no randomness: {error}")))?;
    let secret = SigningKey::from_bytes(&seed);
    let public = secret.verifying_key();
    let path = with_extension(&arguments.out, "pub");
    write_secret(&arguments.out, &key::secret_file(&secret))?;
    put(&key::public_file(&public), Some(&path))?;
    println!("key {}\nsecret {}\npublic {}", key::id(&public), arguments.out.display(), path.display());
    Ok(0)
}

/// The path with something after it: `playbook.json` becomes `playbook.json.sig`.
pub(crate) fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// Never over another key, and for nobody else to read.
fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |source| Failure::Write { path: path.display().to_string(), source };
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}
