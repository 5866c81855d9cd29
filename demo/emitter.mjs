// Sends LLM-shaped metrics of many sessions over DogStatsD with hot-shots, a real client library. See README.md.
import { parseArgs } from 'node:util';
import StatsD from 'hot-shots';
import { Arrivals, Traffic, attackerAt, generator } from './traffic.mjs';

const kUsage = `usage: node demo/emitter.mjs [options]
  --dogstatsd HOST:PORT    where to send                                    (default 127.0.0.1:8125)
  --rate N                 messages per second on average, at most 500      (default 5.5)
  --seed N                 same seed, same traffic                          (default 1)
  --duration S             stop after so many seconds; 0 goes on until told (default 0)
  --attack-after S         first attacker                                   (default 20)
  --attack-for S           how long one attacks; 0 for no attackers         (default 90)
  --attack-pause S         silence until the next                           (default 150)
  --quiet                  no progress lines
example:
  node demo/emitter.mjs --rate 50 --duration 60 --attack-after 5`;

const kRateMax = 500;
const kAttackGapSeconds = 2.5;
const kProgressSeconds = 10;
// A stopped machine must not be followed by a flood.
const kCatchUpSeconds = 2;

function fail(text) {
  console.error(`emitter: ${text} (see --help)`);
  process.exit(2);
}

function options() {
  let values;
  const text = (value) => ({ type: 'string', default: value });
  try {
    ({ values } = parseArgs({
      options: {
        dogstatsd: text('127.0.0.1:8125'), rate: text('5.5'), seed: text('1'), duration: text('0'), 'attack-after': text('20'),
        'attack-for': text('90'), 'attack-pause': text('150'), quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    fail(error.message);
  }
  if (values.help) {
    console.log(kUsage);
    process.exit(0);
  }
  const number = (name, min, max) => {
    const value = Number(values[name]);
    if (!(value >= min && value <= max)) fail(`--${name} takes a number from ${min} to ${max}, not '${values[name]}'`);
    return value;
  };
  const split = values.dogstatsd.lastIndexOf(':');
  const port = Number(values.dogstatsd.slice(split + 1));
  if (split < 1 || !(port >= 1 && port <= 65535)) fail(`--dogstatsd takes HOST:PORT, not '${values.dogstatsd}'`);
  return {
    host: values.dogstatsd.slice(0, split), port, quiet: values.quiet,
    rate: number('rate', 0.01, kRateMax), seed: number('seed', 0, 2 ** 32 - 1), duration: number('duration', 0, 1e9),
    attacks: { after: number('attack-after', 0, 1e9), length: number('attack-for', 0, 1e9), pause: number('attack-pause', 1, 1e9) },
  };
}

const settings = options();
const random = generator(settings.seed);
const arrivals = new Arrivals(random, settings.rate);
const traffic = new Traffic(random);
let errors = 0;
const client = new StatsD({
  host: settings.host, port: settings.port, cacheDns: true, maxBufferSize: 1400, bufferFlushInterval: 200,
  globalTags: { env: 'demo' },
  // Nobody listening is no reason to stop: the server may be restarting.
  errorHandler: () => { ++errors; },
});

function send(message) {
  const tags = {
    service: message.service, model: message.model, provider: message.provider,
    session_id: message.session, user_id: message.user,
  };
  client.distribution('llm.request.duration', message.seconds, tags);
  client.distribution('llm.request.latency_ms', message.seconds * 1000, tags);
  client.increment('llm.tokens.input', message.input, tags);
  client.increment('llm.tokens.output', message.output, tags);
  client.distribution('llm.request.cost', message.cost, tags);
  client.increment('llm.cost.usd', message.cost, tags);
  client.distribution('llm.response.quality_score', message.quality, tags);
  client.distribution('llm.security.injection_attempt_score', message.injection, tags);
  if (message.injection >= 0.4) client.increment('llm.security.suspicious_messages', 1, tags);
  if (message.injection > 0.7) client.increment('llm.security.refused_messages', 1, tags);
}

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
let nextMessage = arrivals.next();
let nextAttack = 0;
let nextProgress = kProgressSeconds;
let attacker = null;
let sent = 0;
let attacks = 0;

function say(text) {
  if (!settings.quiet) console.log(`demo: ${text}`);
}

function step() {
  const now = elapsed();
  if (settings.duration > 0 && now >= settings.duration) return stop();
  nextMessage = Math.max(nextMessage, now - kCatchUpSeconds);
  for (; nextMessage <= now; nextMessage += arrivals.next(), ++sent) send(traffic.message());
  const who = attackerAt(now, settings.attacks);
  if (who !== attacker) {
    say(who ? `${who} begins to attack` : `${attacker} has stopped`);
    attacker = who;
    nextAttack = now;
  }
  if (attacker && now >= nextAttack) {
    send(traffic.attack(attacker));
    ++attacks;
    nextAttack = now + kAttackGapSeconds;
  }
  if (now >= nextProgress) {
    say(`${sent} messages of ${traffic.open} open sessions, ${attacks} hostile${errors ? `, ${errors} send errors` : ''}`);
    nextProgress += kProgressSeconds;
  }
}

function stop() {
  clearInterval(timer);
  client.close(() => {
    say(`stopped after ${sent} messages, ${attacks} hostile`);
    process.exit(0);
  });
}

say(`${settings.rate} messages/s to ${settings.host}:${settings.port}, seed ${settings.seed}`);
const timer = setInterval(step, 20);
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
