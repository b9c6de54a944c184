import { test } from "node:test";
import { internals } from "./support/internals.mjs";
import { cases } from "./support/store-suite.mjs";

const { MemoryStore } = await internals("store/memory.ts");

for (const [name, run] of Object.entries(cases)) {
  test(`memory store: ${name}`, async () => {
    const store = new MemoryStore();
    await run({ open: async () => store });
  });
}
