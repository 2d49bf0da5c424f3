// While a photo is looked at or a list read, ask now and then, and show how far it is and what became of it; never while somebody is typing.
const SECONDS = [2, 2, 3, 4, 6, 8, 10, 15];
let tries = 0;

const busy = () => document.querySelector("details[open] form :is(textarea, input:not([type=hidden])):focus, .previews li") !== null;

async function ask() {
  const section = document.querySelector("[data-poll]");
  if (!section?.dataset.poll) return;
  if (!busy() && !document.hidden) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || new URL(answer.url).pathname === "/login") return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-poll]");
    if (answer.redirected || !fresh?.dataset.poll) {
      location.reload();
      return;
    }
    const live = fresh.dataset.poll === "live" && !section.contains(document.activeElement);
    if (live) section.replaceChildren(...fresh.childNodes);
  }
  tries += section.dataset.poll === "live" ? 0 : 1;
  wait();
}

function wait() {
  const seconds = SECONDS[Math.min(tries, SECONDS.length - 1)];
  setTimeout(() => ask().catch(wait), seconds * 1000);
}

wait();
