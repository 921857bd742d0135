// Which pages are shown, in which order and form, and which one is being looked at.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const articles = () => all("article.page");
const shownArticles = () => articles().filter((article) => !article.hidden);
const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** Tell people something, for some seconds, and screen readers as well. */
function say(text) {
  const message = byId("message");
  message.textContent = text;
  message.classList.remove("said");
  void message.offsetWidth; // so that the animation begins again
  message.classList.add("said");
}

/** The form in which a page is shown just now: "shown", or that of a source. */
function formOf(article) {
  return article.querySelector(".forms input:checked")?.value ?? "shown";
}

function setOrder(order) {
  const place = (element) => Number(element.dataset.number);
  const doubt = (element) => Number(element.dataset.doubt);
  const byPage = (a, b) => place(a) - place(b);
  const byDoubt = (a, b) => doubt(a) - doubt(b) || byPage(a, b);
  for (const id of ["list", "pages"]) {
    const parent = byId(id);
    parent.append(...[...parent.children].sort(order === "page" ? byPage : byDoubt));
  }
  toTop();
}

/** Where the pages begin; the controls stay in sight. */
function toTop() {
  chosen = null;
  const first = document.querySelector(".columns").getBoundingClientRect().top;
  if (first < 0) window.scrollBy(0, first - document.querySelector(".bar").offsetHeight);
  markCurrent();
}

function setFilters() {
  const wanted = all(".filters [aria-pressed=true]").map((button) => button.dataset.flag);
  for (const element of all("#list > li, article.page")) {
    const flags = element.dataset.flags.split(" ");
    element.hidden = wanted.length > 0 && !wanted.some((flag) => flags.includes(flag));
  }
  const pages = all("#list > li");
  const left = pages.filter((page) => !page.hidden).length;
  say(wanted.length ? `${left} of ${count(pages.length, "page")} shown` : "All pages shown");
  document.dispatchEvent(new Event("filtered"));
  toTop();
}

function showAllAs(form) {
  for (const input of all(`.forms input[value="${form}"]`)) input.checked = true;
  document.dispatchEvent(new Event("reformed"));
}

let current = null;
let chosen = null; // the page that somebody went to, until it is scrolled away from

/** The page that was gone to, or else the one at the top of the window. */
function pageInSight() {
  const pages = shownArticles();
  if (chosen && pages.includes(chosen)) return chosen;
  return pages.findLast((article) => article.getBoundingClientRect().top <= 120) ?? pages[0];
}

/** Mark the entry of the page that is looked at. */
function markCurrent() {
  const found = pageInSight();
  if (found === current) return;
  current = found;
  for (const link of all("#list [aria-current]")) link.removeAttribute("aria-current");
  const link = found && document.querySelector(`#list a[href="#${found.id}"]`);
  if (!link) return;
  link.setAttribute("aria-current", "true");
  const list = link.closest(".list");
  const [entry, frame] = [link.getBoundingClientRect(), list.getBoundingClientRect()];
  if (entry.top < frame.top) list.scrollTop += entry.top - frame.top;
  if (entry.bottom > frame.bottom) list.scrollTop += entry.bottom - frame.bottom;
  if (entry.left < frame.left) list.scrollLeft += entry.left - frame.left;
  if (entry.right > frame.right) list.scrollLeft += entry.right - frame.right;
}

/** Go to the next page, or with -1 to the one before. */
function step(by) {
  const pages = shownArticles();
  const target = pages[pages.indexOf(current) + by];
  if (!target) return;
  target.focus({ preventScroll: true });
  goTo(target, target);
}

/** Scroll an element of a page to the top; again once its surroundings have their true sizes. */
function goTo(element, article) {
  chosen = article;
  element.scrollIntoView();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (chosen === article) element.scrollIntoView();
  }));
  markCurrent();
}

/** The text that belongs to an outline, or the outline that belongs to a text. */
function counterpart(element) {
  const found = /^(p\d+)([br])(\d+)$/.exec(element?.id ?? "");
  return found && byId(`${found[1]}${found[2] === "b" ? "r" : "b"}${found[3]}`);
}

let lit = [];

/** Let an outline and its text be seen together while one of them is pointed at, or has focus. */
function light(event) {
  for (const element of lit) element.classList.remove("lit");
  const element = event.target.closest?.(".boxes a, .reading");
  const other = counterpart(element);
  lit = other ? [element, other] : [];
  for (const one of lit) one.classList.add("lit");
}

/** What costs time, once a page comes near: marks of invented text, and keys for wide tables. */
function whenNear(entries, observer) {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    markOnlyInReading(target);
    for (const shown of all(".shown", target)) {
      const wide = { tabindex: 0, role: "group", "aria-label": "Typeset" };
      for (const [name, value] of Object.entries(wide)) {
        if (shown.scrollWidth > shown.clientWidth) shown.setAttribute(name, value);
        else shown.removeAttribute(name);
      }
    }
  }
}

function startPages() {
  for (const input of all("input[name=order]")) {
    input.addEventListener("change", () => setOrder(input.value));
  }
  for (const button of all(".filters button")) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.ariaPressed !== "true"));
      setFilters();
    });
  }
  const forms = byId("form-of-all");
  forms.addEventListener("change", () => showAllAs(forms.value));
  let asked = false;
  window.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; markCurrent(); });
  }, { passive: true });
  for (const name of ["wheel", "touchmove", "pointerdown"]) {
    document.addEventListener(name, () => { chosen = null; }, { passive: true });
  }
  window.addEventListener("hashchange", () => {
    const target = byId(location.hash.slice(1));
    if (target?.matches(".page, .reading")) goTo(target, target.closest(".page"));
  });
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);
  document.addEventListener("change", (event) => {
    if (event.target.closest(".forms")) document.dispatchEvent(new Event("reformed"));
  });
  const near = new IntersectionObserver(whenNear, { rootMargin: "100% 0px" });
  for (const article of articles()) near.observe(article);
  markCurrent();
}
