// Written by `hearken types` from the tracking plan; do not edit.

export interface MyShopPlan {
  events: {
    "2nd \"visit\"*/": { ""?: number; $odd?: string };
    "Cart Updated": Record<string, never>;
    cart_updated: { class?: number; extra?: Record<string, unknown>; gift?: boolean; items: number; tags?: readonly unknown[]; "top-item"?: string };
  };
  attributes: {
    "2nd tier"?: "none" | "gold${x}\\(y)";
    "a b"?: 1 | 2;
  };
}
