// A tab with every element.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { until } from "./browser.mjs";

const axe = await readFile(fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");

export class GalleryTab {
  constructor(page, url) {
    this.page = page;
    this.url = url;
    this.errors = [];
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  static async open(browser, url, query = {}, before = async () => {}) {
    const tab = new GalleryTab(await browser.newPage(), url);
    await tab.page.setViewport({ width: 1024, height: 768 });
    await before(tab.page);
    await tab.go(query);
    return tab;
  }

  async go(query) {
    await this.page.goto(`${this.url}/gallery.html?${new URLSearchParams(query)}`);
    await until("the client is open", () => this.page.evaluate(() => window.t?.ready === true));
  }

  eval(run, ...given) {
    return this.page.evaluate(run, ...given);
  }

  /** Sets a layout off and waits until it stands. */
  async show(name) {
    await this.eval((name) => t.client.cue("manual", name), name);
    if (["card", "pinned"].includes(name)) return until(`${name} is in the inbox`, () => this.eval(() => t.client.inbox.get().cards.length > 0));
    await until(`${name} stands`, () => this.eval(() => Boolean(t.frame())));
    // The fade is over, so that contrasts are those that a person sees.
    await until("it is drawn", () => this.eval(() => t.frame().getAnimations().length === 0));
  }

  async gone() {
    await until("it is gone", () => this.eval(() => !t.frame()));
  }

  focused() {
    return this.eval(() => t.focused());
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Tab until the focus comes to a control that it was at before: the names of what was met. */
  async walk(most = 40) {
    const met = [];
    await this.eval(() => (t.met = new Set()));
    for (let n = 0; n < most; n++) {
      await this.press("Tab");
      const again = await this.eval(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        const again = t.met.has(element);
        t.met.add(element);
        return again;
      });
      if (again) break;
      met.push(await this.focused());
    }
    return met;
  }

  /** What axe finds wrong, as lines. */
  async faults() {
    await this.page.evaluate(axe);
    return this.eval(async () => {
      const { violations } = await axe.run(document, { resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${JSON.stringify(target)} ${failureSummary}`));
    });
  }
}
