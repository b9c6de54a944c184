// Where a CommonJS file stands: what `import.meta.url` says in an ES module.
export const hearkenUrl = typeof __filename === "string" ? require("node:url").pathToFileURL(__filename).href : "file:///";
