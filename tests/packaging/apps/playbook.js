export const playbook = {
  spec: 1, id: "packaged", revision: 1, plan: { events: { opened: { purpose: ["messaging"], properties: { by: { type: "string" } } } } },
  campaigns: [{ id: "hello", channel: ["in_browser"], trigger: { event: "opened" }, message: "hello" }],
  messages: { hello: { layout: "modal", pages: [[{ heading: "Packaged" }]] } },
};
