// The module for tests: from the file beside this one in Node, over the network in a browser.

import { compile, instantiate, type WasmSource } from "../engine/module.js";
import { Engine } from "../engine/engine.js";
import type { Glue } from "../engine/api.js";

let module: Promise<WebAssembly.Module> | undefined;

async function fromDisk(): Promise<WebAssembly.Module> {
  // @ts-ignore: Node's types are no dependency of a package for pages.
  const { readFile } = await import("node:fs/promises");
  return WebAssembly.compile(await readFile(new URL("hearken.wasm", import.meta.url)));
}

/** A fresh instance of the module, with a memory of its own. */
export async function loadGlue(source?: WasmSource): Promise<Glue> {
  if (source !== undefined) return instantiate(await compile(source));
  module ??= import.meta.url.startsWith("file:") ? fromDisk() : compile(new URL("hearken.wasm", import.meta.url));
  return instantiate(await module);
}

/** The engine itself, to be driven by hand. */
export async function openEngine(options: { owner: string; channels?: string[]; wasm?: WasmSource }): Promise<Engine> {
  return new Engine(await loadGlue(options.wasm), options.owner, options.channels?.join(","));
}
