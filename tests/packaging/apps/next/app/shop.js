"use client";
import { createClient } from "@hearken/web";
import "@hearken/web/elements";
import { HearkenMessages, HearkenProvider, useHearken, useImpression, useInbox, usePlacement, useStatus } from "@hearken/web/react";
import { useEffect, useState } from "react";
import { playbook } from "./playbook";

/** Drawn by the app itself. */
function Hero() {
  const client = useHearken();
  const offer = usePlacement("hero");
  const seen = useImpression(offer);
  useEffect(() => client.on("shown", ({ campaign }) => (window.app = { ...window.app, [campaign]: "seen" })), [client]);
  return <section ref={seen} id="hero">{offer ? <button onClick={() => offer.click("go")}>{offer.message.label}</button> : "Nothing yet"}</section>;
}

function Inner() {
  const { unread } = useInbox();
  const status = useStatus();
  useEffect(() => {
    if (status) window.app = { ...window.app, store: status.store, error: status.error?.message };
  }, [status]);
  return <p>Unread: {unread}</p>;
}

export function Shop() {
  const [client] = useState(() => createClient({ playbook, consent: { analytics: true, messaging: true, personalization: true } }));
  useEffect(() => void client.track("opened", { by: "next" }), [client]);
  return <HearkenProvider client={client}><Inner /><Hero /><HearkenMessages /></HearkenProvider>;
}
