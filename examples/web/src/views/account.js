import { make } from "../dom.js";
import { hearken } from "../hearken.js";

export function account() {
  const name = make("h1", { textContent: "Your account" });
  const tier = make("select", { id: "tier" }, ...["none", "silver", "gold"].map((value) => make("option", { value, textContent: value === "none" ? "Guest" : value[0].toUpperCase() + value.slice(1) })));
  const points = make("output", { id: "points", textContent: "0" });
  tier.addEventListener("change", () => hearken.attribute("tier", tier.value));
  void hearken.person().then(({ attributes = {}, user }) => {
    if (attributes.first_name) name.textContent = `Hello, ${attributes.first_name}`;
    else if (user) name.textContent = "Welcome back";
    tier.value = attributes.tier ?? "none";
    points.textContent = attributes.points ?? 0;
  }, () => {});
  const earn = make("button", { type: "button", className: "quiet", textContent: "Earn 100 points", onclick: () => {
    hearken.attribute("points", 100, "increment");
    points.textContent = Number(points.textContent) + 100;
  } });
  return [
    name,
    make("hearken-placement", { name: "account" }, make("p", { className: "soft", textContent: "Members collect points: become silver, and see how far it is to gold." })),
    make("section", { className: "sheet" },
      make("label", {}, "Membership ", tier), make("p", {}, "Points: ", points, " ", earn),
      make("button", { type: "button", className: "quiet", textContent: "Your choices", onclick: () => hearken.cue("manual", "preferences") })),
    make("section", { className: "sheet" }, make("h2", { textContent: "Inbox" }), make("hearken-inbox")),
  ];
}
