//! Starting other programs: always with the command line shown, never with our standard input.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};

/// A command that runs in `dir`.
pub(crate) fn command(dir: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// The cargo that started us, so that the toolchain is the same one.
pub(crate) fn cargo(dir: &Path) -> Command {
    command(dir, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| could_not_start(command))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs to the end and returns standard output as text; standard error is passed through.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    String::from_utf8(read_bytes(command)?).with_context(|| format!("{} did not print UTF-8", shown(command)))
}

/// Runs to the end and returns standard output; standard error is passed through.
pub(crate) fn read_bytes(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| could_not_start(command))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    Ok(output.stdout)
}

/// Runs to the end, passes both outputs through, and hands every line to `see`.
pub(crate) fn watch(command: &mut Command, see: impl FnMut(&str) + Send) -> Result<()> {
    announce(command);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().with_context(|| could_not_start(command))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let see = Mutex::new(see);
    std::thread::scope(|scope| {
        let errors = scope.spawn(|| pass_on(stderr, &mut std::io::stderr(), &see));
        pass_on(stdout, &mut std::io::stdout(), &see);
        errors.join()
    })
    .ok()
    .context("reading a program's output")?;
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

fn pass_on<F: FnMut(&str)>(from: Option<impl Read>, to: &mut impl Write, see: &Mutex<F>) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(from.read_until(b'\n', &mut line), Ok(read) if read > 0) {
        // A closed terminal must not stop the child half way.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        if let Ok(mut see) = see.lock() {
            see(String::from_utf8_lossy(&line).trim_end());
        }
        line.clear();
    }
}

/// Whether `program` answers `--version`.
pub(crate) fn exists(program: impl AsRef<OsStr>) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A child that ends when this value is dropped, however the command ends.
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        announce(command);
        Ok(Self(command.stdout(Stdio::piped()).spawn().with_context(|| could_not_start(command))?))
    }

    /// The first line of standard output for which `wanted` gives a value. Later lines are thrown away.
    pub(crate) fn first_line<T>(&mut self, mut wanted: impl FnMut(&str) -> Option<T>) -> Result<T> {
        let mut lines = BufReader::new(self.0.stdout.take().context("the server's output was already read")?).lines();
        for line in lines.by_ref() {
            if let Some(found) = wanted(&line?) {
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(found);
            }
        }
        bail!("the server ended before it was ready: {}", self.0.wait()?)
    }

    /// Waits until the server ends by itself, for example by Ctrl-C.
    pub(crate) fn wait(mut self) -> Result<()> {
        let status = self.0.wait()?;
        if status.success() { Ok(()) } else { bail!("the server ended with {status}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn announce(command: &Command) {
    eprintln!("  $ {}", shown(command));
}

fn could_not_start(command: &Command) -> String {
    format!("could not start `{}`", command.get_program().to_string_lossy())
}

/// The command line as a person would type it; an argument that is a whole script is shortened.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy);
    words.map(|word| if word.contains('\n') { "…".into() } else { word }).collect::<Vec<_>>().join(" ")
}
