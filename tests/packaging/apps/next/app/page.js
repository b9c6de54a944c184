import { Shop } from "./shop";

export default function Page() {
  return <main><h1>Rendered on a server</h1><Shop /></main>;
}
