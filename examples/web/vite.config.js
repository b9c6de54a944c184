import { defineConfig } from "vite";

export default defineConfig({
  // The package brings its module along by `new URL(…, import.meta.url)`, which pre-bundling would move.
  optimizeDeps: { exclude: ["@hearken/web"] },
  build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { fs: { allow: ["../.."] } },
});
