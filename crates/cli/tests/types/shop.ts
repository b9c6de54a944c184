// Written by `hearken types` from the tracking plan; do not edit.

export interface ShopPlan {
  events: {
    beacon_entered: { place?: string };
    cart_updated: { items?: number; top_item?: string; total_minor?: number };
    nps_answered: { score?: number; why?: string };
    order_completed: { order_id: string; revenue_minor?: number };
    product_viewed: { price_minor?: number; sku: string };
  };
  attributes: {
    first_name?: string;
    points?: number;
    tier?: "none" | "silver" | "gold";
  };
}
