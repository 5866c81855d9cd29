'use strict';
// dd-trace LLM Observability as an application uses it: every kind of span by hand, OpenAI's library by its integration,
// evaluations and feedback.
const tracer = require('dd-trace').init();
const { OpenAI } = require('openai');
const { say, ids, sleep } = require('./say.cjs');

const { llmobs } = tracer;

async function byHand() {
  await llmobs.trace({ kind: 'workflow', name: 'answer', sessionId: 'js-session-1' }, async (workflow) => {
    llmobs.annotate({ inputData: 'where is my order?', outputData: 'on its way', tags: { user_id: 'ada', tier: 'gold' } });
    await llmobs.trace({ kind: 'retrieval', name: 'search' }, async () => {
      llmobs.annotate({ inputData: 'orders', outputData: [{ text: 'order 7 has shipped', name: 'orders', id: '7', score: 0.9 }] });
    });
    await llmobs.trace({ kind: 'embedding', name: 'embed', modelName: 'text-embedding-3-small', modelProvider: 'openai' }, async () => {
      llmobs.annotate({ inputData: [{ text: 'where is my order?' }], outputData: '[1 vector]', metrics: { inputTokens: 6, totalTokens: 6 } });
    });
    await llmobs.trace({ kind: 'tool', name: 'track' }, async () => {
      llmobs.annotate({ inputData: { order: 7 }, outputData: { state: 'shipped' } });
    });
    await llmobs.trace({ kind: 'agent', name: 'planner' }, async () => llmobs.trace({ kind: 'task', name: 'plan' }, async () => {
      llmobs.annotate({ inputData: 'plan', outputData: 'done' });
    }));
    await llmobs.trace({ kind: 'llm', name: 'write', modelName: 'gpt-4o-mini', modelProvider: 'openai' }, async (span) => {
      llmobs.annotate({
        inputData: [{ role: 'system', content: 'be short' }, { role: 'user', content: 'where is my order? (grüße 👋)' }],
        outputData: [{ role: 'assistant', content: 'It has shipped.' }],
        metadata: { temperature: 0.2, max_tokens: 50 },
        metrics: { inputTokens: 1000, outputTokens: 200, totalTokens: 1200, cacheReadTokens: 400 },
        prompt: { id: 'order-prompt', version: '3', template: 'Answer {{question}}', variables: { question: 'where is my order?' } },
      });
      say('write', { ...ids(span), exported: llmobs.exportSpan(span) });
    });
    say('answer', { ...ids(workflow), exported: llmobs.exportSpan(workflow) });
  });
  await llmobs.trace({ kind: 'llm', name: 'broken', modelName: 'gpt-4o-mini', modelProvider: 'openai', sessionId: 'js-session-1' }, async (span) => {
    say('broken', ids(span));
    llmobs.annotate({ inputData: 'hello' });
    throw new RangeError('the model is away');
  }).catch(() => {});
}

async function byIntegration() {
  const openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${process.env.GE_PROVIDER}/v1`, maxRetries: 0 });
  const ask = (content, more = {}) => openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...more });
  await llmobs.trace({ kind: 'workflow', name: 'integration', sessionId: 'js-session-2' }, async (span) => {
    say('integration', ids(span));
    await ask('plain question');
    for await (const chunk of await ask('streamed question', { stream: true, stream_options: { include_usage: true } })) void chunk;
    await ask('the weather?', {
      tools: [{ type: 'function', function: { name: 'get_weather', description: 'weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }],
    });
    await ask('status 429').catch(() => {});
  });
}

async function main() {
  // The library asks the agent first which way to send; what ends before it knows waits.
  await byHand();
  if (process.env.GE_PROVIDER) await byIntegration();
  await sleep(1500);
  let exported;
  await llmobs.trace({ kind: 'llm', name: 'judged', modelName: 'gpt-4o-mini', modelProvider: 'openai', sessionId: 'js-session-3' }, async (span) => {
    llmobs.annotate({ inputData: 'is it?', outputData: 'it is' });
    exported = llmobs.exportSpan(span);
    say('judged', { ...ids(span), exported });
  });
  llmobs.submitEvaluation(exported, { label: 'helpfulness', metricType: 'score', value: 0.8, tags: { judge: 'test' }, reasoning: 'it answers' });
  llmobs.submitEvaluation(exported, { label: 'tone', metricType: 'categorical', value: 'friendly', assessment: 'pass' });
  llmobs.submitEvaluation(exported, { label: 'grounded', metricType: 'boolean', value: true });
  llmobs.submitEvaluation(exported, { label: 'detail', metricType: 'json', value: { depth: 2 } });
  llmobs.submitFeedback({ label: 'thumb', metricType: 'categorical', value: 'up', submitter: { id: 'ada' }, span: exported });
  llmobs.flush();
  await sleep(2500);
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
