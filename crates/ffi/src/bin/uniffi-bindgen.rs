//! Writes the Swift and Kotlin sources. Called by `cargo xtask generate`; nobody installs a tool of a matching version.

fn main() {
    uniffi::uniffi_bindgen_main();
}
