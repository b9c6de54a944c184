//! Key and signature files: a few lines of text, `name: value`.
//!
//! ```text
//! hearken-secret-key 1            hearken-public-key 1            hearken-signature 1
//! id: 5f0c...                     id: 5f0c...                     key: 5f0c...
//! secret: base64                  public: base64                  signature: base64
//! ```
//!
//! The id of a key is the first 8 bytes of the SHA-256 of its public half, in hex. Secrets, public keys and signatures
//! are the 32, 32 and 64 bytes of Ed25519 (RFC 8032) in base64. The signature is over the very bytes of the file.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};

use super::build::fingerprint;
use super::{Failure, read};

pub(crate) fn id(public: &VerifyingKey) -> String {
    fingerprint(public.as_bytes()).chars().take(16).collect()
}

pub(crate) fn secret_file(key: &SigningKey) -> String {
    let id = id(&key.verifying_key());
    format!("hearken-secret-key 1\nid: {id}\nsecret: {}\n", STANDARD.encode(key.to_bytes()))
}

pub(crate) fn public_file(key: &VerifyingKey) -> String {
    format!("hearken-public-key 1\nid: {}\npublic: {}\n", id(key), STANDARD.encode(key.as_bytes()))
}

pub(crate) fn signature_file(key: &VerifyingKey, signature: &Signature) -> String {
    format!("hearken-signature 1\nkey: {}\nsignature: {}\n", id(key), STANDARD.encode(signature.to_bytes()))
}

/// Reads one of these files; answers with a field of so many bytes and the id that it names.
fn field<const N: usize>(path: &Path, kind: &str, name: &str, id: &str) -> Result<([u8; N], String), Failure> {
    let unusable = |why: &str| Failure::Unusable(format!("{}: {why}", path.display()));
    let text = String::from_utf8(read(path)?).map_err(|_| unusable("this is not text"))?;
    let mut lines = text.lines();
    if lines.next().map(str::trim) != Some(&format!("{kind} 1")) {
        return Err(unusable(&format!("the first line is not `{kind} 1`")));
    }
    let fields: Vec<(&str, &str)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.trim(), value.trim())).collect();
    let value = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let (Some(encoded), Some(id)) = (value(name), value(id)) else {
        return Err(unusable(&format!("`{name}` or the id is missing")));
    };
    let bytes = STANDARD.decode(encoded).ok().and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or_else(|| unusable(&format!("`{name}` is not {N} bytes in base64")))?;
    Ok((bytes, id.to_owned()))
}

pub(crate) fn read_secret(path: &Path) -> Result<SigningKey, Failure> {
    let (bytes, _) = field::<32>(path, "hearken-secret-key", "secret", "id")?;
    Ok(SigningKey::from_bytes(&bytes))
}

pub(crate) fn read_public(path: &Path) -> Result<VerifyingKey, Failure> {
    let (bytes, _) = field::<32>(path, "hearken-public-key", "public", "id")?;
    VerifyingKey::from_bytes(&bytes)
        .map_err(|_| Failure::Unusable(format!("{}: this is no key of Ed25519", path.display())))
}

/// The signature, and the id of the key that made it.
pub(crate) fn read_signature(path: &Path) -> Result<(Signature, String), Failure> {
    let (bytes, key) = field::<64>(path, "hearken-signature", "signature", "key")?;
    Ok((Signature::from_bytes(&bytes), key))
}
