// The cursor over a store that is not there: batches, their bounds, and a journal that starts again under it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { internals } from "./support/internals.mjs";

const { exportBatches } = await internals("export.ts");

/** Rows of some records each; records with an odd number are not exported. */
class Fake {
  journal = "one";
  cursor = 0;
  rows = [];
  pages = 0;

  add(count) {
    const first = (this.rows.at(-1)?.last ?? 0) + 1;
    this.rows.push({ last: first + count - 1, json: JSON.stringify([first, first + count - 1]) });
    return this;
  }

  async page(after, most) {
    this.pages += 1;
    const from = Math.max(after, this.cursor);
    return { journal: this.journal, cursor: this.cursor, rows: this.rows.filter(({ last }) => last > from).slice(0, most) };
  }

  async acknowledge(journal, seq) {
    if (journal === this.journal) this.cursor = Math.max(this.cursor, seq);
  }
}

const lines = ({ json }, after) => {
  const [first, last] = JSON.parse(json);
  const all = Array.from({ length: last - first + 1 }, (_, place) => first + place);
  return all.filter((seq) => seq > after && seq % 2 === 0).map((seq) => ({ seq, line: `line ${seq}` }));
};

async function collect(store, max, each = () => {}) {
  const batches = [];
  for await (const batch of exportBatches(() => store, lines, max, false)) {
    batches.push([batch.from, batch.to, batch.records.length]);
    await each(batch, batches.length);
  }
  return batches;
}

test("batches are cut at `max`, in the middle of a row if need be, and repeat until they are acknowledged", async () => {
  const store = new Fake().add(5).add(1).add(4);
  assert.deepEqual(await collect(store, 2), [[2, 4, 2], [6, 8, 2], [10, 10, 1]]);
  assert.deepEqual(await collect(store, 100), [[2, 10, 5]]);
});

test("what was acknowledged does not return, from the middle of a row either", async () => {
  const store = new Fake().add(5).add(5);
  await collect(store, 3, (batch, number) => number === 1 && batch.acknowledge());
  assert.equal(store.cursor, 6);
  assert.deepEqual(await collect(store, 3), [[8, 10, 2]]);
});

test("acknowledging the last batch acknowledges what is not exported behind it", async () => {
  const store = new Fake().add(4).add(1);
  await collect(store, 10, (batch) => batch.acknowledge());
  assert.equal(store.cursor, 5);
});

test("many rows are read in pages, and nothing twice", async () => {
  const store = new Fake();
  for (let n = 0; n < 450; n++) store.add(2);
  const batches = await collect(store, 100);
  assert.deepEqual(batches.map(([, , count]) => count), [100, 100, 100, 100, 50]);
  assert.equal(store.pages, 3);
});

test("a journal that starts again is read from its beginning", async () => {
  const store = new Fake();
  for (let n = 0; n < 201; n++) store.add(2);
  const batches = await collect(store, 150, (_, number) => {
    if (number > 1) return;
    store.journal = "two";
    store.rows = [];
    store.add(4);
  });
  assert.deepEqual(batches, [[2, 300, 150], [2, 4, 2]]);
});

test("an empty journal gives no batch", async () => assert.deepEqual(await collect(new Fake(), 10), []));
