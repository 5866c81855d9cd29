// A shop's chat as its developers would write it: `openai`, a real client library, whose base URL is the gateway.
// Customers talk over several turns, with tools and streams; attackers come and go. See README.md.
import OpenAI from 'openai';
import { address, attackOptions, attacksOf, flag, kSecondsMax, kSeedMax, number, readOptions } from './options.mjs';
import { attackTurn, customerTurn, kProducts, kSystem, kTools, runTool } from './shop.mjs';
import { Arrivals, Crowd, attackerAt, generator } from './traffic.mjs';

const kUsage = `usage: node demo/shop_chat.mjs [options]
  --gateway HOST:PORT      where to send                                    (default 127.0.0.1:8081)
  --api HOST:PORT          the server, to tell it the shop's products       (default: not told)
  --rate N                 messages per second on average, at most 100      (default 2)
  --seed N                 same seed, same traffic                          (default 1)
  --duration S             stop after so many seconds; 0 goes on until told (default 0)
  --attack-after S         first attacker                                   (default 20)
  --attack-for S           how long one attacks; 0 for no attackers         (default 90)
  --attack-pause S         silence until the next                           (default 150)
  --quiet                  no progress lines
example:
  node demo/shop_chat.mjs --rate 10 --duration 60 --attack-after 5`;

const kRateMax = 100;
const kAttackGapSeconds = 2.5;
const kProgressSeconds = 10;
// A stopped machine must not be followed by a flood.
const kCatchUpSeconds = 2;
// Of a conversation, told to the model again with each turn.
const kHistoryMax = 8;
const kToolRoundsMax = 2;
const kStreamShare = 0.5;
const kOpenCallsMax = 200;

const settings = readOptions('shop_chat', kUsage, {
  gateway: address('127.0.0.1:8081'), api: address(), rate: number(2, 0.01, kRateMax), seed: number(1, 0, kSeedMax),
  duration: number(0, 0, kSecondsMax), ...attackOptions(20, 90, 150), quiet: flag(),
});
const attacks = attacksOf(settings);
const random = generator(settings.seed);
const arrivals = new Arrivals(random, settings.rate);
const crowd = new Crowd(random);
const client = new OpenAI({ baseURL: `http://${settings.gateway}/v1`, apiKey: 'demo', maxRetries: 0, timeout: 60_000 });
const counts = { sent: 0, answered: 0, tools: 0, refused: 0, failed: 0, hostile: 0 };
let open = 0;

// One call of the model, whole or streamed: the assistant's message.
async function complete(session, messages, stream) {
  const request = { model: session.model, messages, tools: kTools, max_tokens: 300 };
  const headers = {
    'x-session-id': session.id, 'x-user-id': session.user, 'x-godseye-tags': `service:${session.service},env:demo`,
  };
  if (!stream) return (await client.chat.completions.create(request, { headers })).choices[0].message;
  const parts = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } }, { headers });
  return (await parts.finalChatCompletion()).choices[0].message;
}

// One turn of a conversation: the question, the tools that the model asks for, its answer.
async function converse(session, text) {
  if (open >= kOpenCallsMax) return;
  ++open;
  ++counts.sent;
  const stream = random.uniform() < kStreamShare;
  const messages = [{ role: 'system', content: kSystem }, ...session.history.slice(-kHistoryMax), { role: 'user', content: text }];
  try {
    let message = await complete(session, messages, stream);
    for (let round = 0; message.tool_calls?.length && round < kToolRoundsMax; ++round) {
      messages.push(message);
      for (const call of message.tool_calls) {
        const result = runTool(call.function.name, JSON.parse(call.function.arguments));
        messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) });
        ++counts.tools;
      }
      message = await complete(session, messages, stream);
    }
    session.history.push({ role: 'user', content: text }, { role: 'assistant', content: message.content ?? '' });
    session.history.splice(0, Math.max(0, session.history.length - 2 * kHistoryMax));
    ++counts.answered;
  } catch (error) {
    // A refusal is an answer: the library raises it as its own error.
    if (error instanceof OpenAI.PermissionDeniedError) ++counts.refused;
    else ++counts.failed;
  } finally {
    --open;
  }
}

function say(text) {
  if (!settings.quiet) console.log(`demo: ${text}`);
}

// The products that answers are held against. Without the server at hand nothing is lost but that check.
async function tellProducts() {
  if (!settings.api) return;
  try {
    const rows = kProducts.map((product) => JSON.stringify(product)).join('\n');
    const reply = await fetch(`http://${settings.api}/api/godseye/v1/catalogues/default`, {
      method: 'PUT', body: `${rows}\n`, headers: { 'content-type': 'application/x-ndjson' }, signal: AbortSignal.timeout(10_000),
    });
    if (!reply.ok) say(`the server did not take the products: ${reply.status} ${(await reply.text()).slice(0, 200)}`);
  } catch (error) {
    say(`the server did not take the products: ${error.message}`);
  }
}

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
let nextMessage = arrivals.next();
let nextAttack = 0;
let nextProgress = kProgressSeconds;
let attacker = null;
let round = 0;

function step() {
  const now = elapsed();
  if (settings.duration > 0 && now >= settings.duration) return stop();
  nextMessage = Math.max(nextMessage, now - kCatchUpSeconds);
  for (; nextMessage <= now; nextMessage += arrivals.next()) {
    const session = crowd.session();
    converse(session, customerTurn(random, session.name));
  }
  const who = attackerAt(now, attacks);
  if (who !== (attacker?.id ?? null)) {
    say(who ? `${who} begins to attack` : `${attacker.id} has stopped`);
    attacker = who && crowd.stranger(who);
    nextAttack = now;
    round = 0;
  }
  if (attacker && now >= nextAttack) {
    converse(attacker, attackTurn(round++));
    ++counts.hostile;
    nextAttack = now + kAttackGapSeconds;
  }
  if (now >= nextProgress) {
    say(`${counts.answered} answers in ${crowd.open} open sessions, ${counts.tools} tool calls, ${counts.hostile} hostile messages, `
      + `${counts.refused} refused${counts.failed ? `, ${counts.failed} failed` : ''}`);
    nextProgress += kProgressSeconds;
  }
}

async function stop() {
  clearInterval(timer);
  const late = Date.now() + 2000;
  while (open > 0 && Date.now() < late) await new Promise((resolve) => setTimeout(resolve, 20));
  say(`stopped: ${counts.sent} messages, ${counts.answered} answered, ${counts.refused} refused, ${counts.failed} failed, ${counts.hostile} hostile`);
  process.exit(0);
}

await tellProducts();
say(`${settings.rate} messages/s through the gateway at ${settings.gateway}, seed ${settings.seed}`);
const timer = setInterval(step, 20);
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
