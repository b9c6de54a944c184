import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * The glue keeps its instance in a variable of its module, so it is wrapped in a function: each engine gets an instance
 * with a memory of its own, and a trap discards it whole (engine.md 1.7).
 */
export const glue = {
  name: "glue",
  setup(builder) {
    builder.onResolve({ filter: /\/glue\.js$/ }, () => ({ path: "glue", namespace: "glue" }));
    builder.onLoad({ filter: /.*/, namespace: "glue" }, async () => {
      const entry = 'export { HearkenEngine, exportRow, initSync } from "./hearken_wasm.js";';
      const { outputFiles } = await build({
        stdin: { contents: entry, resolveDir: fileURLToPath(new URL("../generated", import.meta.url)) },
        bundle: true, write: false, format: "esm", target: "es2022", legalComments: "none",
        // Only the loader that we do not use would look there.
        define: { "import.meta.url": "undefined" },
      });
      // What the module exports is what the function returns: a wrapper of esbuild's own costs more than it does.
      const [body, names] = outputFiles[0].text.split(/^export (?=\{)/m);
      return { contents: `export function glue() {\n${body}\nreturn ${names}}`, loader: "js" };
    });
  },
};
