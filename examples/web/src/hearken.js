// All that the shop does to have Hearken in it.
import "./clock.js";
import { createClient } from "@hearken/web";
import "@hearken/web/elements";
import "@hearken/web/inbox";
import "@hearken/web/inspector";
import { ribbon } from "./ribbon.js";
import { go } from "./router.js";

/** Where the playbook's links lead: `shop://cart`, `shop://product/LMP-01`. */
const PLACES = { new: "/", cart: "/cart", help: "/", sizes: "/", machine: "/account" };

export const hearken = createClient({
  name: "shop",
  playbook: "/playbook.json",
  // Nothing is measured before the person says so; the shop's banner asks.
  consent: { analytics: false, personalization: false, messaging: true },
  delegate: {
    deepLink(link) {
      const [place, rest] = link.replace(/^shop:\/\//, "").split("/");
      go(place === "product" ? `/product/${rest}` : (PLACES[place] ?? "/"));
    },
    draw: ribbon,
  },
});
// For whoever opens the console: `await hearken.explain("cart-reminder")`.
window.hearken = hearken;
