// dist/: the entries as ES modules, their types, and the module beside them. The wasm and its glue come from
// `cargo xtask generate --only web`, in generated/.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync } from "node:fs";
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

rmSync(at("dist"), { recursive: true, force: true });
await build({
  entryPoints: {
    index: at("src/index.ts"), slim: at("src/slim.ts"), elements: at("src/elements/index.ts"), inbox: at("src/elements/inbox.ts"), exporter: at("src/exporter.ts"),
    testing: at("src/testing/index.ts"),
  },
  outdir: at("dist"),
  bundle: true, splitting: true, format: "esm", target: "es2022", minify: true, sourcemap: true, legalComments: "none",
  chunkNames: "chunk-[hash]",
  external: ["node:*"],
  plugins: [glue],
  logLevel: "warning",
});
copyFileSync(wasm, at("dist/hearken.wasm"));
execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.json"), "--outDir", at("dist/types")], { stdio: "inherit" });
