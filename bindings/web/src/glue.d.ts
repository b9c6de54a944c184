// The generated glue, wrapped by scripts/build.mjs so that each call gives an instance of its own.
import type { Glue } from "./engine/api.js";
export function glue(): Glue;
