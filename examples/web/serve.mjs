// The shop's server: files only, on the loopback, under the Content-Security-Policy that a careful shop would send.
import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const shop = fileURLToPath(new URL("dist/", import.meta.url));

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

function fileOf(pathname) {
  const path = normalize(decodeURIComponent(pathname));
  if (path.includes("..") || path.includes("\0")) return undefined;
  // Every page of the shop is the one document.
  return join(shop, extname(path) ? path : "index.html");
}

if (!existsSync(join(shop, "index.html"))) {
  console.error("the shop is not built: run `cargo xtask demo`, or `npm ci && npm run build` here");
  process.exit(1);
}

const server = createServer(async (request, response) => {
  const headers = { "content-security-policy": POLICY, "x-content-type-options": "nosniff", "cache-control": "no-cache" };
  try {
    const file = fileOf(new URL(request.url, "http://localhost").pathname);
    const body = await readFile(file);
    response.writeHead(200, { ...headers, "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404, { ...headers, "content-type": "text/plain; charset=utf-8" });
    response.end("not found\n");
  }
});

const flag = process.argv.indexOf("--port");
const port = flag < 0 ? 8080 : Number(process.argv[flag + 1]);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error("usage: node serve.mjs [--port N]   (0 takes a free port)");
  process.exit(2);
}
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
