//! What an app's bundler makes of the npm package: every JavaScript file that a page fetches up to the first message.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The WebAssembly module: the engine itself.
    Engine,
    /// Scripts that `.` loads: the client, its shell, the module's glue.
    Client,
    /// Scripts that only `./elements` loads.
    Elements,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Client => "client",
            Self::Elements => "elements",
        }
    }
}

/// Bundles and minifies the entries `.` and `./elements` into `out`, with shared and lazy code in chunks. What the first
/// entry can reach is the client, what only the second reaches is the elements; lazy chunks count as fetched.
pub(crate) fn bundle(package: &Path, out: &Path) -> Result<Vec<(Part, PathBuf)>> {
    let manifest: Value = serde_json::from_str(&fs::read_to_string(package.join("package.json"))?)?;
    let engine = package.join(entry(&manifest, ".")?);
    let ui = package.join(entry(&manifest, "./elements")?);
    let meta = out.join("meta.json");
    process::run(
        process::command(out, package.join("node_modules/.bin/esbuild"))
            .args(["--bundle", "--minify", "--splitting", "--format=esm", "--log-level=warning", "--outdir=."])
            .arg(format!("--metafile={}", meta.display()))
            .args([&engine, &ui]),
    )
    .context("esbuild is a devDependency of bindings/web")?;
    let meta: Value = serde_json::from_str(&fs::read_to_string(&meta)?)?;
    parts(&meta, &file_name(&engine), &file_name(&ui))
        .map(|parts| parts.into_iter().map(|(part, file)| (part, out.join(file))).collect())
}

/// The file behind an entry of `exports`: the first string among its conditions that an `import` in a browser may take.
fn entry(manifest: &Value, name: &str) -> Result<String> {
    let mut value = manifest.pointer("/exports").and_then(|exports| exports.get(name));
    while let Some(Value::Object(conditions)) = value {
        value = ["browser", "import", "default"].iter().find_map(|condition| conditions.get(*condition));
    }
    let path = value.and_then(Value::as_str);
    Ok(path.with_context(|| format!("package.json exports no `{name}`"))?.to_owned())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Sorts the outputs that esbuild's metafile lists into the two parts.
fn parts(meta: &Value, engine: &str, ui: &str) -> Result<Vec<(Part, String)>> {
    let outputs = meta.pointer("/outputs").and_then(Value::as_object).context("the metafile lists no outputs")?;
    let entry = |name: &str| {
        let found = outputs.iter().find(|(_, output)| {
            output.get("entryPoint").and_then(Value::as_str).is_some_and(|path| path.rsplit('/').next() == Some(name))
        });
        found.map(|(path, _)| path.as_str()).with_context(|| format!("esbuild wrote no output for {name}"))
    };
    let of_engine = reachable(meta, entry(engine)?);
    let of_ui = reachable(meta, entry(ui)?);
    if let Some(lost) = outputs.keys().find(|path| !of_engine.contains(*path) && !of_ui.contains(*path)) {
        bail!("no entry reaches {lost}");
    }
    let client = of_engine.iter().map(|path| (Part::Client, path.clone()));
    let elements = of_ui.difference(&of_engine).map(|path| (Part::Elements, path.clone()));
    Ok(client.chain(elements).collect())
}

/// The outputs that `start` loads, at once or later.
fn reachable(meta: &Value, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![start.to_owned()];
    while let Some(path) = next.pop() {
        let imports =
            meta.get("outputs").and_then(|outputs| outputs.get(&path)).and_then(|output| output.get("imports"));
        for import in imports.and_then(Value::as_array).into_iter().flatten() {
            if import.get("external").and_then(Value::as_bool) != Some(true) {
                next.extend(
                    import.get("path").and_then(Value::as_str).filter(|path| !found.contains(*path)).map(str::to_owned),
                );
            }
        }
        found.insert(path);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_code_is_the_client_s_and_lazy_chunks_count() {
        let meta = serde_json::json!({"outputs": {
            "index.js": {"entryPoint": "dist/index.js", "imports": [{"path": "shared.js"}]},
            "elements.js": {"entryPoint": "dist/elements.js", "imports": [{"path": "shared.js"}, {"path": "lazy.js"}]},
            "shared.js": {"imports": [{"path": "node:fs", "external": true}]},
            "lazy.js": {"imports": [{"path": "elements.js"}]},
        }});
        let found = parts(&meta, "index.js", "elements.js").unwrap();
        let names: Vec<_> = found.iter().map(|(part, path)| (part.name(), path.as_str())).collect();
        assert_eq!(
            names,
            [("client", "index.js"), ("client", "shared.js"), ("elements", "elements.js"), ("elements", "lazy.js")]
        );
        assert!(parts(&meta, "index.js", "absent.js").is_err());
    }

    #[test]
    fn an_entry_is_found_behind_conditions() {
        let manifest = serde_json::json!({"exports": {".": {"types": "a.d.ts", "import": {"default": "./a.js"}}, "./elements": "./b.js"}});
        assert_eq!(entry(&manifest, ".").unwrap(), "./a.js");
        assert_eq!(entry(&manifest, "./elements").unwrap(), "./b.js");
        assert!(entry(&manifest, "./absent").is_err());
    }
}
