// Search within the readings, as they are shown; highlights change no element.

const BLOCKS = "p,li,td,th,dt,dd,h1,h2,h3,h4,h5,h6,pre,figure,figcaption,blockquote,math,div";
const MOST_HITS = 20000;
let hits = [];
let hit = -1;

const canHighlight = () => "highlights" in CSS;

/** The texts of an element with their places in one string; blocks are parted by a line break. */
function textOf(root) {
  const parts = [];
  let text = "", block = null;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("annotation, annotation-xml")) continue;
    const own = parent.closest(BLOCKS);
    if (own !== block && text) text += "\n";
    block = own;
    parts.push({ node, start: text.length });
    text += node.data;
  }
  return { text, parts };
}

/** A pattern for words as they are typed: case and the kind of white space don't count. */
function patternOf(words) {
  const signs = /[\\^$.*+?()[\]{}|/]/g; // and no others: the pattern is one of Unicode's, and strict
  const escaped = words.trim().split(/\s+/).map((word) => word.replace(signs, "\\$&"));
  return new RegExp(escaped.join("\\s+"), "giu");
}

/** Where a pattern is found below an element, as ranges. */
function rangesIn(root, pattern, most = MOST_HITS) {
  const { text, parts } = textOf(root);
  const ranges = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (ranges.length >= most) break;
    const end = match.index + match[0].length;
    while (at + 1 < parts.length && parts[at + 1].start <= match.index) at += 1;
    let last = at;
    while (last + 1 < parts.length && parts[last + 1].start < end) last += 1;
    const range = new Range();
    const inside = (part, offset) => Math.min(Math.max(offset - part.start, 0), part.node.length);
    range.setStart(parts[at].node, inside(parts[at], match.index));
    range.setEnd(parts[last].node, inside(parts[last], end));
    ranges.push(range);
  }
  return ranges;
}

/** The parts of a page that are seen: what was read in the chosen form, or its correction. */
function seenIn(article) {
  const form = formOf(article);
  const source = form === "shown" ? ".shown" : `.source.as-${form}`;
  return all(".reading", article).flatMap((reading) => {
    const corrected = form === "shown" && reading.querySelector(".corrected-text");
    return corrected ? [corrected] : all(source, reading);
  });
}

function search() {
  const words = byId("search").value;
  hits = [];
  hit = -1;
  if (words.trim()) {
    const pattern = patternOf(words);
    for (const root of shownArticles().flatMap(seenIn)) {
      if (hits.length < MOST_HITS) hits.push(...rangesIn(root, pattern, MOST_HITS - hits.length));
    }
  }
  if (canHighlight()) {
    CSS.highlights.set("found", new Highlight(...hits));
    CSS.highlights.delete("hit");
  }
  tell();
}

function tell() {
  const there = hits.length > 0;
  const total = hits.length >= MOST_HITS ? `${MOST_HITS}+` : hits.length;
  const typed = byId("search").value.trim() !== "";
  byId("hits").textContent = !typed ? "" : hit >= 0 ? `${hit + 1} of ${total}` : `${total} found`;
  byId("next-hit").disabled = byId("previous-hit").disabled = !there;
}

/** Show the next match below what is being looked at, or with -1 the one before. */
function stepHit(by) {
  if (!hits.length) return;
  if (hit >= 0) hit = (hit + by + hits.length) % hits.length;
  else hit = by > 0 ? Math.max(0, hits.findIndex(isFromHere)) : hits.length - 1;
  const range = hits[hit];
  if (canHighlight()) CSS.highlights.set("hit", new Highlight(range));
  const element = range.startContainer.parentElement;
  element.scrollIntoView({ block: "center", inline: "nearest" });
  const { top, bottom } = range.getBoundingClientRect(); // within a long text
  if (top < 80 || bottom > window.innerHeight) window.scrollBy(0, top - window.innerHeight / 2);
  tell();
}

function isFromHere(range) {
  const article = range.startContainer.parentElement.closest("article");
  return article === current || Boolean(current.compareDocumentPosition(article) & 4);
}

function endSearch() {
  byId("search").value = "";
  search();
}

/** Mark what stands in the reading alone, and not in the file's own words. */
function markOnlyInReading(article) {
  if (!canHighlight()) return;
  const marks = CSS.highlights.get("only") ?? new Highlight();
  for (const quote of all(".only q", article)) {
    const shown = quote.closest(".reading").querySelector(".shown");
    const text = quote.textContent;
    if (text.trim()) for (const range of rangesIn(shown, patternOf(text), 3)) marks.add(range);
  }
  CSS.highlights.set("only", marks);
}

function startSearch() {
  const box = byId("search");
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    if (!hits.length) search();
    stepHit(event.shiftKey ? -1 : 1);
  });
  byId("next-hit").addEventListener("click", () => stepHit(1));
  byId("previous-hit").addEventListener("click", () => stepHit(-1));
  for (const name of ["filtered", "reformed", "corrected"]) {
    document.addEventListener(name, () => { if (box.value.trim()) search(); });
  }
}
