import { make, price } from "../dom.js";
import { change, productOf, products } from "../cart.js";
import { hearken } from "../hearken.js";
import { tile } from "./home.js";

const STORY = [
  "It begins with a drawing on brown paper, and a week of doing nothing about it. What still looks right after that week is made, once, by hand.",
  "The second one is better. The third one we keep for ourselves, and from the fourth on you can have it.",
  "The materials come from no further than a day's drive. We know the mill, the kiln and the forge, and the dogs that live there.",
  "If it breaks, send it back: we mend what we make, for as long as we are here.",
];

export function product(sku) {
  const found = productOf(sku);
  if (!found) return [make("h1", { textContent: "This is no longer made" })];
  hearken.track("product_viewed", { sku: found.sku, name: found.name, price_minor: found.price_minor });
  const size = make("select", { id: "size" }, ...["Small", "Medium", "Large"].map((name) => make("option", { textContent: name })));
  return [
    make("article", { className: "detail" },
      make("img", { src: found.picture, alt: "", width: 400, height: 320 }),
      make("div", {},
        make("h1", { textContent: found.name }), make("p", { className: "soft", textContent: found.note }), make("p", { className: "price big", textContent: price(found.price_minor) }),
        make("label", { className: "size" }, "Size ", size),
        make("button", { className: "add wide", type: "button", textContent: "Add to the cart", ariaLabel: `Add ${found.name} to the cart`, onclick: () => change(found.sku, 1) }))),
    make("section", { className: "story" }, make("h2", { textContent: "How it is made" }), ...STORY.map((text) => make("p", { textContent: text }))),
    make("h2", { textContent: "Goes with it" }),
    make("ul", { className: "products" }, ...products.filter((other) => other !== found).slice(0, 3).map(tile)),
  ];
}
