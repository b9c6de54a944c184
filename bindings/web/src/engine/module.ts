// Loading the WebAssembly module: compiled once per address, instantiated once per engine lifetime, so that a trap
// discards everything it may have touched (engine.md 1.7).

import { HearkenError, messageOf } from "../error.js";
import { glue } from "../glue.js";
import type { Glue } from "./api.js";

/** Where the module comes from: an address, its bytes, or a promise of either or of a response. */
export type WasmSource =
  | URL
  | string
  | BufferSource
  | Response
  | WebAssembly.Module
  | Promise<URL | string | BufferSource | Response | WebAssembly.Module>;

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles what the host names. */
export function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof URL || typeof source === "string") return shared(new URL(source, globalThis.location?.href));
  return translate(
    Promise.resolve(source).then((given) => {
      if (given instanceof WebAssembly.Module) return given;
      if (given instanceof URL || typeof given === "string") return compile(given);
      return given instanceof Response ? fromResponse(given) : WebAssembly.compile(given);
    }),
    "the module given as `wasm`",
  );
}

/** A fresh instance with its own memory. */
export function instantiate(module: WebAssembly.Module): Glue {
  const fresh = glue();
  fresh.initSync({ module });
  return fresh;
}

function shared(url: URL): Promise<WebAssembly.Module> {
  let module = compiled.get(url.href);
  if (!module) {
    module = translate(fetch(url, { credentials: "same-origin" }).then(fromResponse), url.href);
    compiled.set(url.href, module);
    // A failure is not remembered: the next client asks again.
    module.catch(() => compiled.delete(url.href));
  }
  return module;
}

async function fromResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`status ${response.status}`);
  const typed = response.headers.get("content-type")?.startsWith("application/wasm");
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

async function translate(module: Promise<WebAssembly.Module>, from: string): Promise<WebAssembly.Module> {
  try {
    return await module;
  } catch (cause) {
    if (cause instanceof HearkenError) throw cause;
    const text = messageOf(cause);
    // Chromium throws a CompileError and fires no violation event; the text is the only sign.
    if (cause instanceof WebAssembly.CompileError && /content.security.policy|unsafe-eval/i.test(text)) {
      throw new HearkenError(
        "wasm_blocked",
        "the page's Content-Security-Policy does not let WebAssembly run: add 'wasm-unsafe-eval' to script-src",
        { place: "Content-Security-Policy: script-src", cause },
      );
    }
    throw new HearkenError("wasm_unavailable", `${from}: ${text}`, { place: from, cause });
  }
}
