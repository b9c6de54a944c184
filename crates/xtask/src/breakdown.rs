//! `cargo xtask size --breakdown`: what the bytes of the wasm module are.
//!
//! A generic function is one row with the sum of its copies, because it is one decision in the source: a hundred small copies of
//! a deserialiser hide well in a list of functions.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::repo::Repo;
use crate::{process, setup, web};

const ROWS: usize = 40;

pub(crate) fn run(repo: &Repo) -> Result<()> {
    // Only the compiler's own output still has names; wasm-opt then takes a few percent off.
    let module = web::compile(repo)?;
    let twiggy = setup::tools::twiggy()?;
    let arguments = ["top", "-n", "100000", "--format", "json"];
    let items: Value =
        serde_json::from_str(&process::read(process::command(repo.root(), twiggy).args(arguments).arg(module))?)?;
    println!("{}", table(&groups(&items).context("twiggy's report has another shape")?));
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Group {
    bytes: u64,
    copies: u64,
}

fn groups(items: &Value) -> Option<Vec<(String, Group)>> {
    let mut groups: HashMap<String, Group> = HashMap::new();
    for item in items.as_array()? {
        let name = item.get("name")?.as_str()?;
        // wasm-bindgen removes these.
        if name == "\"function names\" subsection" {
            continue;
        }
        let group = groups.entry(generic(&without_hashes(name)).to_owned()).or_default();
        group.bytes += item.get("shallow_size")?.as_u64()?;
        group.copies += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, one), (b, other)| other.bytes.cmp(&one.bytes).then_with(|| a.cmp(b)));
    Some(groups)
}

fn table(groups: &[(String, Group)]) -> String {
    let total: u64 = groups.iter().map(|(_, group)| group.bytes).sum();
    let mut rows = vec![format!("{:>9} {:>6}  function, all copies together (before wasm-opt)", "bytes", "copies")];
    rows.extend(groups.iter().take(ROWS).map(|(name, group)| {
        let name: String = name.chars().take(150).collect();
        format!("{:>9} {:>6}  {name}", group.bytes, group.copies)
    }));
    rows.push(format!("{total:>9}         in all"));
    rows.join("\n")
}

/// `core[19fcd706f703a692]::fmt` is `core::fmt`.
fn without_hashes(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((hash, next)) if hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest = next,
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

/// The name without what its generic parameters are: `<A<X> as B>::f::<Y>` is `<A<X> as B>::f`, and `a::f::<Y>` is `a::f`.
fn generic(name: &str) -> &str {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, c) in name.char_indices() {
        match c {
            // Of the text in front, nothing is generic: this opens the parameters of the function itself.
            '<' if depth == 0 && at > 0 => return name[..at].trim_end_matches("::"),
            '<' => depth += 1,
            '>' if before != '-' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_generic_function_are_one_row() {
        let items = serde_json::json!([
            {"name": "<&mut de[0123456789abcdef]::D<R> as Des>::read::<A<B>>", "shallow_size": 5},
            {"name": "<&mut de[0123456789abcdef]::D<R> as Des>::read::<C>", "shallow_size": 7},
            {"name": "core[0123456789abcdef]::ptr::drop_in_place::<fn() -> [u8]>", "shallow_size": 20},
            {"name": "\"function names\" subsection", "shallow_size": 900},
        ]);
        let found = groups(&items).unwrap();
        let rows: Vec<_> = found.iter().map(|(name, group)| (name.as_str(), group.bytes, group.copies)).collect();
        assert_eq!(rows, [("core::ptr::drop_in_place", 20, 1), ("<&mut de::D<R> as Des>::read", 12, 2)]);
        assert!(table(&found).ends_with("32         in all"));
    }
}
