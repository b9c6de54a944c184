// The shop's pages: an address, a view, and the screen that Hearken hears of.
import { find } from "./dom.js";

const routes = [];
let entered = () => {};

export function route(pattern, screen, view) {
  routes.push({ pattern, screen, view });
}

export function go(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  show();
}

export function start(onScreen) {
  entered = onScreen;
  addEventListener("popstate", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='/']");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
    find("main").focus({ preventScroll: true });
  });
  show();
}

export function show() {
  for (const { pattern, screen, view } of routes) {
    const found = pattern.exec(location.pathname);
    if (!found) continue;
    entered(screen);
    find("main").replaceChildren(...view(...found.slice(1)));
    for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = link.getAttribute("href") === location.pathname ? "page" : null;
    return scrollTo(0, 0);
  }
  go("/");
}
