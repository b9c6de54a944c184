import { find } from "./dom.js";
import { hearken } from "./hearken.js";
import { keep, products } from "./cart.js";
import { go, route, start } from "./router.js";
import { account } from "./views/account.js";
import { cart, checkout, thanks } from "./views/cart.js";
import { home, results } from "./views/home.js";
import { product } from "./views/product.js";
import { success } from "./views/success.js";
import { whatIf } from "./whatif.js";

hearken.mount(document.body);

route(/^\/$/, "home", home);
route(/^\/search$/, "search", results);
route(/^\/product\/([\w-]+)$/, "product", product);
route(/^\/cart$/, "cart", cart);
route(/^\/checkout$/, "checkout", checkout);
route(/^\/thanks$/, "thanks", thanks);
route(/^\/account$/, "account", account);
route(/^\/success$/, "success", success);

keep();
start((screen) => hearken.screen(screen));
whatIf();

find("preferences").addEventListener("click", () => hearken.cue("manual", "preferences"));
find("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const query = new FormData(event.target).get("query").trim().toLowerCase();
  if (!query) return;
  const found = products.filter(({ name, note }) => `${name} ${note}`.toLowerCase().includes(query));
  if (!found.length) hearken.track("search_failed", { query });
  history.pushState(null, "", `/search?q=${encodeURIComponent(query)}`);
  go("/search");
});
find("drawer-toggle").addEventListener("click", ({ currentTarget }) => {
  const drawer = find("drawer");
  drawer.hidden = !drawer.hidden;
  currentTarget.ariaExpanded = String(!drawer.hidden);
  localStorage.setItem("shop:drawer", String(!drawer.hidden));
});
if (localStorage.getItem("shop:drawer") === "true") find("drawer-toggle").click();
