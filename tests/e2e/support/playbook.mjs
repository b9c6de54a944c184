// The playbook of the browser tests; each test changes what it is about.

export function playbook({ revision = 1, caps = { gentle: { max: 1, per: "1d" } }, limit, interval = "0ms", picture = "/picture.svg" } = {}) {
  return {
    spec: 1,
    id: "e2e",
    revision,
    plan: {
      events: {
        cart_updated: { properties: { items: { type: "int" }, note: { type: "string" } }, purpose: ["analytics", "messaging"] },
        offer_accepted: { properties: { code: { type: "string" } } },
      },
      attributes: { tier: { type: "string" } },
    },
    settings: { interval },
    caps,
    campaigns: [
      {
        id: "offer",
        channel: ["in_browser"],
        trigger: { event: "cart_updated", where: { items: { $gte: 1 } } },
        audience: { tier: { $ne: "gold" } },
        caps: Object.keys(caps),
        ...(limit && { limit }),
        message: "free",
      },
    ],
    messages: {
      free: {
        layout: "modal",
        pages: [
          [
            { image: { src: picture, alt: "A parcel" } },
            { heading: "Delivery is on us" },
            { text: "Keep your cart until midnight." },
            { button: { id: "accept", label: "Add it", role: "primary", actions: [{ track: { event: "offer_accepted", properties: { code: "D" } } }] } },
            { button: { id: "link", label: "Go there", stay: true, actions: [{ deep_link: "shop://cart" }] } },
            { button: { id: "later", label: "Not now", actions: ["dismiss"] } },
          ],
        ],
      },
    },
  };
}
