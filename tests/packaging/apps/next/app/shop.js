"use client";
import { createClient } from "@hearken/web";
import "@hearken/web/elements";
import { HearkenMessages, HearkenProvider, useInbox, useStatus } from "@hearken/web/react";
import { useEffect, useState } from "react";
import { playbook } from "./playbook";

function Inner() {
  const { unread } = useInbox();
  const status = useStatus();
  useEffect(() => {
    if (status) window.app = { store: status.store, error: status.error?.message };
  }, [status]);
  return <p>Unread: {unread}</p>;
}

export function Shop() {
  const [client] = useState(() => createClient({ playbook, consent: { analytics: true, messaging: true, personalization: true } }));
  useEffect(() => void client.track("opened", { by: "next" }), [client]);
  return <HearkenProvider client={client}><Inner /><HearkenMessages /></HearkenProvider>;
}
