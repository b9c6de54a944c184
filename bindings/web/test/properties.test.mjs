import assert from "node:assert/strict";
import { test } from "node:test";
import { internals } from "./support/internals.mjs";

const { toJson } = await internals("properties.ts");

test("what JSON carries is taken as it is, and a copy is taken", () => {
  const given = { a: [1, "x", null, { b: true }], when: new Date(0), gone: undefined };
  assert.deepEqual(toJson(given, "e"), { json: { a: [1, "x", null, { b: true }], when: "1970-01-01T00:00:00.000Z" } });
  const { json } = toJson(JSON.parse('{"__proto__": {"polluted": true}}'), "e");
  assert.deepEqual(Object.keys(json), ["__proto__"]);
  assert.equal({}.polluted, undefined);
});

test("what JSON does not carry is refused by its place", () => {
  const refused = (value) => {
    const { rejection } = toJson(value, "e");
    return `${rejection.code} ${rejection.path}`;
  };
  assert.equal(refused({ a: { b: [0, NaN] } }), "number e.a.b[1]");
  assert.equal(refused({ a: -Infinity }), "number e.a");
  assert.equal(refused({ a: () => {} }), "not_json e.a");
  assert.equal(refused({ a: Symbol("x") }), "not_json e.a");
  assert.equal(refused({ a: 1n }), "not_json e.a");
  assert.equal(refused({ a: new Map() }), "not_json e.a");
  assert.equal(refused({ get a() { throw new Error("no"); } }), "not_json e");
  const cycle = [];
  cycle.push(cycle);
  assert.match(refused({ cycle }), /^too_deep e\.cycle\[0\]/);
});

test("lone surrogates become U+FFFD, pairs stay", () => {
  assert.deepEqual(toJson({ a: "\ud83d\ude00 \ud83d \ude00" }, "e"), { json: { a: "\u{1f600} \ufffd \ufffd" } });
});
