// An LLM application as its developers would write it: a shop's assistant, traced with dd-trace and its LLM
// Observability, unmodified. The model is made up; everything that Godseye shows of it comes from spans. See README.md.
import { hostileTurn, turn } from './conversations.mjs';
import { address, attackOptions, attacksOf, flag, kSecondsMax, kSeedMax, number, readOptions } from './options.mjs';
import { Arrivals, attackerAt, draw, generator, kContextTokens, kGeneratedTokens } from './traffic.mjs';

const kUsage = `usage: node demo/llm_app.mjs [options]
  --agent HOST:PORT        trace agent                                      (default 127.0.0.1:8126)
  --rate N                 messages per second on average, at most 50       (default 0.7)
  --seed N                 same seed, same conversations                    (default 2)
  --duration S             stop after so many seconds; 0 goes on until told (default 0)
  --attack-after S         first attacker                                   (default 40)
  --attack-for S           how long one attacks; 0 for no attackers         (default 60)
  --attack-pause S         silence until the next                           (default 240)
  --quiet                  no progress lines
example:
  node demo/llm_app.mjs --rate 5 --duration 60 --attack-after 5`;

const kAttackGapSeconds = 4;
const kProgressSeconds = 30;
const kSessionsOpenMax = 60;
const kNewSessionShare = 0.25;
// Of calls that the provider refuses, and of answers that are cut.
const kErrorShare = 0.02;
// The made-up model answers this much faster than a real one.
const kHaste = 4;
const kModels = [
  { name: 'gpt-4o-mini', provider: 'openai', tokensPerSecond: 110 },
  { name: 'gemini-2.5-flash', provider: 'google', tokensPerSecond: 180 },
  { name: 'claude-haiku-4-5', provider: 'anthropic', tokensPerSecond: 140 },
];
const kNames = ['ada', 'alan', 'barbara', 'donald', 'edsger', 'frances', 'grace', 'john', 'katherine', 'ken'];

const settings = readOptions('llm_app', kUsage, {
  agent: address('127.0.0.1:8126'), rate: number(0.7, 0.01, 50), seed: number(2, 0, kSeedMax), duration: number(0, 0, kSecondsMax),
  ...attackOptions(40, 60, 240), quiet: flag(),
});
const attacks = attacksOf(settings);
// The library reads these when it is loaded.
Object.assign(process.env, {
  DD_TRACE_AGENT_URL: `http://${settings.agent}`, DD_SERVICE: 'shop-assistant', DD_ENV: 'demo', DD_VERSION: '1.4.0', DD_LLMOBS_ENABLED: 'true',
  DD_LLMOBS_ML_APP: 'shop-assistant', DD_TRACE_STARTUP_LOGS: 'false', DD_REMOTE_CONFIGURATION_ENABLED: 'false',
});
const { default: tracer } = await import('dd-trace');
tracer.init();
const { llmobs } = tracer;

const random = generator(settings.seed);
const arrivals = new Arrivals(random, settings.rate);
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const sessions = [];
let started = 0;
let answered = 0;
let hostile = 0;

function openSession() {
  if (sessions.length === 0 || random.uniform() < kNewSessionShare) {
    const name = random.pick(kNames);
    sessions.push({ id: `${name}-chat-${++started}`, user: name, name, model: random.pick(kModels), history: [] });
    if (sessions.length > kSessionsOpenMax) sessions.shift();
  }
  return random.pick(sessions);
}

async function complete(session, said, found) {
  const { model } = session;
  const input = draw(random, kContextTokens);
  const output = draw(random, kGeneratedTokens);
  const cached = random.uniform() < 0.4 ? Math.floor(input * 0.6) : 0;
  const isRefused = random.uniform() < kErrorShare;
  await llmobs.trace({ kind: 'llm', name: 'compose answer', modelName: model.name, modelProvider: model.provider }, async () => {
    llmobs.annotate({
      inputData: [
        { role: 'system', content: `You are the assistant of a clothing shop. Answer from this text only:\n${found}` },
        ...session.history.slice(-4), { role: 'user', content: said.ask },
      ],
      metadata: { temperature: 0.2, max_tokens: 1000 },
      prompt: { id: 'shop-assistant', version: '7', template: 'Answer {{question}} from {{documents}}', variables: { question: said.ask, documents: found } },
    });
    await sleep((0.15 + output / model.tokensPerSecond) / kHaste);
    if (isRefused) throw Object.assign(new Error('429 the provider has too many requests'), { name: 'RateLimitError' });
    llmobs.annotate({
      outputData: [{ role: 'assistant', content: said.answer }],
      metrics: { inputTokens: input, outputTokens: output, totalTokens: input + output, ...(cached ? { cacheReadTokens: cached } : {}) },
    });
  });
}

async function converse(session, said) {
  try {
    await tracer.trace('web.request', { resource: 'POST /assistant/message', type: 'web', tags: { 'usr.id': session.user, session_id: session.id, 'span.kind': 'server' } }, () =>
      llmobs.trace({ kind: 'workflow', name: 'answer', sessionId: session.id }, async () => {
        llmobs.annotate({ inputData: said.ask, tags: { user_id: session.user } });
        const found = `${said.find}: ${said.answer}`;
        await llmobs.trace({ kind: 'retrieval', name: 'search catalogue' }, async () => {
          await sleep(0.01 + 0.03 * random.uniform());
          llmobs.annotate({ inputData: said.ask, outputData: [{ text: found, name: said.find, id: said.find.toLowerCase(), score: 0.5 + 0.5 * random.uniform() }] });
        });
        if (said.tool) {
          await llmobs.trace({ kind: 'tool', name: said.tool }, async () => {
            await sleep(0.02);
            llmobs.annotate({ inputData: { order: said.order }, outputData: { state: 'shipped' } });
          });
        }
        await complete(session, said, found);
        llmobs.annotate({ outputData: said.answer });
        session.history.push({ role: 'user', content: said.ask }, { role: 'assistant', content: said.answer });
      }));
    // One conversation in eight ends at the till.
    if (!said.hostile && random.uniform() < 0.12) {
      await tracer.trace('web.request', { resource: 'POST /checkout', type: 'web', tags: { 'usr.id': session.user, session_id: session.id, 'span.kind': 'server', 'http.status_code': '200' } }, () => sleep(0.02));
    }
  } catch (error) {
    if (error.name !== 'RateLimitError') throw error;
  }
  ++answered;
}

function say(text) {
  if (!settings.quiet) console.log(`demo: ${text}`);
}

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
let nextMessage = arrivals.next();
let nextAttack = 0;
let nextProgress = kProgressSeconds;
let attacker = null;

function step() {
  const now = elapsed();
  if (settings.duration > 0 && now >= settings.duration) return stop();
  // A stopped machine must not be followed by a flood.
  nextMessage = Math.max(nextMessage, now - 2);
  for (; nextMessage <= now; nextMessage += arrivals.next()) {
    const session = openSession();
    converse(session, turn(random, session.name));
  }
  const who = attackerAt(now, attacks);
  if (who !== attacker) {
    say(who ? `${who}-chat begins to attack the assistant` : `${attacker}-chat has stopped`);
    attacker = who;
    nextAttack = now;
  }
  if (attacker && now >= nextAttack) {
    converse({ id: `${attacker}-chat`, user: attacker, name: attacker, model: kModels[0], history: [] }, hostileTurn(random));
    ++hostile;
    nextAttack = now + kAttackGapSeconds;
  }
  if (now >= nextProgress) {
    say(`the assistant answered ${answered} messages of ${sessions.length} open sessions, ${hostile} hostile`);
    nextProgress += kProgressSeconds;
  }
}

async function stop() {
  clearInterval(timer);
  // What is under way ends; then the library's own flush interval.
  llmobs.flush();
  await sleep(2.5);
  say(`the assistant stopped after ${answered} messages, ${hostile} hostile`);
  process.exit(0);
}

say(`the assistant gets ${settings.rate} messages/s, traces to ${settings.agent}, seed ${settings.seed}`);
const timer = setInterval(step, 50);
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
