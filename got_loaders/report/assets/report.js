// Colours, keys, help, copying, and the start of all the rest.

const THEMES = ["auto", "light", "dark"];
const root = document.documentElement;

function setTheme(theme) {
  root.dataset.theme = theme;
  keep.set("got-loaders theme", theme);
  const button = byId("theme");
  if (button) button.textContent = `Theme: ${theme}`;
}

function nextTheme() {
  setTheme(THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length]);
}

const isTyped = (target) => target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
const KEYS = {
  j: () => step(1), n: () => step(1), k: () => step(-1), p: () => step(-1),
  "/": () => byId("search").focus(),
  "?": () => byId("help").showModal(),
};

function pressed(event) {
  if (event.key === "Escape" && byId("search").value && !byId("help").open) {
    if (!event.target.matches("textarea")) endSearch();
    return;
  }
  const action = KEYS[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return;
  if (!byId("keys").checked || byId("help").open) return;
  event.preventDefault();
  action();
}

/** Copy what is seen of a reading. */
async function copy(button) {
  const section = button.closest(".reading");
  const form = formOf(section.closest("article"));
  const correction = corrections.get(section.dataset.key && keyOf(lineOf(section)));
  const text = form === "shown"
    ? correction?.text ?? sourceOf(section, "markdown") ?? section.querySelector(".shown").innerText
    : sourceOf(section, form) ?? "";
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("The browser lets nothing be copied here");
  }
}

function start() {
  setTheme(root.dataset.theme);
  startPages();
  startSearch();
  startCorrections();
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });
  byId("theme").addEventListener("click", nextTheme);
  byId("open-help").addEventListener("click", () => byId("help").showModal());
  byId("close-help").addEventListener("click", () => byId("help").close());
  const keys = byId("keys");
  keys.checked = keep.get("got-loaders keys") !== "off";
  keys.addEventListener("change", () => keep.set("got-loaders keys", keys.checked ? "on" : "off"));
  root.dataset.ready = "";
}

// Before anything is drawn, so that nothing moves or changes its colours later.
root.classList.add("js");
const kept = keep.get("got-loaders theme");
root.dataset.theme = THEMES.includes(kept) ? kept : "auto";
document.addEventListener("DOMContentLoaded", start);
