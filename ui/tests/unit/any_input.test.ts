// Readers of answers get values of every shape, among them the right names with the wrong types: nothing may throw, and
// what comes out must be fit to show. A failure prints its seed.
import { expect, it } from 'vitest';
import { readActivityPage, readErased, readErrorGroups, readFacets, readSession, readSpanPage, readUser } from '../../src/model/activity';
import { inForce, readAudit, readBlocks, readShadow } from '../../src/model/blocks';
import { conversation } from '../../src/model/conversation';
import { adviceOf, readCallPage, readProvider, troubleOf } from '../../src/model/gateway';
import { readProof } from '../../src/model/ingest_proof';
import { readIngestion } from '../../src/model/ingestion';
import { readIo } from '../../src/model/llm_io';
import { labelText, visibleText } from '../../src/model/plain_text';
import { AnswerReader } from '../../src/model/playground';
import { priceText, readScores, tokenRows } from '../../src/model/scores';
import { hasTerm, toggleTerm } from '../../src/model/search_query';
import { layoutMap, readServiceMap } from '../../src/model/service_map';
import { readSpan } from '../../src/model/span';
import { readCounts } from '../../src/model/span_counts';
import { TraceReader } from '../../src/model/trace_stream';
import { buildTree, summarise, visibleRows } from '../../src/model/trace_tree';

const kRounds = 3000;
const kTestMsMax = 60_000; // seconds of work, more on a machine that is busy with other builds
const kNames = [
  'spans', 'trace_id', 'span_id', 'parent_id', 'service', 'name', 'resource', 'start_ns', 'duration_ns', 'error', 'meta', 'metrics', 'links', 'events', 'llm', 'kind', 'input', 'output',
  'messages', 'role', 'content', 'tool_calls', 'tool_results', 'documents', 'value', 'parameters', 'tokens', 'scores', 'injection', 'reasons', 'price', 'cost_usd', 'evaluations', 'tags', 'facets', 'values',
  'count', 'session', 'user', 'sessions', 'users', 'turns', 'detections', 'nodes', 'edges', 'from', 'to', 'requests', 'errors', 'fingerprint', 'sample_traces', 'versions', 'rows', 'gap', 'dropped', 'data',
  'attributes', 'by', 'computes', 'c0', 'time', 'deleted', 'warnings', 'next_cursor', 'prompt', 'metadata', 'arguments', 'function', '__proto__', 'constructor', 'toString', 'paths',
  'calls', 'blocks', 'rules', 'samples', 'entries', 'quotas', 'keys', 'models', 'state', 'verdict', 'rate_limited', 'limit', 'remaining', 'expires', 'choices', 'delta', 'usage', 'content_type', 'status',
];
const kTexts = ['', '0', '1', 'a', 'llm', 'error', '{"a":1}', '{"messages":[{"role":"user","content":"x"}]}', '[1,', '\u202e', '\ud800', '💥', '<img src=x onerror=alert(1)>', '18446744073709551615', 'NaN', 'user', '__proto__'];

function makeRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function anyValue(next: () => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const kind = next();
  if (depth <= 0 || kind < 0.2) return pick([null, true, false, 0, 1, -1, 1e300, 0.5, 1.7e18, 3]);
  if (kind < 0.4) return pick(kTexts);
  if (kind < 0.55) return Array.from({ length: Math.floor(next() * 4) }, () => anyValue(next, depth - 1));
  return JSON.parse(`{${Array.from({ length: Math.floor(next() * 7) }, () => `${JSON.stringify(pick(kNames))}:${JSON.stringify(anyValue(next, depth - 1))}`).join(',')}}`);
}

it('no answer of any shape breaks a reader', () => {
  const first = Math.floor(Math.random() * 1e6) + 1;
  for (let round = 0; round < kRounds; round++) {
    const seed = first + round;
    const next = makeRandom(seed);
    const answer = anyValue(next, 6);
    try {
      readSpanPage(answer);
      readFacets(answer);
      readActivityPage(answer, 'users');
      readErrorGroups(answer);
      readErased(answer);
      readUser(answer);
      readProof(answer);
      readIngestion(answer);
      readCounts(answer, 0, 3600);
      layoutMap(readServiceMap(answer));
      readCallPage(answer).calls.map(troubleOf);
      adviceOf(readProvider(answer), 1.8e9);
      readBlocks(answer).map((block) => inForce(block, 1.8e9));
      expect(readShadow(answer).total).toBeGreaterThanOrEqual(0);
      readAudit(answer);
      const playground = new AnswerReader();
      for (const name of ['head', 'body', 'end']) playground.event(name, JSON.stringify(anyValue(next, 3)) ?? '');
      conversation(readSession(answer).turns);
      const io = readIo(answer);
      for (const message of io.messages) expect(typeof message.role).toBe('string');
      const spans = Array.from({ length: 4 }, () => readSpan(anyValue(next, 5)));
      const tree = buildTree(spans);
      expect(tree.order).toHaveLength(4);
      summarise(tree);
      visibleRows(tree, new Set(), { text: 'a', errors: true, llm: false });
      for (const { llm } of spans) {
        if (!llm) continue;
        readScores(llm.scores).forEach((score) => expect(typeof score.text).toBe('string'));
        tokenRows(llm.tokens).forEach((row) => expect(row.tokens).toBeGreaterThanOrEqual(0));
        priceText(llm.price, llm.model);
        readIo(llm.input);
      }
      const text = JSON.stringify({ trace_id: 'x', spans: [answer, {}] });
      const reader = new TraceReader();
      const cut = Math.floor(next() * text.length);
      const found = [...reader.feed(text.slice(0, cut)), ...reader.feed(text.slice(cut))];
      expect(found.length).toBeLessThanOrEqual(2);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}\n${JSON.stringify(answer).slice(0, 500)}`, { cause: error });
    }
  }
}, kTestMsMax);

it('no text breaks the search bar or what makes text safe', () => {
  const first = Math.floor(Math.random() * 1e6) + 1;
  const kPieces = ['"', '\\', '(', ')', '[', ']', ' ', ':', '-', 'AND', 'OR', 'NOT', 'a', '@b', '*', '\u202e', '\u{e0041}', '\ud800', 'service:', 'x y', '\n'];
  for (let round = 0; round < kRounds; round++) {
    const next = makeRandom(first + round);
    const text = Array.from({ length: Math.floor(next() * 12) }, () => kPieces[Math.floor(next() * kPieces.length)]).join('');
    const seed = `seed ${first + round}: ${JSON.stringify(text)}`;
    // A value added to a sound query is there, and goes again.
    const query = toggleTerm('env:dev', 'service', text);
    expect(hasTerm(query, 'service', text), seed).toBe(true);
    expect(toggleTerm(query, 'service', text), seed).toBe('env:dev');
    expect(() => toggleTerm(text, 'service', 'web'), seed).not.toThrow();
    expect(visibleText(text), seed).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u);
    expect(labelText(text), seed).not.toContain('\n');
  }
}, kTestMsMax);
