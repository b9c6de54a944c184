// The package as `npm pack` gives it, put where an app has it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const source = at("../../bindings/web");

/** Packs and unpacks it; the answer is the tarball. */
export function install() {
  const place = at("node_modules/@hearken");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(`${place}/web`, { recursive: true });
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", place], { cwd: source });
  const tarball = `${place}/${readdirSync(place).find((name) => name.endsWith(".tgz"))}`;
  execFileSync("tar", ["-xzf", tarball, "-C", `${place}/web`, "--strip-components=1"]);
  return tarball;
}

export function run(command, args, options = {}) {
  return execFileSync(at(`node_modules/.bin/${command}`), args, { cwd: at("."), encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
}
