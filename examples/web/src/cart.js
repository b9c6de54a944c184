// What is in the cart, kept by the shop; Hearken hears of each change.
import catalogue from "./catalogue.json";
import { find } from "./dom.js";
import { hearken } from "./hearken.js";

const KEY = "shop:cart";
const cart = new Map(JSON.parse(localStorage.getItem(KEY) ?? "[]"));

export const products = catalogue;
export const productOf = (sku) => catalogue.find((product) => product.sku === sku);

export function lines() {
  return [...cart].flatMap(([sku, count]) => (productOf(sku) ? [{ product: productOf(sku), count }] : []));
}

export const items = () => lines().reduce((sum, { count }) => sum + count, 0);
export const total = () => lines().reduce((sum, { product, count }) => sum + product.price_minor * count, 0);

export function change(sku, by) {
  const count = (cart.get(sku) ?? 0) + by;
  if (count > 0) cart.set(sku, count);
  else cart.delete(sku);
  keep();
  const top = lines().sort((a, b) => b.product.price_minor - a.product.price_minor)[0];
  hearken.track("cart_updated", { items: items(), total_minor: total(), ...(top && { top_item: top.product.name }) });
}

export function order() {
  hearken.track("order_completed", { order_id: crypto.randomUUID().slice(0, 8), revenue_minor: total() });
  cart.clear();
  keep();
}

export function keep() {
  localStorage.setItem(KEY, JSON.stringify([...cart]));
  find("cart-count").textContent = items();
}
