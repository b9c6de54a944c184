//! Signed playbooks: a document without a valid detached Ed25519 signature of its bytes is refused (engine.md 10.2).

#[cfg(feature = "signatures")]
use ed25519_dalek::{Signature, VerifyingKey};

use crate::error::Error;

/// The key that playbooks are signed for.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    #[cfg(feature = "signatures")]
    key: VerifyingKey,
}

#[cfg(feature = "signatures")]
impl Verifier {
    pub(crate) fn new(public_key: [u8; 32]) -> Result<Self, Error> {
        let key = VerifyingKey::from_bytes(&public_key)
            .map_err(|_| Error::Option { option: "verify_with".into(), message: "no Ed25519 public key".into() })?;
        Ok(Self { key })
    }

    pub(crate) fn check(&self, document: &str, signature: Option<&[u8]>) -> Result<(), Error> {
        let refused = |message: &str| Error::Signature { message: message.to_owned() };
        let signature = signature.ok_or_else(|| refused("the playbook comes without one"))?;
        let signature = Signature::from_slice(signature).map_err(|_| refused("64 bytes are needed"))?;
        let checked = self.key.verify_strict(document.as_bytes(), &signature);
        checked.map_err(|_| refused("it is not this document's, or not made with the key that is trusted"))
    }
}

#[cfg(not(feature = "signatures"))]
impl Verifier {
    pub(crate) fn check(&self, _document: &str, _signature: Option<&[u8]>) -> Result<(), Error> {
        Err(Error::Signature { message: "this build cannot check any".to_owned() })
    }
}
