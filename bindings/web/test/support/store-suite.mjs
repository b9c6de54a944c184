// What every store is held to (engine.md 11.1). Memory runs it in Node, IndexedDB in a real browser.

function same(seen, expected, what) {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, seen ${a}`);
}

async function fails(what, act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: nothing failed`);
}

/** Folds texts, and adds what it is told to. */
export class Visitor {
  journal;
  seq = 0;
  folded = [];
  blobs = {};
  #wants;
  #add;

  constructor({ add, wants } = {}) {
    this.#wants = wants;
    this.#add = add;
    // A visit without `handle` only reads.
    if (add) this.handle = (head) => this.#handle(head);
  }

  fold(tail) {
    if (tail.restart) this.folded = tail.checkpoint === undefined ? [] : JSON.parse(tail.checkpoint);
    for (const { json } of tail.rows) this.folded.push(json);
    this.journal = tail.journal;
    this.seq = tail.head;
    return this.#wants;
  }

  supply(hash, content) {
    this.blobs[hash] = content;
  }

  #handle(head) {
    const writes = { rows: [], blobs: [], ...this.#add(head) };
    for (const { last, json } of writes.rows) {
      this.folded.push(json);
      this.seq = last;
    }
    return writes;
  }
}

const row = (last) => ({ last, json: `row ${last}` });
const texts = (...lasts) => lasts.map((last) => `row ${last}`);

async function add(store, writes) {
  const visitor = new Visitor({ add: () => writes });
  await store.visit(visitor, "relaxed");
  return visitor;
}

async function read(store, wants) {
  const visitor = new Visitor({ wants });
  await store.visit(visitor, "relaxed");
  return visitor;
}

/** Each case gets `open()`, which opens the case's own store, again and again, and what the store's kind adds. */
export const cases = {
  "an empty store has an empty head": async ({ open }) => {
    const visitor = await read(await open());
    same([visitor.seq, visitor.folded], [0, []], "state");
  },

  "what was added is folded by the next reader, in order": async ({ open }) => {
    const store = await open();
    await add(store, { rows: [row(2), row(3)] });
    await add(store, { rows: [row(7)] });
    const visitor = await read(store);
    same([visitor.seq, visitor.folded], [7, texts(2, 3, 7)], "state");
  },

  "a visitor that comes again folds only the tail": async ({ open }) => {
    const store = await open();
    const watcher = await add(store, { rows: [row(1)] });
    delete watcher.handle;
    const tails = [];
    const fold = watcher.fold.bind(watcher);
    watcher.fold = (tail) => (tails.push([tail.restart, tail.rows.length]), fold(tail));
    await add(store, { rows: [row(2), row(3)] });
    await store.visit(watcher, "relaxed");
    await store.visit(watcher, "relaxed");
    same(tails, [[false, 2], [false, 0]], "restarts, and rows folded");
    same(watcher.folded, texts(1, 2, 3), "state");
  },

  "a head checkpoint shortens the fold": async ({ open }) => {
    const store = await open();
    await add(store, { rows: [row(1), row(2)], checkpoint: { seq: 1, json: '["to 1"]' } });
    const visitor = await read(store);
    same(visitor.folded, ["to 1", "row 2"], "folded");
  },

  "blobs come back by their hash": async ({ open }) => {
    const store = await open();
    await add(store, { rows: [row(1)], blobs: [{ hash: "abc", content: "document" }] });
    same((await read(store, "abc")).blobs, { abc: "document" }, "found");
    same((await read(store, "def")).blobs, {}, "not found");
  },

  "what a visit throws leaves nothing behind": async ({ open }) => {
    const store = await open();
    await add(store, { rows: [row(1)] });
    const thrown = new Error("in the middle");
    for (const place of ["fold", "supply", "handle"]) {
      const visitor = new Visitor({ wants: "x", add: () => ({ rows: [row(2)] }) });
      visitor[place] = () => {
        throw thrown;
      };
      same((await fails(place, () => store.visit(visitor, "relaxed"))).message, thrown.message, place);
    }
    same((await read(store)).folded, texts(1), "state");
  },

  "the export cursor moves forward only, and only in its own journal": async ({ open }) => {
    const store = await open();
    const { journal } = await add(store, { rows: [row(2), row(3), row(9)] });
    const lasts = async (after = 0, most = 10) => (await store.page(after, most)).rows.map(({ last }) => last);
    same(await lasts(), [2, 3, 9], "all");
    same(await lasts(2, 1), [3], "after 2, one");
    await store.acknowledge(journal, 3);
    same(await lasts(), [9], "after acknowledging 3");
    await store.acknowledge(journal, 2);
    await store.acknowledge("another", 9);
    same([(await store.page(0, 10)).cursor, await lasts()], [3, [9]], "the cursor stays");
    await store.acknowledge(journal, 99);
    same((await store.page(0, 10)).cursor, 9, "never past the head");
  },

  "a prune removes what was acknowledged, behind a base checkpoint": async ({ open }) => {
    const store = await open();
    const { journal } = await add(store, { rows: [row(1), row(2), row(3)] });
    const base = (checkpoint, rows) => JSON.stringify([...JSON.parse(checkpoint ?? "[]"), `to ${rows.at(-1).last}`]);
    same(await store.prune(base), 0, "nothing is acknowledged");
    await store.acknowledge(journal, 2);
    same(await store.prune(base), 2, "rows");
    same((await read(store)).folded, ["to 2", "row 3"], "a new reader starts from the checkpoint");
    await store.acknowledge(journal, 3);
    same(await store.prune(base), 1, "rows");
    const visitor = await read(store);
    same([visitor.seq, visitor.folded], [3, ["to 2", "to 3"]], "the base goes on from the base");
    await add(store, { rows: [row(4)] });
    same((await read(store)).folded, ["to 2", "to 3", "row 4"], "and what follows is added to it");
  },

  "a prune goes further where it is told to, a piece at a time, and the size follows": async ({ open }) => {
    const store = await open();
    const rows = Array.from({ length: 600 }, (_, n) => row(n + 1));
    await add(store, { rows });
    const size = (from) => rows.slice(from).reduce((sum, { json }) => sum + json.length, 0);
    same((await store.page(0, 1)).bytes, size(0), "all of it");
    const base = (checkpoint, rows) => JSON.stringify([...JSON.parse(checkpoint ?? "[]"), `${rows[0].last} to ${rows.at(-1).last}`]);
    same([await store.prune(base, 510), await store.prune(base, 510), await store.prune(base, 510), await store.prune(base, 510)], [250, 250, 10, 0], "pieces");
    same([(await store.page(0, 1)).bytes, (await store.page(0, 1)).rows[0].last], [size(510), 511], "what is left");
    same((await read(store)).folded.slice(0, 4), ["1 to 250", "251 to 500", "501 to 510", "row 511"], "a new reader");
    await add(store, { rows: [row(700)], erased: "another" });
    same((await store.page(0, 1)).bytes, row(700).json.length, "an erasure starts at nothing");
  },

  "a visitor whose place was pruned starts again": async ({ open }) => {
    const store = await open();
    const visitor = await add(store, { rows: [row(1)] });
    delete visitor.handle;
    await add(store, { rows: [row(2), row(3)] });
    await store.acknowledge(visitor.journal, 2);
    await store.prune(() => '["to 2"]');
    await store.visit(visitor, "relaxed");
    same(visitor.folded, ["to 2", "row 3"], "folded");
  },

  "damaged data is set aside, and another journal starts": async ({ open }) => {
    const store = await open();
    const before = await add(store, { rows: [row(1)], blobs: [{ hash: "abc", content: "document" }] });
    await store.acknowledge(before.journal, 1);
    await store.setAside("row 1: broken");
    const after = await read(store);
    same([after.seq, after.folded, after.journal === before.journal], [0, [], false], "empty");
    same((await store.page(0, 10)).cursor, 0, "the cursor starts again");
    await store.visit(before, "relaxed").catch(() => {});
    same(before.journal, after.journal, "a visitor of the old journal starts again");
  },

  "an erasure empties everything in the write that begins another journal": async ({ open }) => {
    const store = await open();
    const before = await add(store, { rows: [row(1), row(2)], blobs: [{ hash: "abc", content: "document" }], checkpoint: { seq: 2, json: '["to 2"]' } });
    await store.acknowledge(before.journal, 2);
    await add(store, { rows: [row(1)], erased: "another" });
    const after = await read(store, "abc");
    same([after.journal, after.seq, after.folded, after.blobs], ["another", 1, texts(1), {}], "what is there");
    same((await store.page(0, 10)).cursor, 0, "the cursor starts again");
    await store.visit(before, "relaxed").catch(() => {});
    same(before.journal, "another", "a visitor of the old journal starts again");
  },

  "a cursor moves in the write that says so": async ({ open }) => {
    const store = await open();
    await add(store, { rows: [row(1)] });
    await add(store, { rows: [row(2)], cursor: 1 });
    same((await store.page(0, 10)).rows.map(({ last }) => last), [2], "what is left");
  },
};
