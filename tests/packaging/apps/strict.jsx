// An app in development: StrictMode mounts everything twice. Its place comes late, after the client is open; the entry
// that defines its inbox is forgotten.
import { createClient } from "@hearken/web";
import "@hearken/web/elements";
import { HearkenInbox, HearkenMessages, HearkenProvider, useHearken, useImpression, useInbox, usePlacement, useStatus } from "@hearken/web/react";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { playbook } from "./playbook.js";

const client = createClient({ playbook, consent: { analytics: true, messaging: true, personalization: true }, logLevel: "none" });
const app = (window.app = { client, reports: [], mounts: 0 });
client.on("report", ({ code, message }) => app.reports.push(`${code}: ${message}`));

function Hero() {
  const offer = usePlacement("hero");
  const seen = useImpression(offer);
  return <section ref={seen} id="hero">{offer ? <button onClick={() => offer.click("go")}>{offer.message.label}</button> : "Nothing yet"}</section>;
}

function Shop() {
  const [late, setLate] = useState(false);
  const { unread } = useInbox();
  const status = useStatus();
  const hearken = useHearken();
  useEffect(() => void app.mounts++, []);
  useEffect(() => {
    if (status) Object.assign(app, { store: status.store, error: status.error?.message, same: hearken === client });
  }, [status, hearken]);
  return <main><p>Unread: {unread}</p>{late ? <Hero /> : <button id="late" onClick={() => setLate(true)}>Later</button>}</main>;
}

createRoot(document.body.appendChild(document.createElement("div"))).render(
  <StrictMode><HearkenProvider client={client}><Shop /><HearkenMessages /><HearkenInbox /></HearkenProvider></StrictMode>,
);
client.track("opened", { by: "strict" });
