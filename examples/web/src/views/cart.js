import { make, price } from "../dom.js";
import { change, items, lines, order, total } from "../cart.js";
import { hearken } from "../hearken.js";
import { go, show } from "../router.js";

export function cart() {
  if (!lines().length) return [make("h1", { textContent: "Your cart" }), make("p", { className: "soft", textContent: "There is nothing in it yet." }), make("a", { className: "go", href: "/", textContent: "Look around" })];
  const step = (sku, by) => {
    change(sku, by);
    show();
  };
  const rows = lines().map(({ product, count }) =>
    make("li", {}, make("img", { src: product.picture, alt: "", width: 100, height: 80 }), make("span", { className: "what" }, make("strong", { textContent: product.name }), make("small", { textContent: product.note })),
      make("span", { className: "count" },
        make("button", { type: "button", textContent: "−", ariaLabel: `One ${product.name} less`, onclick: () => step(product.sku, -1) }), make("output", { textContent: count }),
        make("button", { type: "button", textContent: "+", ariaLabel: `One ${product.name} more`, onclick: () => step(product.sku, 1) })),
      make("span", { className: "price", textContent: price(product.price_minor * count) })));
  return [
    make("h1", { textContent: "Your cart" }),
    make("ul", { className: "lines" }, ...rows),
    make("p", { className: "sum" }, make("span", { textContent: "Together" }), make("strong", { textContent: price(total()) })),
    make("a", { className: "go", href: "/checkout", textContent: "Check out" }),
  ];
}

export function checkout() {
  if (!lines().length) return cart();
  hearken.track("checkout_started", { items: items() });
  const form = make("form", { className: "checkout" },
    make("label", {}, "Name ", make("input", { name: "name", autocomplete: "name", required: true, value: "Ann Field" })),
    make("label", {}, "Street ", make("input", { name: "street", autocomplete: "street-address", required: true, value: "3 Quiet Lane" })),
    make("label", {}, "City ", make("input", { name: "city", autocomplete: "address-level2", required: true, value: "Fernhill" })),
    make("p", { className: "sum" }, make("span", { textContent: "Together" }), make("strong", { textContent: price(total()) })),
    make("button", { className: "add wide", textContent: "Order" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    order();
    go("/thanks");
  });
  return [make("h1", { textContent: "Where shall it go?" }), form];
}

export function thanks() {
  return [make("h1", { textContent: "Thank you" }), make("p", { className: "soft", textContent: "It is on its way in two days. (It is not: this is a demonstration.)" }), make("a", { className: "go", href: "/", textContent: "Back to the shop" })];
}
