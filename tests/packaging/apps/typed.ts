// What an app's compiler says of the package: each line that has to be refused is marked so.
import { createClient, HearkenError, type Presentation, type TrackVerdict } from "@hearken/web";
import { createClient as slim } from "@hearken/web/slim";
import { exporter } from "@hearken/web/exporter";
import { testClient } from "@hearken/web/testing";
import { HearkenProvider, useHearken, useInbox, usePlacement } from "@hearken/web/react";
import "@hearken/web/elements";
import "@hearken/web/inbox";
import "@hearken/web/inspector";

interface ShopPlan {
  events: { cart_updated: { items: number; top_item?: string }; looked: Record<string, never>; searched: { query?: string } };
  attributes: { tier?: "none" | "gold"; points?: number };
}

const consent = { analytics: true, messaging: true, personalization: false };
const shop = createClient<ShopPlan>({ playbook: "/playbook.json", consent, exporter: exporter({ url: "/facts", every: "5s" }) });
const verdict: TrackVerdict = shop.track("cart_updated", { items: 2 });
shop.track("searched");
shop.attribute("tier", "gold");
shop.attribute("tier", null);
shop.attribute("points", 5, "increment");
shop.setConsent({ messaging: false });
shop.mount(document.body);
// @ts-expect-error: the plan knows no such event
shop.track("cart_updatd", { items: 2 });
// @ts-expect-error: `items` is required
shop.track("cart_updated");
// @ts-expect-error: a number, not a text
shop.track("cart_updated", { items: "2" });
// @ts-expect-error: one of the plan's values
shop.attribute("tier", "silver");
// @ts-expect-error: consent is said explicitly
createClient({ playbook: "/playbook.json" });
// @ts-expect-error: the slim client needs its module
slim({ playbook: "/playbook.json", consent });

const open = createClient({ playbook: {}, consent });
open.track("anything", { at: "all" });
open.on("offer", (presentation: Presentation) => void presentation.begin());
const element = document.querySelector("hearken-messages");
if (element) element.client = open;

export function Component() {
  const client = useHearken<ShopPlan>();
  const { cards, unread } = useInbox();
  const offer = usePlacement("hero");
  client.track("cart_updated", { items: unread });
  return HearkenProvider({ client, children: offer?.message.label ?? cards.length });
}

export async function test(): Promise<unknown> {
  const t = await testClient("{}", { consent: "all" });
  return verdict.verdict === "rejected" ? new HearkenError("closed", verdict.rejection.code) : t.shown();
}
