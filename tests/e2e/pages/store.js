// The store contract in a browser, and faults at every write boundary of a real transaction.
import { IndexedDbStore } from "/internals.js";
import { cases, Visitor } from "/suite/store-suite.mjs";

const options = { openTimeout: 3_000, transactionTimeout: 5_000, onLost: () => {} };
const open = (name) => IndexedDbStore.open(name, options);
const plain = ({ name, code, place }) => ({ name, code, place });

window.run = async (name) => {
  const stores = [];
  await cases[name]({ open: async () => (stores.push(await open(name)), stores.at(-1)) });
  for (const store of stores) store.close();
};

/** Lets the nth write of the next transactions fail; the answer says whether there was one, and ends it. */
function faultAt(place) {
  let writes = 0;
  const originals = [];
  const spoil = (prototype, method) => {
    const original = prototype[method];
    originals.push(() => (prototype[method] = original));
    prototype[method] = function (...given) {
      // Only the journal itself: the copy beside it is a database of its own.
      if (!(this.transaction ?? this).db.name.endsWith(":damaged")) {
        const isRead = (this.transaction ?? this).mode === "readonly";
        if (!isRead && ++writes === place) throw new Error("fault");
      }
      return original.apply(this, given);
    };
  };
  for (const method of ["add", "put", "delete", "clear"]) spoil(IDBObjectStore.prototype, method);
  spoil(IDBTransaction.prototype, "commit");
  return () => {
    for (const restore of originals) restore();
    return writes >= place;
  };
}

/** Everything that is stored, as it is. */
async function dump(name) {
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open(`hearken:${name}`);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const tx = db.transaction([...db.objectStoreNames]);
  const all = {};
  for (const store of db.objectStoreNames) {
    tx.objectStore(store).getAllKeys().onsuccess = ({ target }) => (all[`${store} keys`] = target.result);
    tx.objectStore(store).getAll().onsuccess = ({ target }) => (all[store] = target.result);
  }
  await new Promise((resolve) => (tx.oncomplete = resolve));
  db.close();
  return JSON.stringify(all);
}

/** Fails at each write of `act` in turn; says how many there are. */
async function everyWrite(name, act) {
  for (let place = 1; ; place++) {
    const before = await dump(name);
    const end = faultAt(place);
    const failed = await act().then(() => false, () => true);
    const met = end();
    const after = await dump(name);
    if (met !== failed) throw new Error(`${name}: write ${place}: fault met: ${met}, rejected: ${failed}`);
    if (!met) {
      if (before === after) throw new Error(`${name}: nothing was written at all`);
      return place - 1;
    }
    if (before !== after) throw new Error(`${name}: write ${place}: ${before} became ${after}`);
  }
}

window.aborts = async () => {
  const store = await open("aborts");
  const row = (last) => ({ last, json: `row ${last}` });
  const writes = {
    rows: [row(1), row(2), row(4)],
    blobs: [{ hash: "a", content: "x" }, { hash: "b", content: "y" }],
    checkpoint: { seq: 2, json: '["to 2"]' },
  };
  await store.visit(new Visitor({ add: () => ({ rows: [] }) }), "strict");
  const visit = await everyWrite("aborts", () => store.visit(new Visitor({ add: () => writes }), "strict"));
  const { journal } = await store.page(0, 1);
  const acknowledge = await everyWrite("aborts", () => store.acknowledge(journal, 4));
  const prune = await everyWrite("aborts", () => store.prune(() => '["to 4"]'));
  const setAside = await everyWrite("aborts", () => store.setAside("why"));
  store.close();
  return { visit, acknowledge, prune, setAside };
};

const raw = (name, version, upgrade) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

window.newer = async () => {
  (await raw("hearken:newer", 7, (db) => db.createObjectStore("future"))).close();
  const error = await open("newer").catch(plain);
  const db = await raw("hearken:newer");
  const seen = { error, version: db.version, stores: [...db.objectStoreNames] };
  db.close();
  return seen;
};

window.newerHead = async () => {
  const store = await open("newer-head");
  await store.visit(new Visitor({ add: () => ({ rows: [{ last: 1, json: "row 1" }] }) }), "strict");
  const db = await raw("hearken:newer-head");
  const meta = () => db.transaction("meta", "readwrite").objectStore("meta");
  const head = await new Promise((resolve) => (meta().get("head").onsuccess = ({ target }) => resolve(target.result)));
  await new Promise((resolve) => (meta().put({ ...head, v: 99, more: true }, "head").onsuccess = resolve));
  const before = await dump("newer-head");
  const error = await store.visit(new Visitor({ add: () => ({ rows: [{ last: 2, json: "row 2" }] }) }), "strict").catch(plain);
  if ((await dump("newer-head")) !== before) throw new Error("it was touched");
  const after = await new Promise((resolve) => (meta().get("head").onsuccess = ({ target }) => resolve(target.result)));
  db.close();
  store.close();
  return { error, head: after };
};

window.kept = async () => {
  const db = await raw("hearken:damaged data is set aside, and another journal starts:damaged");
  const all = await new Promise((resolve) => (db.transaction("kept").objectStore("kept").getAll().onsuccess = ({ target }) => resolve(target.result)));
  db.close();
  return all;
};

window.ready = true;
