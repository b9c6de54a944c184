// dist/: the entries as ES modules and for `require`, their types, and the module beside them. The wasm and its glue come
// from `cargo xtask generate --only web`, in generated/.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { glue } from "./glue.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path) => `${root}${path}`;
const wasm = at("generated/hearken_wasm_bg.wasm");
if (!existsSync(wasm)) {
  console.error("generated/ is empty: run `cargo xtask generate --only web` first");
  process.exit(1);
}

const ENTRIES = {
  index: "src/index.ts", slim: "src/slim.ts", elements: "src/elements/index.ts", inbox: "src/elements/inbox.ts", inspector: "src/inspector/index.ts",
  exporter: "src/exporter.ts", testing: "src/testing/index.ts",
};
const common = {
  outdir: at("dist"), bundle: true, target: "es2022", minify: true, sourcemap: true, legalComments: "none",
  external: ["node:*", "react"], plugins: [glue], logLevel: "warning",
};
const points = (entries) => Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, at(path)]));
/** React asks each file that a server must not run for this line. */
const CLIENT = '"use client";';

rmSync(at("dist"), { recursive: true, force: true });
await build({ ...common, entryPoints: points(ENTRIES), splitting: true, format: "esm", chunkNames: "chunk-[hash]" });
await build({ ...common, entryPoints: points({ react: "src/react/index.ts" }), format: "esm", banner: { js: CLIENT } });
// For servers that still `require`: each entry by itself, with its own address in place of `import.meta.url`.
const require = {
  ...common, sourcemap: false, format: "cjs", platform: "node", outExtension: { ".js": ".cjs" },
  define: { "import.meta.url": "hearkenUrl" }, inject: [at("scripts/url.cjs.mjs")],
};
await build({ ...require, entryPoints: points(ENTRIES) });
await build({ ...require, entryPoints: points({ react: "src/react/index.ts" }), banner: { js: CLIENT } });
copyFileSync(wasm, at("dist/hearken.wasm"));
execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.json"), "--outDir", at("dist/types")], { stdio: "inherit" });
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(at(`../../${licence}`), at(`dist/${licence}`));
// The same types, in a folder whose files are CommonJS.
cpSync(at("dist/types"), at("dist/types-cjs"), { recursive: true });
writeFileSync(at("dist/types-cjs/package.json"), '{ "type": "commonjs" }\n');
