// Keys act on what carries them: data-key is pressed or entered (data-into: unfolded and entered), data-less and data-more move a slider, data-row-key chooses
// in the line of the checklist that has the focus and goes on to the next. Whoever is in the way of them can switch them off.
const STORED = "single-keys";
const help = document.querySelector("[data-keys]");
const acting = help.querySelector("input");
help.hidden = false;
acting.checked = localStorage.getItem(STORED) !== "off";
acting.addEventListener("change", () => localStorage.setItem(STORED, acting.checked ? "on" : "off"));
for (const form of document.querySelectorAll(".judge")) form.classList.add("lively");

const carrying = (name, key) => [...document.querySelectorAll(`[data-${name}]`)].find((each) => each.getAttribute(`data-${name}`) === key);
const typing = (element) => element.closest("textarea, select, input:not([type=radio], [type=checkbox], [type=range])") !== null;

function slide(slider, steps) {
  slider.value = Number(slider.value) + steps * Number(slider.dataset.step);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(element) {
  if (element.matches("[data-into]")) {
    element.parentElement.open = true;
    element.parentElement.querySelector("input").focus();
    return;
  }
  const folded = element.matches("summary") ? null : element.closest("details:not([open])");
  if (folded) folded.open = true;
  element.focus();
  if (!element.matches("textarea")) element.click();
}

function chooseInRow(row, key) {
  const choice = [...row.querySelectorAll("[data-row-key]")].find((each) => each.dataset.rowKey === key);
  if (!choice) return false;
  choice.checked = true;
  (row.nextElementSibling?.querySelector("input") ?? document.querySelector("#reason")).focus();
  return true;
}

function act(event, key) {
  const row = event.target.closest(".features fieldset");
  if (row && chooseInRow(row, key)) return true;
  const less = carrying("less", key);
  const more = carrying("more", key);
  if (less || more) slide(less ?? more, less ? -1 : 1);
  else if (carrying("key", key)) press(carrying("key", key));
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest(".judge");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit();
    return;
  }
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (!acting.checked || typing(event.target) || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const shifted = event.shiftKey && event.code.startsWith("Digit") ? `Shift+${event.code.at(-1)}` : "";
  if (act(event, event.key) || (shifted && act(event, shifted))) event.preventDefault();
});
