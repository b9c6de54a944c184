import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openEngine } from "@hearken/web/testing";
import { runCase } from "./support/vectors.mjs";

const read = (path) => readFileSync(new URL(`../../../tests/vectors/${path}`, import.meta.url), "utf8");
const { cases } = JSON.parse(read("index.json"));

test("the index names the cases", () => assert.ok(cases.length >= 10));

for (const name of cases) {
  const vector = JSON.parse(read(`${name}.json`));
  test(`vector ${name}: ${vector.title}`, async () => assert.deepEqual(await runCase(vector, openEngine, read), []));
}

test("a wrong expectation is found", async () => {
  const vector = JSON.parse(read("slice.json"));
  const place = vector.steps.findIndex(({ expect }) => expect.offered);
  vector.steps[place].expect.offered[0].campaign = "another";
  vector.steps[place].expect.decisions[0].outcome = "waiting";
  const wrong = await runCase(vector, openEngine, read);
  assert.deepEqual(wrong.map((line) => line.split(": ")[1]), ["offered", "decisions"]);
});
