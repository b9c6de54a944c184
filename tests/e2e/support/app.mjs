// One tab with the test page in it.
import { until } from "./browser.mjs";

export class Tab {
  constructor(page, url) {
    this.page = page;
    this.url = url;
    this.errors = [];
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  static async open(browser, url, query = {}) {
    const tab = new Tab(await browser.newPage(), url);
    await tab.go(query);
    return tab;
  }

  async go(query = {}) {
    await this.page.goto(`${this.url}/index.html?${new URLSearchParams(query)}`);
    await this.ready();
  }

  ready() {
    return until("the client is open", () => this.page.evaluate(() => window.t?.ready === true));
  }

  /** Runs in the page. */
  eval(run, ...given) {
    return this.page.evaluate(run, ...given);
  }

  track(properties) {
    return this.eval((given) => t.client.track("cart_updated", given), properties);
  }

  flush() {
    return this.eval(() => t.client.flush());
  }

  /** The export, parsed. */
  async lines() {
    return (await this.eval(() => t.lines())).map((line) => JSON.parse(line));
  }

  /** The lines of some kinds, as `kind` and what matters of it. */
  async kinds(...wanted) {
    return (await this.lines()).filter(({ type }) => wanted.includes(type)).map(({ type, data }) => (data.cause ? `${type} ${data.cause}` : type));
  }

  dialogOpen() {
    return this.eval(() => Boolean(t.dialog()));
  }

  drawn() {
    return until("a message is drawn", () => this.dialogOpen());
  }

  seen() {
    return until("the message is seen", () => this.eval(() => t.shown.length > 0));
  }

  /** Presses a button of the message, by its place in the accessibility tree. */
  async press(name) {
    const button = await this.page.waitForSelector(`aria/${name}[role="button"]`, { visible: true, timeout: 10_000 });
    await button.click();
  }

  look(what) {
    return this.eval((name) => t[name], what);
  }
}
