// The engine's hand-written type is what wasm-bindgen generated: checked by the compiler alone.
import type { RawEngine } from "../src/engine/api.js";
import type * as generated from "../generated/hearken_wasm.js";

export const engine = (raw: generated.HearkenEngine): RawEngine => raw;
export const glue: typeof generated.exportRow = (row: string, after: number, withPii: boolean): string => `${row}${after}${withPii}`;
