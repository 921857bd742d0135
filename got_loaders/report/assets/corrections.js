// Correcting what was read. A correction stays in this browser until it is exported, as JSON lines.

const FIELDS = ["id", "page", "region", "of", "digest"];
const FORMS = ["markdown", "raw"];
const corrections = new Map(); // a reading's key → { form, text, exported }
const keep = { // where it works: a file opened from disk may have no storage
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* it is only kept here */ } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
};

/** The text and its form that were kept; null where nothing was, or somebody else wrote it. */
function recalled(key) {
  try {
    const value = JSON.parse(keep.get(key));
    return isCorrection(value) ? value : null;
  } catch { return null; }
}

const keyOf = (line) => JSON.stringify(FIELDS.map((field) => line[field] ?? null));
const lineOf = (section) => JSON.parse(section.dataset.key);
const storedAs = (key) => `got-loaders correction ${key}`;
const draftAs = (key) => `got-loaders draft ${key}`;
const sections = new Map(); // a reading's key → where it is shown: mostly once
const isCorrection = (value) => typeof value?.text === "string" && FORMS.includes(value.form);
const unexported = () => [...corrections.values()].some((correction) => !correction.exported);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** The text of a reading in a form, as it was read; undefined where that is not known. */
function sourceOf(section, form) {
  return section.querySelector(`.source.as-${form}`)?.textContent;
}

/** Take a correction, or with null drop the one there is, and show every reading that it is of. */
function setCorrection(key, correction) {
  if (correction) keep.set(storedAs(key), JSON.stringify(correction));
  else keep.remove(storedAs(key));
  takeUp(key, correction);
}

function takeUp(key, correction) {
  if (correction) corrections.set(key, correction);
  else corrections.delete(key);
  sections.get(key).forEach(showCorrection);
  countCorrections();
}

/** What another window with this report, or one with the same pages, has kept. */
function keptElsewhere(event) {
  const [, key] = /^got-loaders correction (.*)$/su.exec(event.key ?? "") ?? [];
  if (sections.has(key)) takeUp(key, recalled(event.key));
}

function showCorrection(section) {
  const correction = corrections.get(keyOf(lineOf(section)));
  section.querySelector(".corrected-text")?.remove();
  section.classList.toggle("is-corrected", Boolean(correction));
  if (correction) {
    const label = correction.form === "raw" ? "Corrected, as the model writes" : "Corrected, Markdown";
    const text = element("pre", { className: "corrected-text", dir: "auto", textContent: correction.text });
    text.setAttribute("aria-label", label);
    text.dataset.label = label;
    section.querySelector(".shown").before(text);
  }
  const article = section.closest("article");
  const entry = document.querySelector(`#list a[href="#${article.id}"]`);
  entry?.classList.toggle("is-corrected", Boolean(article.querySelector(".is-corrected")));
}

function countCorrections() {
  byId("corrected").textContent = corrections.size;
  byId("export").disabled = corrections.size === 0;
  document.dispatchEvent(new Event("corrected"));
}

/** What was read, as the editor starts with it. */
function readingOf(section) {
  const markdown = sourceOf(section, "markdown");
  const raw = sourceOf(section, "raw");
  if (markdown === undefined && raw !== undefined) return { form: "raw", text: raw };
  return { form: "markdown", text: markdown ?? "" };
}

function openEditor(section) {
  const key = keyOf(lineOf(section));
  const kept = recalled(draftAs(key));
  const start = kept ?? corrections.get(key) ?? readingOf(section);
  const area = element("textarea", { value: start.text, spellcheck: true, dir: "auto", rows: 12 });
  area.setAttribute("aria-label", `Correct text, ${section.getAttribute("aria-label")}`);
  const form = element("select", { value: start.form },
    element("option", { value: "markdown", textContent: "Markdown" }),
    element("option", { value: "raw", textContent: "As the model writes" }));
  form.value = start.form;
  const button = (name, action) => {
    const made = element("button", { type: "button", textContent: name });
    made.addEventListener("click", action);
    return made;
  };
  let untouched = !kept; // another form brings its own text, as long as nothing is typed
  const close = () => {
    keep.remove(draftAs(key));
    editor.remove();
    section.classList.remove("is-edited");
    const opener = section.querySelector(".correct");
    opener.textContent = "Correct";
    opener.focus();
    document.dispatchEvent(new Event("corrected"));
  };
  const save = () => {
    setCorrection(key, { form: form.value, text: area.value, exported: false });
    say("Correction saved in this browser");
    close();
  };
  const revert = () => {
    setCorrection(key, null);
    say("Correction taken back");
    close();
  };
  const draft = () => keep.set(draftAs(key), JSON.stringify({ form: form.value, text: area.value }));
  const touch = () => {
    untouched = false;
    editor.classList.add("touched");
    draft();
  };
  area.addEventListener("input", touch);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
    if (event.key === "Escape" && untouched) close();
  });
  form.addEventListener("change", () => {
    const source = sourceOf(section, form.value);
    if (untouched && !corrections.has(key) && source !== undefined) area.value = source;
    else touch();
  });
  const buttons = element("div", { className: "editor-buttons" },
    element("label", {}, "Written in ", form), button("Save", save), button("Cancel", close));
  if (corrections.has(key)) buttons.append(button("Revert", revert));
  const editor = element("div", { className: kept ? "editor touched" : "editor" }, area, buttons);
  section.classList.add("is-edited");
  section.querySelector(".shown").before(editor);
  area.focus();
  area.setSelectionRange(0, 0);
}

/** JSON without the signs that some programs take for the end of a line. */
function oneLine(value) {
  const code = (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\u0085\u2028\u2029]/g, code);
}

/** All corrections of this report, a line each, in the order of its pages. */
function exported() {
  const place = ([section]) => Number(section.closest("article").dataset.number);
  const shown = [...sections].sort(([, a], [, b]) => place(a) - place(b));
  return shown.filter(([key]) => corrections.has(key)).map(([key, [section]]) => {
    const { form, text } = corrections.get(key);
    return `${oneLine({ ...lineOf(section), form, text })}\n`;
  }).join("");
}

function exportCorrections() {
  const url = URL.createObjectURL(new Blob([exported()], { type: "application/jsonl" }));
  const link = element("a", { href: url, download: "corrections.jsonl" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  for (const [key, correction] of corrections) {
    correction.exported = true;
    keep.set(storedAs(key), JSON.stringify(correction));
  }
  say(`${count(corrections.size, "correction")} exported to corrections.jsonl`);
}

/** A line of such a file as an object; throws where it is none. */
function parsed(text, number) {
  let line;
  try { line = JSON.parse(text); } catch { throw new Error(`Line ${number} is not JSON`); }
  const wrong = line === null || typeof line !== "object" ? "id"
    : FIELDS.find((field) => !(field in line)) ?? (typeof line.text !== "string" ? "text"
      : FORMS.includes(line.form) ? null : "form");
  if (wrong) throw new Error(`Line ${number} has no right “${wrong}”`);
  return line;
}

function importCorrections(content) {
  const texts = content.replace(/^\ufeff/, "").split("\n");
  const lines = texts.flatMap((text, n) => (text.trim() ? [parsed(text, n + 1)] : []));
  const ours = lines.filter((line) => sections.has(keyOf(line)));
  const replaced = ours.filter((line) => {
    const own = corrections.get(keyOf(line));
    return own && !own.exported && own.text !== line.text;
  }).length;
  for (const { form, text, ...line } of ours) {
    setCorrection(keyOf(line), { form, text, exported: true });
  }
  const strange = lines.length - ours.length;
  say(`${count(ours.length, "correction")} taken up`
    + (replaced ? `, ${replaced} in the place of your own` : "")
    + (strange ? `; ${strange} of other pages, or of earlier readings, left out` : ""));
}

async function importFile(input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  try { importCorrections(await file.text()); } catch (error) { say(`Not imported: ${error.message}`); }
}

function recall(section) {
  const key = keyOf(lineOf(section));
  const stored = recalled(storedAs(key));
  if (stored) corrections.set(key, stored);
  if (stored) showCorrection(section);
  if (recalled(draftAs(key))) section.querySelector(".correct").textContent = "Go on correcting";
}

function startCorrections() {
  for (const section of all(".reading[data-key]")) {
    const key = keyOf(lineOf(section));
    sections.set(key, [...(sections.get(key) ?? []), section]);
    recall(section);
  }
  countCorrections();
  document.addEventListener("click", (event) => {
    const section = event.target.closest(".correct")?.closest(".reading");
    if (section && !section.classList.contains("is-edited")) openEditor(section);
  });
  const input = byId("import-file");
  byId("export").addEventListener("click", exportCorrections);
  byId("import").addEventListener("click", () => input.click());
  input.addEventListener("change", () => importFile(input));
  window.addEventListener("storage", keptElsewhere);
  window.addEventListener("beforeunload", (event) => {
    if (unexported() || document.querySelector(".editor.touched")) event.preventDefault();
  });
}
