import { createClient } from "@hearken/web";
console.log(createClient);
