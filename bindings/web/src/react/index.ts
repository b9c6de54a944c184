/** `@hearken/web/react`: a provider, hooks, and the elements as components. Safe to render on a server. */
import { createContext, createElement, useCallback, useContext, useEffect, useState, useSyncExternalStore, type FunctionComponent, type ReactNode } from "react";
import type { HearkenClient } from "../client.js";
import type { Inbox } from "../engine/api.js";
import { watchImpression } from "../elements/impression.js";
import type { AnyClient, InboxView, OpenPlan, PlanOf, Presentation, Renderer, Status } from "../types.js";

const Context = createContext<AnyClient | undefined>(undefined);

/** Gives a client, made once outside of any component, to everything below. */
export function HearkenProvider({ client, children }: { client: AnyClient; children?: ReactNode }): ReactNode {
  return createElement(Context.Provider, { value: client }, children);
}

/** The client of the provider above. */
export function useHearken<P extends PlanOf = OpenPlan>(): HearkenClient<P> {
  const client = useContext(Context);
  if (!client) throw new Error("useHearken: there is no <HearkenProvider client={…}> above");
  return client as HearkenClient<P>;
}

const EMPTY: Inbox = { cards: [], unread: 0 };
const nothing = () => EMPTY;

/** The cards and how many are unread; drawn again when they change. */
export function useInbox(): Inbox & Pick<InboxView, "act"> {
  const { inbox } = useHearken();
  const { cards, unread } = useSyncExternalStore(inbox.subscribe, inbox.get, nothing);
  return { cards, unread, act: inbox.act };
}

/** How the client stands; nothing before it is open. */
export function useStatus(): Status | undefined {
  const client = useHearken();
  const [status, setStatus] = useState<Status>();
  useEffect(() => {
    let there = true;
    void client.ready.then((status) => there && setStatus(status));
    return () => void (there = false);
  }, [client]);
  return status;
}

/**
 * What fills a place in the page, once it may be drawn; nothing as long as nothing does. Draw its `message`, give the
 * element `useImpression(offer)` as its `ref`, and say what the person does: `offer.click(id)`, `offer.dismiss()`.
 */
export function usePlacement(name: string): Presentation | undefined {
  const client = useHearken();
  const [drawn, setDrawn] = useState<Presentation>();
  useEffect(() => {
    let taken: Presentation | undefined;
    const renderer: Renderer = {
      placement: name,
      show(presentation) {
        taken = presentation;
        void presentation.begin().then((may) => may && taken === presentation && setDrawn(presentation));
      },
      withdraw(id) {
        if (taken?.id !== id) return;
        taken = undefined;
        setDrawn(undefined);
      },
    };
    client.attach(renderer);
    client.placement(name);
    return () => {
      client.detach(renderer);
      client.placement(name, false);
      taken?.ended("unmounted");
      taken = undefined;
      setDrawn(undefined);
    };
  }, [client, name]);
  return drawn;
}

/** A `ref` for the element that draws an offer: it says when it was really seen. */
export function useImpression(offer: Presentation | undefined): (element: Element | null) => void {
  const client = useHearken();
  const [element, setElement] = useState<Element | null>(null);
  useEffect(() => {
    if (element && offer) return watchImpression(element, client.needs?.impression ?? 1_000, () => offer.visible());
  }, [client, element, offer]);
  return setElement;
}

interface ElementProps {
  className?: string;
  id?: string;
  children?: ReactNode;
}

/** An element of this package with the client of the provider; the entry that defines it is imported by the app. */
function wrapped<P extends object = object>(tag: string, entry = "@hearken/web/elements"): FunctionComponent<ElementProps & P> {
  return function HearkenElement({ children, className, ...rest }: ElementProps & P) {
    const client = useHearken();
    const take = useCallback(
      (element: (Element & { client?: AnyClient }) | null) => {
        if (!element) return;
        if (!customElements.get(tag)) client.report("elements_missing", `<${tag}> draws nothing: import "${entry}"`);
        element.client = client;
      },
      [client],
    );
    return createElement(tag, { ...rest, class: className, ref: take }, children);
  };
}

/** `<hearken-messages>`: import "@hearken/web/elements". */
export const HearkenMessages: FunctionComponent<ElementProps> = wrapped("hearken-messages");
/** `<hearken-placement>`: import "@hearken/web/elements". */
export const HearkenPlacement: FunctionComponent<ElementProps & { name: string; reserve?: number }> = wrapped("hearken-placement");
/** `<hearken-inbox>`: import "@hearken/web/inbox". */
export const HearkenInbox: FunctionComponent<ElementProps> = wrapped("hearken-inbox", "@hearken/web/inbox");
/** `<hearken-bell>`: import "@hearken/web/inbox". */
export const HearkenBell: FunctionComponent<ElementProps> = wrapped("hearken-bell", "@hearken/web/inbox");
