//! Maven and the JDK behind it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::process;

const NEEDED: u32 = 17;
const HOW: &str =
    "install Maven 3.8 and a JDK of 17 or newer (Debian: `apt-get install -y maven openjdk-17-jdk-headless`)";

/// Maven is there, and the Java that it uses is new enough.
pub(crate) fn ensure() -> Result<()> {
    let version = process::read(process::command(Path::new("/"), "mvn").arg("--version")).context(HOW)?;
    match java_version(&version) {
        Some(major) if major >= NEEDED => Ok(()),
        Some(major) => bail!("Maven runs on Java {major}; {HOW}, and set JAVA_HOME to the JDK"),
        None => bail!("`mvn --version` does not name a Java version; {HOW}"),
    }
}

/// `Java version: 17.0.13, vendor: …` gives 17, `1.8.0_392` gives 1.
fn java_version(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("Java version: ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_old_and_new_version_numbers() {
        assert_eq!(java_version("Apache Maven 3.8.7\nJava version: 17.0.13, vendor: Debian"), Some(17));
        assert_eq!(java_version("Java version: 1.8.0_392, vendor: x"), Some(1));
        assert_eq!(java_version("nothing"), None);
    }
}
