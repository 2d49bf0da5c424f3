// While a photo is being looked at, ask now and then, and show the result; never while somebody is typing.
const SECONDS = [2, 2, 3, 4, 6, 8, 10, 15];
let tries = 0;

const busy = () => document.querySelector("details[open] form :is(textarea, input:not([type=hidden])):focus, .previews li") !== null;

async function ask() {
  const section = document.querySelector("[data-poll]");
  if (!section?.dataset.poll) return;
  if (!busy() && !document.hidden) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-poll]");
    if (fresh && !fresh.dataset.poll) {
      location.reload();
      return;
    }
  }
  tries += 1;
  wait();
}

function wait() {
  const seconds = SECONDS[Math.min(tries, SECONDS.length - 1)];
  setTimeout(() => ask().catch(wait), seconds * 1000);
}

wait();
