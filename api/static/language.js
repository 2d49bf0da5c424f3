// The other language brings the page anew: what was typed goes along, and is taken out of the browser again as soon as it has come.
const KEPT = "typed";
const NEVER = ["hidden", "password", "file", "submit", "button", "reset", "image"];

const forms = () => [...document.querySelectorAll("main form")];
const fields = (form) => [...form.elements].filter((field) => field.name && !NEVER.includes(field.type));
const ticked = (field) => field.type === "checkbox" || field.type === "radio";
const chosen = (field) => [...field.options].map((option) => option.selected);
const said = (field) => (ticked(field) ? field.checked : field.options ? chosen(field) : field.value);
const which = (field) => [field.name, ticked(field) ? field.value : ""].join("=");

/** Whether a field says now what it is told. */
function say(field, value) {
  if (String(said(field)) === String(value)) return false;
  if (ticked(field)) field.checked = value;
  else if (field.options) value.forEach((selected, at) => { if (field.options[at]) field.options[at].selected = selected; });
  else field.value = value;
  return true;
}

document.querySelector(".languages")?.addEventListener("click", (event) => {
  if (!event.target.closest("a")) return;
  const typed = forms().map((form) => fields(form).map((field) => [which(field), said(field)]));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, typed }));
  } catch {
    // A browser that keeps nothing goes on without.
  }
});

try {
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  sessionStorage.removeItem(KEPT);
  if (kept?.path === location.pathname) {
    forms().forEach((form, at) => {
      const before = kept.typed[at] ?? [];
      fields(form).forEach((field, place) => {
        const [name, value] = before[place] ?? [];
        if (name === which(field) && say(field, value)) field.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
  }
} catch {
  // Nothing was kept.
}
