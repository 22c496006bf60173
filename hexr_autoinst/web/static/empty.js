// Nothing to show: what was searched, why it is empty, and the command that comes next.

import * as api from "./api.js";
import { el, fill, setText } from "./dom.js";
import { full, plural } from "./format.js";

export async function emptiness(place, found, filter, clear) {
  const narrowed = ["q", "agent", "errors", "since"].some((name) => filter.get(name));
  const reason = narrowed && found.agents.length ? unmatched(filter, clear) : await nothing(found);
  const text = reason.map((n) => n.textContent).join("\n");
  if (place.dataset.text === text && place.firstChild) return; // keep what is selected or focused
  place.dataset.text = text;
  fill(place, el("section", { cls: "empty" }, ...reason));
}

function unmatched(filter, clear) {
  const parts = [];
  if (filter.get("q")) parts.push(`“${filter.get("q")}” in agent, tenant, model, name, error and trace id`);
  if (filter.get("agent")) parts.push(`agent ${filter.get("agent")}`);
  if (filter.get("errors")) parts.push("traces with an error");
  if (filter.get("since")) parts.push(`the last ${Math.round(filter.get("since") / 60)} minutes`);
  return [
    el("h2", { text: "No trace matches" }),
    el("p", { text: `Searched: ${parts.join("; ")}.` }),
    el("button", { type: "button", text: "Show everything", onclick: clear }),
  ];
}

async function nothing(found) {
  const seen = await api.seen();
  const teller = seen.teller ?? {};
  const account = teller.account;
  const attached = seen.camera?.attached ?? [];
  if (found.store.state === "error") {
    return why("The store cannot be read", found.store.message, [], [["hexr-autoinst doctor", "says what is wrong and what to do"]]);
  }
  if (!found.alive) {
    return why(
      "Nothing has been told yet",
      found.store.state === "absent"
        ? "No store has been written and no daemon answers, so nothing is watched."
        : "The store is empty and the daemon is not running, so nothing is watched.",
      [`Searched: the store ${found.store.path}.`, `Asked: the daemon, which ${seen.at ? "last spoke long ago" : "has never spoken here"}.`],
      [
        ["sudo hexr-autoinst start", "watches this host"],
        ["sudo hexr-autoinst demo", "a small agent against a local model: your first trace"],
        ["sudo hexr-autoinst doctor", "checks what this machine can do"],
      ],
    );
  }
  const searched = [
    `Searched: the store ${found.store.path}.`,
    planes(teller.planes ?? {}),
    `${plural(attached.length, "TLS library", "TLS libraries")} attached: ${attached.length ? names(attached) : "none yet"}.`,
    account ? `${plural(account.issued, "fact")} heard, ${full(sum(account.ignored))} of them nothing we tell, ${full(sum(account.dropped))} lost.` : "",
  ];
  if (account?.issued) {
    return why(
      "Heard, but no model call among it",
      "Programs have spoken; none of them called a model API that is read here.",
      searched,
      [
        ["sudo hexr-autoinst demo", "proves the whole way with a local model"],
        ["sudo hexr-autoinst doctor", "lists each TLS library and what is missed"],
      ],
    );
  }
  return why("Watching. Nobody has called a model yet", "It appears here within a second of being told.", searched, [
    ["sudo hexr-autoinst demo", "a small agent against a local model: your first trace"],
    ["hexr-autoinst run -- python agent.py", "sends one program through the proxy"],
    ["sudo hexr-autoinst doctor", "if you expected something here"],
  ]);
}

function why(title, text, searched, commands) {
  return [
    el("h2", { text: title }),
    el("p", { text }),
    searched.length ? el("ul", { cls: "searched" }, ...searched.filter(Boolean).map((s) => el("li", { text: s }))) : null,
    el("dl", { cls: "next" }, ...commands.flatMap(([command, does]) => [el("dt", {}, copyable(command)), el("dd", { text: does })])),
  ].filter(Boolean);
}

export function copyable(text, shown = text) {
  const button = el("button", { type: "button", cls: "copy", title: "Copy" }, el("code", { text: shown }));
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text).catch(() => undefined);
    setText(button.firstChild, "copied");
    setTimeout(() => setText(button.firstChild, shown), 900);
  });
  return button;
}

function planes(on) {
  const up = [on.ebpf && "kernel", on.proxy && "proxy"].filter(Boolean);
  return up.length ? `Connected: ${up.join(" and ")}.` : "No capturing plane is connected.";
}

function names(attached) {
  const all = [...new Set(attached.map((a) => a.library ?? a.path ?? "?"))];
  return all.slice(0, 4).join(", ") + (all.length > 4 ? ` and ${all.length - 4} more` : "");
}

function sum(counts) {
  return Object.values(counts ?? {}).reduce((a, b) => a + b, 0);
}
