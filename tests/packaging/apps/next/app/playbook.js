export const playbook = {
  spec: 1, id: "packaged", revision: 1, plan: { events: { opened: { purpose: ["messaging"], properties: { by: { type: "string" } } } } },
  campaigns: [
    { id: "hello", channel: ["in_browser"], trigger: { event: "opened" }, message: "hello" },
    { id: "hero", channel: ["in_browser"], trigger: { event: "opened" }, placement: "hero", message: "hero" },
  ],
  messages: {
    hello: { layout: "modal", pages: [[{ heading: "Packaged" }]] },
    hero: { layout: "inline", pages: [[{ heading: "In its place" }, { button: { id: "go", label: "Go", role: "primary", actions: ["dismiss"], stay: false } }]] },
  },
};
