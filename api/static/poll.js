// While a photo is looked at or a list read, ask now and then, and show how far it is and what became of it; never while somebody is typing.
// What asks by itself says so: a screen that somebody has left does not stay signed in by it.
const SECONDS = [2, 2, 3, 4, 6, 8, 10, 15];
let tries = 0;

const busy = () => document.querySelector("details[open] form :is(textarea, input:not([type=hidden])):focus, .previews li") !== null;

const polled = (page) => [...page.querySelectorAll("[data-poll]")].filter((section) => section.dataset.poll);

async function ask() {
  const sections = polled(document);
  if (sections.length === 0) return;
  const live = sections.filter((section) => section.dataset.poll === "live");
  if (!busy() && !document.hidden) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-By-Itself": "1" } });
    if (!answer.ok || new URL(answer.url).pathname === "/login") return;
    const fresh = polled(new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (answer.redirected || fresh.length !== sections.length) {
      location.reload();
      return;
    }
    for (const section of live) {
      if (!section.contains(document.activeElement)) section.replaceChildren(...fresh[sections.indexOf(section)].childNodes);
    }
  }
  tries += live.length ? 0 : 1;
  wait();
}

function wait() {
  const seconds = SECONDS[Math.min(tries, SECONDS.length - 1)];
  setTimeout(() => ask().catch(wait), seconds * 1000);
}

wait();
