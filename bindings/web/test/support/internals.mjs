// Modules that the package does not export, for their own tests: bundled from the sources as they stand.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { glue } from "../../scripts/glue.mjs";

const sources = fileURLToPath(new URL("../../src/", import.meta.url));

/** Everything that these modules export, as one ES module's text. */
export async function bundleInternals(paths) {
  const contents = paths.map((path) => `export * from "./${path}";`).join("\n");
  const { outputFiles } = await build({ stdin: { contents, resolveDir: sources, loader: "ts" }, bundle: true, write: false, format: "esm", target: "es2022", plugins: [glue] });
  return outputFiles[0].text;
}

/** The same, imported. */
export async function internals(...paths) {
  const folder = mkdtempSync(join(tmpdir(), "hearken-internals-"));
  try {
    const file = join(folder, "internals.mjs");
    writeFileSync(file, await bundleInternals(paths));
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
