// What a day in a shop brings, at the press of a button.
import { pass, reading } from "./clock.js";
import { find, make } from "./dom.js";
import { hearken } from "./hearken.js";
import { products } from "./cart.js";
import { show } from "./router.js";

const HOUR = 3_600_000;

/** The clock moved: whatever became due meanwhile happens now. */
function later(ms) {
  pass(ms);
  hearken.host({});
  tell();
}

const PLAYS = [
  ["I'm in the store", () => hearken.track("beacon_entered", { place: "flagship" })],
  ["An hour passes", () => later(HOUR)],
  ["A day passes", () => later(24 * HOUR)],
  ["A price drops", () => {
    const product = products[Math.floor(Math.random() * products.length)];
    hearken.track("price_dropped", { sku: product.sku, name: product.name, price_minor: Math.round(product.price_minor * 0.8) });
  }],
  ["The coffee machine reports", () => hearken.track("device_status", { device: "Brio 3", hours: 214 })],
  ["Ann signs in", () => {
    hearken.identify("u-1001");
    hearken.attribute("first_name", "Ann");
    hearken.attribute("tier", "silver");
    hearken.attribute("points", 640);
    show();
  }],
  ["She signs out", () => {
    hearken.reset();
    show();
  }],
  ["Start over", async () => {
    await hearken.erase();
    localStorage.clear();
    sessionStorage.clear();
    location.assign("/");
  }],
];

export function whatIf() {
  find("whatif").replaceChildren(...PLAYS.map(([name, play]) => make("button", { type: "button", textContent: name, onclick: play })));
  tell();
  setInterval(tell, 10_000);
}

function tell() {
  find("clock").textContent = reading();
}
