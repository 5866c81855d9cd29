import { describe, expect, it } from 'vitest';
import { inForce, readAudit, readBlock, readBlocks, readShadow, shadowRoutes } from '../../src/model/blocks';
import { adviceOf, callTerm, mergeCalls, readCall, readCallPage, readProvider, troubleOf, verdictIn, withVerdict } from '../../src/model/gateway';
import { AnswerReader } from '../../src/model/playground';

const strange: unknown[] = [null, undefined, 1, 'x', [], {}, [null], { calls: 'x', blocks: 3, rules: {}, providers: null }, { calls: [null, 1, 'x', []] }];

describe('reading answers', () => {
  it('makes something of everything', () => {
    for (const value of strange) {
      expect(readCallPage(value).calls.every((call) => typeof call.session === 'string')).toBe(true);
      expect(Array.isArray(readBlocks(value))).toBe(true);
      expect(readShadow(value).total).toBeGreaterThanOrEqual(0);
      expect(Array.isArray(readAudit(value))).toBe(true);
      expect(adviceOf(readProvider(value), 0)).toEqual([]);
    }
  });
  it('tells what nobody said from zero', () => {
    const call = readCall({ cost_usd: -1, input_tokens: 0, injection: 0 });
    expect(call.cost_usd).toBeNull();
    expect(call.tokens).toBe(0);
    expect(call.injection).toBe(0);
  });
});

describe('mergeCalls', () => {
  const call = (id: string, time: number, status = 200) => readCall({ call_id: id, time: time * 1000 + 1.7e12, status });
  it('keeps the newest first, each once, and no more than asked for', () => {
    const merged = mergeCalls([call('b', 2), call('c', 3, 500)], [call('c', 3), call('a', 1)], 2);
    expect(merged.map((one) => one.call_id)).toEqual(['c', 'b']);
    expect(merged[0]?.status).toBe(500);
  });
});

describe('queries', () => {
  it('changes the verdict and leaves the rest', () => {
    expect(withVerdict('session:s verdict:refused gpt', 'blocked')).toBe('verdict:blocked session:s gpt');
    expect(withVerdict('verdict:refused', '')).toBe('');
    expect(verdictIn('a verdict:flagged')).toBe('flagged');
    expect(verdictIn('-verdict:flagged')).toBe('');
  });
  it('writes values that the search can read', () => {
    expect(callTerm('session', 's-1')).toBe('session:s-1');
    expect(callTerm('session', 'a b')).toBe('session:"a b"');
    expect(callTerm('session', 'a"b')).toBe('session:a*');
  });
});

describe('troubleOf', () => {
  it('names failures and not refusals', () => {
    expect(troubleOf(readCall({ status: 403, verdict: 'refused' }))).toBe('');
    expect(troubleOf(readCall({ status: 200 }))).toBe('');
    expect(troubleOf(readCall({ status: 429 }))).toBe('rate limited');
    expect(troubleOf(readCall({ status: 503 }))).toBe('failed: 503');
    expect(troubleOf(readCall({ status: 0 }))).toBe('the caller left');
  });
});

describe('adviceOf', () => {
  it('has nothing to say about a provider that is well', () => {
    const key = { id: 'k', expires: 2e9 * 1000 };
    expect(adviceOf(readProvider({ state: 'up', requests: 10, quotas: [{ name: 'r', limit: 10, remaining: 5 }], keys: [key] }), 1.8e9)).toEqual([]);
  });
  it('puts what is broken before what is short', () => {
    const provider = readProvider({ state: 'down', reason: 'refused', requests: 10, errors: 10, rate_limited: 1, quotas: [{ name: 'tokens', limit: 100, remaining: 1 }] });
    const advice = adviceOf(provider, 1.8e9);
    expect(advice[0]?.what).toMatch(/does not answer: refused/);
    expect(advice.map((one) => one.tone)).toEqual(['bad', 'warn', 'warn']);
  });
  it('warns of keys before they expire', () => {
    const at = (expires_s: number) => adviceOf(readProvider({ keys: [{ id: 'k', expires: expires_s }] }), 1.8e9)[0]?.tone;
    expect(at(1.8e9 - 1)).toBe('bad');
    expect(at(1.8e9 + 86_400)).toBe('warn');
    expect(at(1.8e9 + 30 * 86_400)).toBeUndefined();
  });
});

describe('blocks', () => {
  it('end by time, by hand, or never', () => {
    expect(inForce(readBlock({ expires: null }), 1e9)).toBe(true);
    expect(inForce(readBlock({ expires: 1e9 }), 1e9)).toBe(false);
    expect(inForce(readBlock({ expires: 2e9, lifted: 5 }), 1e9)).toBe(false);
    expect(inForce(readBlock({ active: false }), 1e9)).toBe(false);
  });
  it('knows routes that only watch', () => {
    expect(shadowRoutes({ routes: [{ name: 'a', shadow: true }, { path: '/x' }, { path: '/y', shadow: true }, 3] })).toEqual(['a', '/y']);
  });
});

describe('AnswerReader', () => {
  const stream = 'data: {"choices":[{"delta":{"content":"é<b>"}}]}\n\ndata: {"choices":[{"delta":{"content":"!"},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\ndata: [DONE]\n\n';
  const head = JSON.stringify({ status: 200, call_id: 'c', content_type: 'text/event-stream; charset=utf-8' });
  it('reads a stream cut anywhere', () => {
    for (let cut = 1; cut < stream.length; cut += 3) {
      const reader = new AnswerReader();
      reader.event('head', head);
      for (let at = 0; at < stream.length; at += cut) reader.event('body', JSON.stringify(stream.slice(at, at + cut)));
      reader.event('end', '{}');
      expect(reader.answer).toMatchObject({ state: 'done', text: 'é<b>!', finish: 'stop', input_tokens: 3, output_tokens: 2, call_id: 'c' });
    }
  });
  it('reads a refusal, a page of a proxy, and an answer that breaks off', () => {
    const refused = new AnswerReader();
    refused.event('head', '{"status":403,"content_type":"application/json"}');
    refused.event('body', JSON.stringify('{"error":{"message":"no","code":"godseye_blocked"}}'));
    refused.event('end', '{}');
    expect(refused.answer).toMatchObject({ state: 'failed', error: 'no', code: 'godseye_blocked' });
    const proxy = new AnswerReader();
    proxy.event('head', '{"status":502,"content_type":"text/html"}');
    proxy.event('body', JSON.stringify('<h1>Bad gateway</h1>'));
    proxy.event('end', '{}');
    expect(proxy.answer.error).toBe('<h1>Bad gateway</h1>');
    const broken = new AnswerReader();
    broken.event('head', head);
    broken.event('body', JSON.stringify(stream.slice(0, 60)));
    broken.broken();
    expect(broken.answer).toMatchObject({ state: 'failed', error: 'The answer broke off.', text: 'é<b>' });
  });
  it('makes something of everything', () => {
    for (const name of ['head', 'body', 'end', 'failed', 'x']) for (const data of ['', '{', 'null', '[]', '7', '"data: {\\n\\n"']) new AnswerReader().event(name, data);
  });
});
