// Tools for looking at two portraits: zoom, brightness, mirror, one laid over the other; keys 1 to 6 choose the judgement.
const compare = document.querySelector("[data-compare]");
const [left, right] = compare.querySelectorAll(".frame");
const tools = compare.querySelector(".tools");
const portraits = [...compare.querySelectorAll("img.portrait")];

if (portraits.length > 0) {
  tools.hidden = false;
  let over = null;
  if (portraits.length === 2) {
    over = portraits[1].cloneNode();
    over.alt = "";
    over.classList.add("over");
    left.append(over);
  }
  const value = (name) => tools.querySelector(`[data-tool=${name}]`);
  const draw = () => {
    const zoom = value("zoom").value;
    const mirror = value("mirror").checked ? -1 : 1;
    for (const image of compare.querySelectorAll("img.portrait")) {
      const turned = image === portraits[1] || image === over ? mirror : 1;
      image.style.transform = `scale(${zoom * turned}, ${zoom})`;
      image.style.filter = `brightness(${value("light").value})`;
    }
    if (over) over.style.opacity = value("fade").value;
  };
  tools.addEventListener("input", draw);
  draw();
}

const verdicts = [...document.querySelectorAll("input[name=judgement]")];
if (verdicts.length > 0) document.querySelector(".judge").classList.add("lively");
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox], [type=range])");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const verdict = verdicts[Number(event.key) - 1];
  if (!verdict) return;
  verdict.checked = true;
  verdict.focus();
  event.preventDefault();
});
