// What the LLM scripts of every library send, and what must come back, by the typed client and as derived metrics. One
// list, so that all of them are held to the same.
import assert from 'node:assert/strict';
import { kUsage } from '../harness/fake_provider.mjs';
import { pollUntil } from '../harness/server.mjs';

// USD per token, worked out from the providers' published prices: gpt-4o-mini 0.15, cached 0.075, output 0.60 per million.
const kMini = { input: 0.15e-6, cached: 0.075e-6, output: 0.6e-6 };
// gemini-2.5-flash: 0.30, cached 0.03, output (with what was reasoned) 2.50 per million.
const kFlash = { input: 0.3e-6, cached: 0.03e-6, output: 2.5e-6 };
const price = (rates, { input, cached, output }) => (input - cached) * rates.input + cached * rates.cached + output * rates.output;

export const kWritten = { input: 1000, cached: 400, output: 200, cost: price(kMini, { input: 1000, cached: 400, output: 200 }) };
export const kOpenAi = { ...kUsage.openai, cost: price(kMini, kUsage.openai) };
export const kGoogle = { ...kUsage.google, cost: price(kFlash, kUsage.google) };

const near = (value, expected, what) => assert.ok(Math.abs(value - expected) <= Math.abs(expected) * 1e-6, `${what} is ${value}, not ${expected}`);

// The spans made by hand: seven under and with `answer`, one that failed.
export async function checkByHand(reader, said, { service, session }) {
  const { trace } = said.answer;
  const spans = await reader.arrivedLlm({ query: `@session_id:${session}` }, 8);
  const byName = Object.fromEntries(spans.map((span) => [span.name, span]));
  const kinds = Object.fromEntries(spans.map((span) => [span.name, span.spanKind]));
  assert.deepEqual(kinds, {
    answer: 'workflow', search: 'retrieval', embed: 'embedding', track: 'tool', planner: 'agent', plan: 'task', write: 'llm', broken: 'llm',
  });
  assert.equal(trace.length, 32);
  const write = byName.write;
  assert.equal(write.spanId, said.write.span);
  assert.equal(write.parentId, said.answer.span);
  assert.equal(write.modelName, 'gpt-4o-mini');
  assert.equal(write.modelProvider, 'openai');
  assert.equal(write.status, 'ok');
  assert.deepEqual(write.input.messages.map(({ role, content }) => [role, content]), [['system', 'be short'], ['user', 'where is my order? (grüße 👋)']]);
  assert.deepEqual(write.output.messages.map(({ role, content }) => [role, content]), [['assistant', 'It has shipped.']]);
  assert.equal(write.metadata.temperature, 0.2);
  assert.equal(write.metrics.input_tokens, kWritten.input);
  assert.equal(write.metrics.output_tokens, kWritten.output);
  assert.equal(write.metrics.cache_read_input_tokens, kWritten.cached);
  assert.ok(write.tags.includes(`service:${service}`), `${write.tags}`);
  assert.equal(byName.search.input.value, 'orders');
  assert.match(JSON.stringify(byName.search.output), /order 7 has shipped/);
  assert.equal(byName.track.input.value.replace(/\s/g, ''), '{"order":7}');
  assert.equal(byName.plan.parentId, byName.planner.spanId);
  assert.equal(byName.broken.status, 'error');
  assert.ok(byName.broken.tags.some((tag) => tag.startsWith('error_type:')), `${byName.broken.tags}`);
  assert.ok(byName.answer.tags.includes('tier:gold'), `${byName.answer.tags}`);
}

// `calls`: [metric of what an LLM call reported, how many of them]. Everything that the service spent, to the micro-dollar.
export async function checkMetrics(server, service, calls, { errors, requests }) {
  const sum = (key) => calls.reduce((total, [call, count]) => total + call[key] * count, 0);
  const cost = await pollUntil(`llm.cost.usd of ${service}`, async () => {
    const total = await server.total(`sum:llm.cost.usd{service:${service}}.as_count()`);
    if (total < sum('cost') * 0.999999) throw new Error(`it is ${total}, not ${sum('cost')}`);
    return total;
  });
  // The six tokens that are embedded cost next to nothing.
  assert.ok(cost - sum('cost') < 1e-6, `llm.cost.usd is ${cost}, not ${sum('cost')}`);
  near(await server.total(`sum:llm.tokens.output{service:${service}}.as_count()`), sum('output'), 'llm.tokens.output');
  const input = await server.total(`sum:llm.tokens.input{service:${service}}.as_count()`);
  assert.ok(input === sum('input') || input === sum('input') + 6, `llm.tokens.input is ${input}, not ${sum('input')}`);
  assert.equal(await server.total(`count:llm.request.duration{service:${service}}.as_count()`), requests);
  assert.equal(await server.total(`sum:llm.error.count{service:${service}}.as_count()`), errors);
}

// An evaluation comes back with its span.
export async function checkJudged(reader, said) {
  const judged = await pollUntil('the evaluations of the judged span', async () => {
    const [span] = await reader.searchLlm({ spanId: said.judged.span });
    return span?.evaluation && Object.keys(span.evaluation).length >= 3 && span;
  });
  assert.equal(judged.evaluation.helpfulness.value, 0.8);
  assert.equal(judged.evaluation.helpfulness.reasoning, 'it answers');
  assert.equal(judged.evaluation.tone.value, 'friendly');
  assert.equal(judged.evaluation.tone.assessment, 'pass');
  assert.equal(judged.evaluation.grounded.value, true);
}
