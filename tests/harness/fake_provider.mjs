// A small LLM provider for tests: OpenAI's chat completions and Google's generateContent, plain and streamed, with usage
// that has cached and reasoning tokens. What it answers depends on the last user message alone:
//   a text with `weather`, when tools are offered: one call of the first tool with {"city": "Paris"}
//   `status 429` (or any other 4xx, 5xx)          that status with the provider's own error object
//   anything else                                 `You said: ` and the text
import { createServer } from 'node:http';

// What every successful answer reports, so that tests know what must arrive. Input includes what was cached, output
// includes what was reasoned.
export const kUsage = {
  openai: { input: 1200, cached: 1000, output: 300, reasoning: 120 },
  google: { input: 800, cached: 500, output: 200, reasoning: 50 },
};

// What is asked for by its short name is answered by a dated one.
const kResponseModels = { 'gpt-4o-mini': 'gpt-4o-mini-2024-07-18' };

const kErrorTypes = { 400: 'invalid_request_error', 401: 'authentication_error', 429: 'rate_limit_exceeded', 500: 'server_error' };

function openaiUsage() {
  const { input, cached, output, reasoning } = kUsage.openai;
  return {
    prompt_tokens: input, completion_tokens: output, total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function googleUsage() {
  const { input, cached, output, reasoning } = kUsage.google;
  return {
    promptTokenCount: input, cachedContentTokenCount: cached, candidatesTokenCount: output - reasoning, thoughtsTokenCount: reasoning,
    totalTokenCount: input + output,
  };
}

function textOf(content) {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

function faultOf(text) {
  const status = Number(/\bstatus ([45]\d\d)\b/.exec(text)?.[1] ?? 0);
  return status && { status, type: kErrorTypes[status] ?? 'api_error', message: `asked for status ${status}` };
}

export class FakeProvider {
  requests = []; // {path, body}

  static async start() {
    const provider = new FakeProvider();
    provider.server = createServer((request, response) => provider.#serve(request, response));
    await new Promise((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
    provider.server.unref();
    provider.url = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(request, response) {
    let text = '';
    for await (const chunk of request) text += chunk;
    const path = new URL(request.url, 'http://x').pathname;
    let body = {};
    try { body = JSON.parse(text); } catch { /* answered below as what it is */ }
    this.requests.push({ path, body });
    if (path.endsWith('/chat/completions')) return this.#openai(body, response);
    const google = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/.exec(path);
    if (google) return this.#google(google[1], google[2] === 'streamGenerateContent', body, response);
    return json(response, 404, { error: { message: `no such path: ${path}`, type: 'invalid_request_error', code: 404 } });
  }

  #openai(body, response) {
    const said = textOf(body.messages?.findLast((message) => message.role === 'user')?.content);
    const fault = faultOf(said);
    if (fault) return json(response, fault.status, { error: { message: fault.message, type: fault.type, param: null, code: fault.type } });
    const id = `chatcmpl-${this.requests.length}`;
    const common = { id, created: Math.floor(Date.now() / 1000), model: kResponseModels[body.model] ?? body.model, system_fingerprint: 'fp_test' };
    const tool = /weather/.test(said) && body.messages.at(-1).role === 'user' && body.tools?.[0]?.function.name;
    const answer = tool
      ? { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: tool, arguments: '{"city": "Paris"}' } }] }
      : { role: 'assistant', content: `You said: ${said}` };
    const finish = tool ? 'tool_calls' : 'stop';
    if (!body.stream) {
      return json(response, 200, {
        ...common, object: 'chat.completion', choices: [{ index: 0, message: { ...answer, refusal: null }, logprobs: null, finish_reason: finish }],
        usage: openaiUsage(),
      });
    }
    const chunks = [{ role: 'assistant', content: '' }, ...(answer.content ?? '').match(/.{1,6}/gs)?.map((content) => ({ content })) ?? []];
    if (tool) chunks.push({ tool_calls: answer.tool_calls.map((call, index) => ({ index, ...call })) });
    const events = chunks.map((delta) => ({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] }));
    events.push({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: finish }] });
    if (body.stream_options?.include_usage) events.push({ ...common, object: 'chat.completion.chunk', choices: [], usage: openaiUsage() });
    return stream(response, [...events.map((event) => JSON.stringify(event)), '[DONE]']);
  }

  #google(model, streamed, body, response) {
    const said = textOf(body.contents?.findLast((content) => content.role !== 'model')?.parts);
    const fault = faultOf(said);
    if (fault) return json(response, fault.status, { error: { code: fault.status, message: fault.message, status: fault.status === 429 ? 'RESOURCE_EXHAUSTED' : 'INVALID_ARGUMENT' } });
    const common = { modelVersion: model, responseId: `response-${this.requests.length}` };
    const answer = (text, finishReason) => ({ content: { role: 'model', parts: [{ text }] }, index: 0, ...(finishReason ? { finishReason } : {}) });
    if (!streamed) return json(response, 200, { ...common, candidates: [answer(`You said: ${said}`, 'STOP')], usageMetadata: googleUsage() });
    const pieces = `You said: ${said}`.match(/.{1,9}/gs);
    return stream(response, pieces.map((piece, index) => {
      const last = index === pieces.length - 1;
      return JSON.stringify({ ...common, candidates: [answer(piece, last && 'STOP')], ...(last ? { usageMetadata: googleUsage() } : {}) });
    }));
  }
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function stream(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`data: ${event}\n\n`);
  response.end();
}
