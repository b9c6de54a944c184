// A shop, and Hearken in it. What is shown, and why, comes from the engine: this file only says what happened.
import { createClient } from "/hearken/index.js";
import "/hearken/elements.js";
import { explainCampaign, showDecisions, showJournal } from "/panel.js";

const hearken = createClient({
  name: "shop",
  playbook: "/playbook.json",
  consent: { analytics: true, messaging: true, personalization: true },
});
hearken.mount(document.body);
showDecisions(hearken);
showJournal(hearken);

const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" });
const price = (minor) => money.format(minor / 100);
const find = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const catalogue = await (await fetch("/catalogue.json")).json();
const cart = new Map();

function change(product, by) {
  const amount = (cart.get(product) ?? 0) + by;
  if (amount > 0) cart.set(product, amount);
  else cart.delete(product);
  drawCart();
  const lines = [...cart];
  const [top] = lines.reduce((most, line) => (line[0].price_minor > (most[0]?.price_minor ?? 0) ? line : most), []);
  hearken.track("cart_updated", {
    items: lines.reduce((sum, [, count]) => sum + count, 0),
    total_minor: lines.reduce((sum, [{ price_minor }, count]) => sum + price_minor * count, 0),
    top_item: top?.name,
  });
}

function drawCart() {
  const lines = [...cart].map(([product, count]) =>
    make("li", {},
      make("span", {}, `${product.name} `, make("span", { className: "qty", textContent: count > 1 ? `× ${count}` : "" })),
      make("span", {}, `${price(product.price_minor * count)} `,
        make("button", { className: "mini", type: "button", textContent: "Remove", ariaLabel: `Remove ${product.name}`, onclick: () => change(product, -1) }))));
  find("cart").replaceChildren(...(lines.length ? lines : [make("li", { className: "empty", textContent: "Nothing in it yet." })]));
  find("cart-count").textContent = [...cart.values()].reduce((sum, count) => sum + count, 0);
  find("total").textContent = price([...cart].reduce((sum, [{ price_minor }, count]) => sum + price_minor * count, 0));
}

function drawProduct(product) {
  const tile = make("li", { className: "product" });
  const look = () => {
    tile.classList.add("seen");
    hearken.track("product_viewed", { sku: product.sku });
  };
  tile.append(
    make("button", { className: "look", type: "button", ariaLabel: `Look at ${product.name}`, onclick: look },
      make("img", { src: product.picture, alt: "", width: 400, height: 320 }),
      make("span", { className: "words" }, make("strong", { textContent: product.name }), make("small", { textContent: product.note }))),
    make("div", { className: "foot" },
      make("span", { className: "price", textContent: price(product.price_minor) }),
      make("button", { className: "add", type: "button", textContent: "Add", ariaLabel: `Add ${product.name} to the cart`, onclick: () => change(product, 1) })),
  );
  return tile;
}

find("products").replaceChildren(...catalogue.map(drawProduct));
find("products").ariaBusy = "false";
find("tier").addEventListener("change", async ({ target }) => {
  hearken.attribute("tier", target.value);
  explainCampaign(hearken);
});
drawCart();
