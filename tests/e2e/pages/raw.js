// What a test does to a database behind the client's back.
const acts = {
  async renew(tx, ask) {
    const rows = tx.objectStore("rows");
    const key = (await ask(rows.getAllKeys())).at(-1);
    await ask(rows.put((await ask(rows.get(key))).replace('"v":1', '"v":99'), key));
  },
  async spoil(tx, ask) {
    const rows = tx.objectStore("rows");
    const key = (await ask(rows.getAllKeys())).at(-1);
    await ask(rows.put((await ask(rows.get(key))).slice(0, -20), key));
  },
  async remove(tx, ask) {
    const rows = tx.objectStore("rows");
    await ask(rows.delete((await ask(rows.getAllKeys()))[1]));
  },
  async dump(tx, ask) {
    const all = {};
    for (const name of tx.objectStoreNames) all[name] = [await ask(tx.objectStore(name).getAllKeys()), await ask(tx.objectStore(name).getAll())];
    return JSON.stringify(all);
  },
};

export const act = (tx, ask, run) => acts[run](tx, ask);
