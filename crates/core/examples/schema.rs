//! Writes the JSON Schemas of the playbook, the exported records and the step protocol into a folder.
//! Called by `cargo xtask generate`.

use std::path::PathBuf;

use hearken_core::schema;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: schema FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    for (name, schema) in schema::all() {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        std::fs::write(folder.join(format!("{name}.schema.json")), text)?;
    }
    Ok(())
}
