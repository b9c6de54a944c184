import { openEngine } from "/hearken/testing.js";
import { runCase } from "/suite/vectors.mjs";

const read = async (path) => (await fetch(`/vectors/${path}`)).text();
window.run = async (name) => runCase(JSON.parse(await read(`${name}.json`)), openEngine, read);
window.ready = true;
