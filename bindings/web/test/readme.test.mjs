// What the README shows is right: every sample is what a strict compiler takes, and what it shows of the testing kit runs as shown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { testClient } from "@hearken/web/testing";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README's test runs", async () => {
  const shown = /```ts\nimport \{ testClient \}[^\n]*\n\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(shown?.includes("testClient("));
  const playbook = readFileSync(new URL("first-cart.json", import.meta.url), "utf8");
  const run = new Function("testClient", "playbook", `return (async () => { ${shown}\nreturn t; })();`);
  const t = await run(testClient, playbook);
  assert.deepEqual(t.shown().map(({ campaign, seen, open }) => ({ campaign, seen, open })), [{ campaign: "first-cart", seen: true, open: false }]);
  assert.equal(t.why("first-cart").stop, "not_triggered");
});

/** What a sample takes for granted: an app has it. */
const GIVEN = {
  "hearken.gen.d.ts": `export interface ShopPlan {
    events: { cart_updated: { items: number; total_minor?: number } };
    attributes: { tier?: "none" | "silver" | "gold" };
  }`,
  "app.d.ts": `declare const playbook: Record<string, unknown>;
    declare const consent: import("@hearken/web").Consent;
    declare const hearken: import("@hearken/web").HearkenClient;
    declare function App(): import("react").ReactNode;
    declare function DefaultHero(): import("react").ReactNode;`,
};

/** What a compiler says of files that lie in a folder of this package, where an app's imports find what is built. */
function compile(files) {
  const folder = fileURLToPath(new URL("../readme/", import.meta.url));
  const all = new Map(Object.entries({ ...GIVEN, ...files }).map(([name, text]) => [folder + name, text]));
  const options = {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler, moduleDetection: ts.ModuleDetectionKind.Force,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], types: [], jsx: ts.JsxEmit.ReactJSX, strict: true, noEmit: true, noUnusedLocals: false,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  host.fileExists = (name) => all.has(name) || fileExists(name);
  host.readFile = (name) => all.get(name) ?? readFile(name);
  host.directoryExists = (name) => `${name}/` === folder || directoryExists(name);
  host.getSourceFile = (name, ...rest) => (all.has(name) ? ts.createSourceFile(name, all.get(name), rest[0]) : getSourceFile(name, ...rest));
  return ts.getPreEmitDiagnostics(ts.createProgram([...all.keys()], options, host)).map(({ file, start, messageText }) => {
    const line = file ? `${file.fileName.slice(folder.length)}:${file.getLineAndCharacterOfPosition(start).line + 1}` : "";
    return `${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

test("every sample of the README is what a strict compiler takes", () => {
  const samples = [...readme.matchAll(/```(tsx?)\n([\s\S]*?)```/g)];
  assert.ok(samples.length >= 7, `${samples.length} samples`);
  assert.deepEqual(compile(Object.fromEntries(samples.map(([, kind, text], place) => [`sample-${place + 1}.${kind}`, text]))), []);
});

test("a sample that is wrong is found", () => {
  const wrong = 'import { createClient } from "@hearken/web";\ncreateClient({ playbook });\nhearken.trak("x");';
  const said = compile({ "wrong.ts": wrong });
  assert.equal(said.length, 2, said.join("\n"));
  assert.match(said[0], /^wrong\.ts:2 .*'consent' is missing/s);
  assert.match(said[1], /^wrong\.ts:3 .*'trak' does not exist/s);
});
