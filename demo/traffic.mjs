// The shape of the demo's traffic, apart from how it is sent: seeded random numbers, the fitted distributions, sessions
// and attackers. Nothing here knows the network or the clock; the programs do. README.md derives the numbers.

// One 32-bit state, good enough for a demo and the same on every machine.
export function generator(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const pick = (list) => list[Math.floor(uniform() * list.length)];
  return { uniform, normal, pick };
}

// Mixtures of log-normals: [weight, mean of the logarithm, its standard deviation], cut at the largest value seen.
export const kContextTokens = { parts: [[0.015, 2.929, 0.784], [0.49, 6.131, 0.695], [0.495, 7.235, 0.665]], max: 14050 };
export const kGeneratedTokens = { parts: [[0.078, 3.688, 0.716], [0.58, 4.61, 0.403], [0.342, 6.033, 0.224]], max: 1000 };

export function draw(random, { parts, max }) {
  for (;;) {
    let choice = random.uniform();
    const part = parts.find(([weight]) => (choice -= weight) < 0) ?? parts.at(-1);
    const value = Math.round(Math.exp(part[1] + part[2] * random.normal()));
    if (value >= 1 && value <= max) return value;
  }
}

// Arrivals: the rate itself wanders (log-normal, standard deviation 0.21, correlation time 300 s), and around it the
// gaps are a little burstier than exponential (squared coefficient of variation 1.2).
const kRateDeviation = 0.21;
const kRateCorrelationSeconds = 300;
const kGapVariation = 1.2;

export class Arrivals {
  #random;
  #perSecond;
  #level = 0;

  constructor(random, perSecond) {
    this.#random = random;
    this.#perSecond = perSecond;
  }

  // Seconds to the next message. A hyper-exponential of two balanced branches has exactly the wanted variation.
  next() {
    const rate = this.#perSecond * Math.exp(kRateDeviation * this.#level - kRateDeviation ** 2 / 2);
    const branch = (1 + Math.sqrt((kGapVariation - 1) / (kGapVariation + 1))) / 2;
    const speed = 2 * (this.#random.uniform() < branch ? branch : 1 - branch);
    const gap = -Math.log(1 - this.#random.uniform()) / (rate * speed);
    const kept = Math.exp(-gap / kRateCorrelationSeconds);
    this.#level = kept * this.#level + Math.sqrt(1 - kept ** 2) * this.#random.normal();
    return gap;
  }
}

const kModels = ['gpt-4o-mini', 'gpt-4o', 'gpt-5-mini'];
const kServices = ['shop-chat', 'shop-search', 'support-desk'];
const kNames = ['ada', 'alan', 'barbara', 'donald', 'edsger', 'frances', 'grace', 'john', 'katherine', 'ken', 'leslie', 'margaret', 'niklaus', 'radia', 'tony'];
const kAttackers = ['mallory-77', 'trudy-41', 'eve-13'];

// How often a message starts a new session; 1/0.18 = 5.6 messages a session.
const kNewSessionShare = 0.18;
// Bounds the memory of the demo and the number of sessions that are open at once.
const kSessionsOpenMax = 400;

// Who talks: customers whose sessions last a few messages, and whoever else is asked for by name. A session is {id, user,
// name, service, model, history}.
export class Crowd {
  #random;
  #sessions = [];
  #started = 0;

  constructor(random) {
    this.#random = random;
  }

  get open() {
    return this.#sessions.length;
  }

  session() {
    const random = this.#random;
    if (this.#sessions.length === 0 || random.uniform() < kNewSessionShare) {
      const name = random.pick(kNames);
      this.#sessions.push({
        id: `${name}-${++this.#started}`, user: `${name}-${Math.floor(random.uniform() * 40)}`, name, service: random.pick(kServices),
        model: random.pick(kModels), history: [], left: 1 + Math.floor(-Math.log(1 - random.uniform()) / kNewSessionShare),
      });
      if (this.#sessions.length > kSessionsOpenMax) this.#sessions.shift();
    }
    const index = Math.floor(random.uniform() * this.#sessions.length);
    const chosen = this.#sessions[index];
    if (--chosen.left <= 0) this.#sessions.splice(index, 1);
    return chosen;
  }

  stranger(name) {
    return { id: name, user: name, name, service: kServices[0], model: kModels[0], history: [] };
  }
}

// Who attacks at second `elapsed`: nobody until `after`, then one attacker for `length` seconds, a silence of `pause`
// (longer than the monitor's window, so that the incident closes), then the next.
export function attackerAt(elapsed, { after, length, pause }) {
  if (length <= 0 || elapsed < after) return null;
  const round = Math.floor((elapsed - after) / (length + pause));
  const inside = (elapsed - after) % (length + pause) < length;
  return inside ? kAttackers[round % kAttackers.length] : null;
}
