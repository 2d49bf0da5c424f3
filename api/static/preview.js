// A form shows how it would read, a moment after each change; without this script a button does the same.
const QUIET = 350;

for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = document.getElementById(form.dataset.preview);
  let timer = 0;
  let asked = 0;

  async function look() {
    const number = ++asked;
    const data = new FormData(form);
    data.set("step", "preview");
    data.set("by_itself", "yes");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      const page = await answer.text();
      if (answer.ok && number === asked) shown.innerHTML = page;
    } catch {
      // The line is gone for a moment; the next change tries again, and the button says what is wrong.
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, QUIET);
  });
}
