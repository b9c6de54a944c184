// What an app hands over becomes JSON, or is refused with its place; nothing is silently cut (engine.md 1.6, 2.6).

import type { Json, Rejection } from "./engine/api.js";

/** Nested deeper than this is a cycle, or nothing that the engine takes anyway. */
const DEPTH = 64;

class Refusal extends Error {
  constructor(readonly rejection: Rejection) {
    super(rejection.code);
  }
}

/** The value as JSON, or why it is none. `undefined` inside an object is an absent property, as in JSON. */
export function toJson(value: unknown, path: string): { json: Json } | { rejection: Rejection } {
  try {
    return { json: convert(value, path, 0) };
  } catch (error) {
    if (error instanceof Refusal) return { rejection: error.rejection };
    // A getter or `toJSON` of the host threw.
    return { rejection: { code: "not_json", path, message: String(error) } };
  }
}

function convert(value: unknown, path: string, depth: number): Json {
  if (depth > DEPTH) throw new Refusal({ code: "too_deep", path, most: DEPTH });
  switch (typeof value) {
    case "string":
      return wellFormed(value);
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new Refusal({ code: "number", path });
      return value;
    case "object":
      return value === null ? null : object(value, path, depth);
    default:
      throw new Refusal({ code: "not_json", path, message: `${typeof value} has no place in JSON` });
  }
}

function object(value: object, path: string, depth: number): Json {
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return convert((value as { toJSON(): unknown }).toJSON(), path, depth + 1);
  }
  if (Array.isArray(value)) return value.map((item, place) => convert(item ?? null, `${path}[${place}]`, depth + 1));
  const kind = Object.getPrototypeOf(value) as unknown;
  if (kind !== Object.prototype && kind !== null && Object.getPrototypeOf(kind as object) !== null) {
    throw new Refusal({ code: "not_json", path, message: `${value.constructor.name} has no place in JSON` });
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // Built as a list, so that a key `__proto__` stays a key.
  return Object.fromEntries(entries.map(([key, inner]) => [wellFormed(key), convert(inner, `${path}.${key}`, depth + 1)]));
}

/** Lone surrogates become U+FFFD (engine.md 1.6). */
function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
}
