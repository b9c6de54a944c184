// Serves the package, the test pages and the vectors over the loopback, under the strict Content-Security-Policy that
// the package promises to run under.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const PLACES = {
  "/hearken/": at("../../../bindings/web/dist/"),
  "/suite/": at("../../../bindings/web/test/support/"),
  "/vectors/": at("../../vectors/"),
  "/axe/": at("../node_modules/axe-core/"),
  "/": at("../pages/"),
};
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml", ".css": "text/css", ".wasm": "application/wasm" };

export const STRICT = [
  "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
  "require-trusted-types-for 'script'", "trusted-types 'none'",
];

/**
 * `answers` are texts by path that the test makes itself. `?csp=no-wasm` leaves the permission for WebAssembly out. What
 * is posted to `/facts` is kept in `facts`, and answered with `status`. `lose` is a network that is gone, `find` the
 * same one again; `cache` is what pages may be kept by meanwhile.
 */
export async function serve(answers = {}, { cache = "no-cache" } = {}) {
  const facts = [];
  const answer = async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const wasmless = url.searchParams.get("csp") === "no-wasm";
    const policy = STRICT.map((part) => (wasmless ? part.replace(" 'wasm-unsafe-eval'", "") : part)).join("; ");
    const headers = { "content-security-policy": policy, "cache-control": cache };
    const send = (status, body, type) => response.writeHead(status, { ...headers, "content-type": type }).end(body);
    try {
      const path = normalize(decodeURIComponent(url.pathname));
      if (request.method === "POST" && path === "/facts") {
        const body = await text(request);
        facts.push({ status: here.status, type: request.headers["content-type"], key: request.headers["x-key"], lines: body.split("\n") });
        return send(here.status, "", "text/plain");
      }
      const type = TYPES[extname(path)] ?? "text/html; charset=utf-8";
      if (path in answers) return send(200, answers[path], type);
      const [prefix, folder] = Object.entries(PLACES).find(([start]) => path.startsWith(start));
      send(200, await readFile(join(folder, path.slice(prefix.length))), type);
    } catch {
      send(404, "not found", "text/plain");
    }
  };
  let server;
  const listen = (port) => {
    server = createServer(answer);
    return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  };
  await listen(0);
  const { port } = server.address();
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  const here = { url: `http://127.0.0.1:${port}`, close, lose: close, find: () => listen(port), facts, status: 204 };
  return here;
}
