import { make, price } from "../dom.js";
import { change, products } from "../cart.js";

export function tile(product) {
  return make("li", { className: "product" },
    make("a", { href: `/product/${product.sku}`, ariaLabel: `Look at ${product.name}` },
      make("img", { src: product.picture, alt: "", width: 400, height: 320 }),
      make("strong", { textContent: product.name }), make("small", { textContent: product.note })),
    make("div", { className: "foot" },
      make("span", { className: "price", textContent: price(product.price_minor) }),
      make("button", { className: "add", type: "button", textContent: "Add", ariaLabel: `Add ${product.name} to the cart`, onclick: () => change(product.sku, 1) })));
}

export function home() {
  const deals = [...products].sort((a, b) => a.price_minor - b.price_minor).slice(0, 3);
  return [
    make("section", { className: "hero" },
      make("div", {}, make("h1", { textContent: "Things for a quiet house" }), make("p", { textContent: "Made slowly, in small numbers, by people whose names we know." }), make("a", { className: "go", href: `/product/${products[0].sku}`, textContent: `See the ${products[0].name}` })),
      make("img", { src: products[0].picture, alt: "", width: 400, height: 320 })),
    make("h2", { textContent: "New this season" }),
    make("ul", { className: "products" }, ...products.map(tile)),
    make("section", { id: "deals" }, make("h2", { textContent: "Small things" }), make("ul", { className: "products" }, ...deals.map(tile))),
  ];
}

export function results() {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const found = products.filter(({ name, note }) => `${name} ${note}`.toLowerCase().includes(query));
  return [make("h1", { textContent: `“${query}”` }), found.length ? make("ul", { className: "products" }, ...found.map(tile)) : make("p", { className: "soft", textContent: "Nothing found. Try another word." })];
}
