// The app that every bundler builds.
import { createClient } from "@hearken/web";
import "@hearken/web/elements";
import { playbook } from "./playbook.js";

const client = createClient({ playbook, consent: { analytics: true, messaging: true, personalization: true } });
client.mount(document.body);
client.track("opened", { by: "app" });
client.ready.then((status) => (window.app = { store: status.store, error: status.error?.message }));
