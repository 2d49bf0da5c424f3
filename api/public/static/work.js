// Does the work that a form asks for while it is being filled in: a number whose SHA-256 with the challenge begins with zero bits.
// Without this script the form can be sent all the same, a little later.

const K = [], START = []
for (let n = 2; K.length < 64; n++) {
  let prime = true
  for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break }
  if (!prime) continue
  if (START.length < 8) START.push((Math.sqrt(n) % 1) * 2 ** 32 | 0)
  K.push((Math.cbrt(n) % 1) * 2 ** 32 | 0)
}

const W = new Int32Array(64)
const turn = (word, by) => (word >>> by) | (word << (32 - by))

function mix(state, bytes, at) {
  for (let i = 0; i < 16; i++) {
    const o = at + 4 * i
    W[i] = (bytes[o] << 24) | (bytes[o + 1] << 16) | (bytes[o + 2] << 8) | bytes[o + 3]
  }
  for (let i = 16; i < 64; i++) {
    const a = W[i - 15], b = W[i - 2]
    W[i] = (W[i - 16] + W[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let i = 0; i < 64; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0
  }
  return [state[0] + a | 0, state[1] + b | 0, state[2] + c | 0, state[3] + d | 0,
    state[4] + e | 0, state[5] + f | 0, state[6] + g | 0, state[7] + h | 0]
}

function worker(challenge) {
  const text = Array.from(challenge + ":", letter => letter.charCodeAt(0))
  let head = START, done = 0
  for (; text.length - done >= 64; done += 64) head = mix(head, text, done)
  const rest = text.slice(done)
  return (number) => {
    const said = rest.concat(Array.from(String(number), digit => digit.charCodeAt(0)))
    const bits = 8 * (done + said.length)
    said.push(0x80)
    while (said.length % 64 !== 56) said.push(0)
    said.push(0, 0, 0, 0, (bits >>> 24) & 255, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255)
    let state = head
    for (let at = 0; at < said.length; at += 64) state = mix(state, said, at)
    return state[0]
  }
}

for (const form of document.querySelectorAll("form[data-bits]")) {
  const bits = Number(form.dataset.bits)
  const answer = form.elements.namedItem("answer")
  const digest = worker(form.elements.namedItem("challenge").value)
  let number = 0, asked = false, sent = -Infinity

  const work = () => {
    const until = performance.now() + 30
    while (performance.now() < until) {
      if (bits === 0 || digest(number) >>> (32 - bits) === 0) {
        answer.value = String(number)
        if (asked) {
          sent = performance.now()
          form.submit()
        }
        return
      }
      number++
    }
    setTimeout(work, 4)
  }

  form.addEventListener("submit", (event) => {
    // The other language: nothing is sent to the station, and no work is asked for.
    if (event.submitter?.hasAttribute("formaction")) return
    if (answer.value) {
      // Of a second tap the answer would be that it was sent already, in place of the one that says where to go on.
      if (performance.now() - sent < 3000) event.preventDefault()
      else sent = performance.now()
      return
    }
    event.preventDefault()
    asked = true
    form.querySelector("[data-busy]").hidden = false
  })
  work()
}
