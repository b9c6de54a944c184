// Every layout with the keyboard alone, in three engines: the order of the focus, what Escape, Enter and Space do, and
// where the focus is when a message is gone.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../support/browser.mjs";
import { ENGINES, openEngine } from "../support/engines.mjs";
import { gallery } from "../support/gallery.mjs";
import { Keyboard } from "../support/keyboard.mjs";
import { serve } from "../support/server.mjs";

let server;
before(async () => {
  server = await serve({ "/gallery.json": JSON.stringify(gallery()) });
});
after(() => server?.close());

for (const name of ENGINES) describe(name, () => walks(name));

function walks(engine) {
  let browser;
  before(async () => {
    browser = await openEngine(engine);
  });
  after(() => browser?.close());

  const walk = (what, run) =>
    test(what, async () => {
      const keys = await Keyboard.open(browser, server.url, { name: what });
      await run(keys);
      assert.deepEqual(await keys.eval(() => [t.violations, t.reports]), [[], []]);
      await keys.close();
    });

  for (const [layout, controls] of [
    ["modal", ["button Close", "a Terms", "button Add it", "button Not now"]],
    ["fullscreen", ["button Close", "a Terms", "button Add it"]],
  ]) {
    walk(`${layout}: the focus goes in and stays in, in the order of its blocks; every way out gives it back`, async (keys) => {
      await keys.to("button Before");
      await keys.show(layout);
      assert.match(await keys.focused(), /^dialog Delivery is on us/);
      assert.deepEqual((await keys.walk()).filter((name) => !name.startsWith("dialog")), controls);
      await keys.to(controls.at(-1));
      for (const control of controls.slice(0, -1).reverse()) assert.equal(await keys.next("Shift+Tab"), control);
      await keys.press("Escape");
      await keys.gone();
      assert.equal(await keys.focused(), "button Before");
      for (const [control, key] of [["button Close", "Enter"], ["button Add it", "Space"], ["button Add it", "Enter"]]) {
        await keys.show(layout);
        await keys.to(control);
        await keys.press(key);
        await keys.gone();
        assert.equal(await keys.focused(), "button Before", `${control}, ${key}`);
      }
      assert.deepEqual(await keys.kinds("$dismissed", "$clicked"), ["$dismissed", "$dismissed", "$clicked go", "$clicked go"]);
    });
  }

  for (const layout of ["top", "bottom", "toast", "tooltip"]) {
    walk(`${layout}: beside the page it takes no focus; Tab comes to it, and every way out gives the focus back`, async (keys) => {
      await keys.to("button Before");
      await keys.show(layout);
      assert.equal(await keys.focused(), "button Before", "it takes no focus");
      await until("it is told", () => keys.eval(() => t.host().querySelector("[role=status]").textContent.includes("Keep your cart until midnight.")));
      assert.deepEqual(await keys.eval(() => [t.frame().role, t.frame().ariaLabel !== ""]), ["region", true]);
      if (layout !== "tooltip") {
        await keys.press("Escape");
        assert.equal(await keys.stands(), true, "Escape in the page is the page's");
      }
      await keys.to("button Close");
      assert.deepEqual([await keys.next(), await keys.next()], ["a Terms", "button Add it"]);
      assert.deepEqual([await keys.next("Shift+Tab"), await keys.next("Shift+Tab")], ["a Terms", "button Close"]);
      await keys.press("Escape");
      await keys.gone();
      assert.notEqual(await keys.focused(), "body");
      const before = await keys.focused();
      assert.match(before, /^button (Before|What it points at|Inbox)/, "a control of the page has it");
      for (const key of ["Enter", "Space"]) {
        await keys.show(layout);
        await keys.to("button Add it");
        await keys.press(key);
        await keys.gone();
        assert.match(await keys.focused(), /^button (Before|What it points at|Inbox)/, key);
      }
      if (layout === "tooltip") {
        await keys.show(layout);
        await keys.press("Escape");
        await keys.gone();
      }
      const out = await keys.kinds("$dismissed", "$clicked");
      assert.deepEqual(out.slice(0, 3), ["$dismissed", "$clicked go", "$clicked go"]);
    });
  }

  walk("inline: it stands in the order of the page, Escape is not its own, and its button is used and gives the focus back", async (keys) => {
    await keys.to("button Before");
    await keys.show("inline");
    assert.equal(await keys.focused(), "button Before");
    assert.deepEqual([await keys.next(), await keys.next()], ["button What it points at", "button Add it"], "where it stands, with no way out but its own buttons");
    assert.equal(await keys.next("Shift+Tab"), "button What it points at");
    assert.equal(await keys.next(), "button Add it");
    await keys.press("Escape");
    assert.equal(await keys.stands(), true);
    assert.equal(await keys.focused(), "button Add it");
    await keys.press("Space");
    await keys.gone();
    assert.equal(await keys.focused(), "button What it points at");
    await until("what stood there otherwise", () => keys.eval(() => document.getElementById("fallback").checkVisibility()));
    assert.deepEqual(await keys.kinds("$clicked"), ["$clicked go"]);
  });

  walk("inbox: the bell opens with Enter, a card is used with Space and removed with Enter, Escape gives the focus back", async (keys) => {
    for (const card of ["card", "pinned"]) await keys.eval((card) => t.client.cue("manual", card), card);
    await until("two are counted", () => keys.eval(() => document.querySelector("hearken-bell").shadowRoot.querySelector(".bell").ariaLabel === "Inbox, Unread: 2"));
    const open = () => keys.eval(() => Boolean(document.querySelector("hearken-bell").shadowRoot.querySelector(":popover-open")));
    await keys.to("button Inbox, Unread: 2");
    await keys.press("Enter");
    await until("the panel has the focus", async () => (await keys.focused()).startsWith("section Inbox"));
    assert.deepEqual([await keys.next(), await keys.next(), await keys.next(), await keys.next()], ["a Terms", "button Remove: Delivery is on us", "a Terms", "button Add it"]);
    await keys.press("Space");
    await until("it is used", () => keys.eval(() => t.links.join() === "shop://card"));
    assert.equal(await open(), true);
    await until("it is read", () => keys.eval(() => t.client.inbox.get().cards.some(({ campaign, read }) => campaign === "card" && read)));
    assert.equal(await keys.focused(), "button Add it", "what was used keeps the focus, though its card was drawn anew");
    assert.deepEqual([await keys.next("Shift+Tab"), await keys.next("Shift+Tab")], ["a Terms", "button Remove: Delivery is on us"]);
    await keys.press("Enter");
    await until("one is left", () => keys.eval(() => t.client.inbox.get().cards.length === 1));
    assert.equal(await open(), true);
    assert.notEqual(await keys.focused(), "body", "the list keeps the focus");
    await keys.press("Escape");
    await until("it is closed", async () => !(await open()));
    await until("the bell has the focus", async () => (await keys.focused()).startsWith("button Inbox"));
    assert.deepEqual(await keys.kinds("$clicked", "$card_dismissed"), ["$clicked go", "$card_dismissed"]);
  });

  walk("form: what is missing has the focus, the branch follows the answers, there and back again", async (keys) => {
    await keys.to("button Before");
    await keys.show("form");
    await keys.to("button Add it");
    await keys.press("Enter");
    assert.equal(await keys.focused(), "input 0", "the first question that is required");
    await keys.press("Space");
    for (let n = 0; n < 9; n++) await keys.press("ArrowRight");
    assert.equal(await keys.focused(), "input 9");
    await keys.to("button Add it");
    await keys.press("Enter");
    assert.equal(await keys.focused(), "input Within two days", "the next one");
    await keys.press("Space");
    await keys.to("input Your email");
    await keys.type("ann@example.com");
    await keys.to("button Add it");
    await keys.press("Space");
    await until("nine of ten is glad", () => keys.eval(() => t.frame()?.textContent.includes("good to hear")));
    assert.match(await keys.focused(), /^dialog/, "a page begins at its beginning");
    await keys.to("button To your door");
    await keys.press("Enter");
    await until("back at the questions", () => keys.eval(() => Boolean(t.frame()?.querySelector("[type=email]"))));
    assert.equal(await keys.eval(() => t.frame().querySelector("[type=email]").value), "ann@example.com");
    await keys.to("input 9");
    await keys.press("ArrowLeft", "ArrowLeft");
    await keys.to("button Add it");
    await keys.press("Enter");
    await until("seven of ten is thanked", () => keys.eval(() => t.frame()?.textContent.includes("Thank you")));
    await keys.to("button Not now");
    await keys.press("Space");
    await keys.gone();
    assert.equal(await keys.focused(), "button Before");
    await keys.eval(() => t.client.flush());
    const [answered] = (await keys.eval(() => t.lines())).filter(({ type }) => type === "answered");
    assert.deepEqual(answered.data, { mail: "ann@example.com", score: 9, used: [1] }, "handed in once, with what was answered then");
  });

  walk("preference centre: switches turn with Space and hold at once, Enter closes it, the focus goes back", async (keys) => {
    await keys.to("button Before");
    await keys.show("preferences");
    const switches = () => keys.eval(() => [...t.frame().querySelectorAll("[role=switch]")].map(({ checked }) => checked));
    assert.deepEqual(await switches(), [true, true, false]);
    assert.deepEqual([await keys.next(), await keys.next()], ["button Close", "input Within two days"]);
    await keys.press("Space");
    assert.equal(await keys.next(), "input To your door");
    await keys.press("Space");
    assert.equal(await keys.next(), "input Add it");
    await keys.press("Space");
    assert.deepEqual(await switches(), [false, false, true]);
    await until("it holds at once, but for messages", () => keys.eval(async () => {
      const { consent, attributes } = await t.client.person();
      return !consent.includes("analytics") && consent.includes("messaging") && attributes.news === true;
    }));
    assert.equal(await keys.next(), "button Not now");
    await keys.press("Enter");
    await keys.gone();
    assert.equal(await keys.focused(), "button Before");
    await until("messages are refused", () => keys.eval(async () => !(await t.client.person()).consent.includes("messaging")));
  });
}
