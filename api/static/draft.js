// What is typed into a form is saved by itself, a moment after the last key; a broken line is tried again.
const QUIET = 900;
const AGAIN = 8000;

/** Whether a field holds something else than what the page came with. */
function typed(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((choice) => choice.defaultSelected));
  return "defaultValue" in field && field.value !== field.defaultValue;
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const state = form.querySelector(".draft-state");
  const to = form.dataset.draft || form.action;
  let timer = 0;
  let sending = false;
  let changed = false;

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const body = () => {
    const data = new FormData(form);
    data.set("by_itself", "yes");
    return data;
  };

  async function save() {
    if (!changed || form.dataset.sent) return;
    if (sending) return later(QUIET);
    sending = true;
    changed = false;
    state.textContent = form.dataset.saving;
    try {
      const answer = await fetch(to, { method: "POST", body: body() });
      const told = await answer.json();
      if (answer.ok) {
        form.elements.version.value = told.version;
        const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        state.textContent = `${form.dataset.saved} ${at}`;
      } else {
        state.textContent = told.mistake;
      }
    } catch {
      changed = true;
      state.textContent = form.dataset.failed;
      later(AGAIN);
    } finally {
      sending = false;
    }
  }

  form.addEventListener("input", () => {
    changed = true;
    later(QUIET);
  });
  // Somebody quick types before this script has come: on a busy machine, or over a slow line.
  if ([...form.elements].some(typed)) {
    changed = true;
    later(QUIET);
  }
  // Leaving the page, or putting the phone away, does not wait for the quiet moment.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !changed || sending || form.dataset.sent) return;
    changed = false;
    fetch(to, { method: "POST", body: body(), keepalive: true }).then(
      async (answer) => {
        if (answer.ok) form.elements.version.value = (await answer.json()).version;
      },
      () => { changed = true; },
    );
  });
}
