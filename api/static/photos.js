// Photos of a form: shown before they are sent, removable, and a bar that says how far the sending is.
for (const pick of document.querySelectorAll("[data-photos]")) {
  const inputs = [...pick.querySelectorAll("input[type=file]")];
  const list = pick.querySelector(".previews");
  const most = Number(pick.dataset.most);
  let chosen = [];
  pick.classList.add("lively");

  const hold = () => {
    // All photos travel in one input, so that the other one may be used again and again.
    const basket = new DataTransfer();
    for (const file of chosen) basket.items.add(file);
    inputs[1].files = basket.files;
  };
  const addresses = new Map(); // of each photo one, for what shows it may still be reading when the next photo comes
  const address = (file) => {
    if (!addresses.has(file)) addresses.set(file, URL.createObjectURL(file));
    return addresses.get(file);
  };
  const show = () => {
    list.replaceChildren(...chosen.map((file, place) => {
      const item = document.createElement("li");
      const image = document.createElement("img");
      image.src = address(file);
      image.alt = file.name;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = pick.dataset.remove;
      remove.setAttribute("aria-label", `${pick.dataset.remove}: ${file.name}`);
      remove.addEventListener("click", () => {
        chosen = chosen.filter((_, other) => other !== place);
        hold();
        show();
        URL.revokeObjectURL(address(file));
        addresses.delete(file);
      });
      item.append(image, remove);
      return item;
    }));
  };
  const take = (input) => {
    const files = input === inputs[1] ? [...input.files].filter((file) => !chosen.includes(file)) : [...input.files];
    const room = most - chosen.length;
    chosen = [...chosen, ...files.slice(0, room)];
    if (files.length > room) alert(pick.dataset.tooMany);
    if (input === inputs[0]) input.value = "";
    hold();
    show();
  };
  for (const input of inputs) {
    if (input.files.length) take(input); // chosen on a slow line, before this was here
    input.addEventListener("change", () => take(input));
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    const has = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length > 0);
    if (!has || form.dataset.busy) return;
    event.preventDefault();
    form.dataset.busy = "yes";
    send(form, event.submitter);
  });
}

function send(form, button) {
  const place = form.querySelector(".progress");
  const bar = place.querySelector("progress");
  const text = place.querySelector("[role=status]");
  const request = new XMLHttpRequest();
  const stop = (why) => {
    delete form.dataset.busy;
    button?.removeAttribute("aria-disabled");
    bar.value = 0;
    text.textContent = why;
  };
  place.hidden = false;
  button?.setAttribute("aria-disabled", "true");
  text.textContent = form.dataset.sending;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (100 * event.loaded) / event.total;
    if (event.loaded === event.total) {
      bar.removeAttribute("value");
      text.textContent = form.dataset.looking;
    }
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    if (request.status === 413) {
      stop(form.dataset.tooLarge);
      return;
    }
    if ("show" in form.dataset) {
      // Gigabytes are not sent twice for a mistake: what came is the page that says what is wrong.
      document.open();
      document.write(request.responseText);
      document.close();
      return;
    }
    // A mistake: let the browser send the form itself, so that the answer is a page like any other.
    form.submit();
  });
  request.addEventListener("error", () => stop(form.dataset.failed));
  request.open("POST", form.action);
  request.send(new FormData(form, button));
}
