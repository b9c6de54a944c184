import { fileURLToPath } from "node:url";

// The package lies in the folder above, as in a workspace.
export default { turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) }, outputFileTracingRoot: fileURLToPath(new URL("../..", import.meta.url)) };
