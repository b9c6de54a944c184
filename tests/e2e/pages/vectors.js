import { openEngine } from "/hearken/testing.js";
import { canonical, runCase, runWith } from "/suite/vectors.mjs";
import { shellDriver } from "/suite/shell-driver.mjs";
import { exportBatches, IndexedDbStore, Journal, Queue, Shell, TabStore } from "/internals.js";

const read = async (path) => (await fetch(`/vectors/${path}`)).text();
const vector = async (name) => JSON.parse(await read(`${name}.json`));
const parts = { canonical, exportBatches, Journal, Queue, Shell, TabStore };
const module = await WebAssembly.compileStreaming(fetch("/hearken/hearken.wasm"));
const openStore = (name) => IndexedDbStore.open(name, { openTimeout: 3_000, transactionTimeout: 5_000, onLost: () => {} });

window.run = async (name) => runCase(await vector(name), openEngine, read);
window.runShell = async (name) => {
  const driver = shellDriver(parts, module, openStore, name);
  try {
    return [...(await runWith(await vector(name), driver, read)), ...driver.reports];
  } finally {
    await driver.close();
  }
};
window.ready = true;
