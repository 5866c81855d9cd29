import { describe, expect, it } from 'vitest';
import { kindOf, readErrors } from '../../src/api/client';
import { checkKeys } from '../../src/api/keys';
import { topicsOf } from '../../src/api/live';
import { EventParser } from '../../src/api/sse';
import { applyCompletion, completionSpot } from '../../src/model/completion';
import { formatAgo, formatBytes, formatCount, formatRate, formatSpan, formatValue, readTime } from '../../src/model/format';
import { parseInline, parseMessage } from '../../src/model/message';
import { matchRoute } from '../../src/router';

describe('numbers and times', () => {
  it('use few digits', () => {
    expect([0, 1, 0.7, 0.12345, 999.96, 1234.56, 12345, 1.5e6, 2e9, -3].map(formatValue)).toEqual([
      '0', '1', '0.7', '0.1235', '1000', '1234.6', '12.35 k', '1.5 M', '2 G', '−3',
    ]);
    expect(formatValue(null)).toBe('–');
    expect(formatValue(0.00001)).toBe('1.00e-5');
  });
  it('keep every digit of a counter', () => {
    expect(formatCount(1204331)).toBe('1\u202f204\u202f331');
    expect(formatRate(1255.6)).toBe('1\u202f256');
    expect(formatRate(8.12)).toBe('8.1');
  });
  it('read as a person says them', () => {
    expect([5, 65, 3600, 7500, 90000].map(formatSpan)).toEqual(['5 s', '1 min', '1 h', '2 h 05 min', '1 d 1 h']);
    expect(formatAgo(98, 100)).toBe('just now');
    expect(formatAgo(40, 100)).toBe('1 min ago');
    expect(formatBytes(1804233)).toBe('1.8 MB');
  });
  it('come in three forms and as nonsense', () => {
    expect(readTime(1700000000)).toBe(1700000000);
    expect(readTime(1700000000000)).toBe(1700000000);
    expect(readTime('2023-11-14T22:13:20Z')).toBe(1700000000);
    for (const value of [null, undefined, 0, '', 'soon', NaN, {}]) expect(readTime(value)).toBeNull();
  });
});

describe('completion', () => {
  const at = (text: string) => completionSpot(text.replace('|', ''), text.indexOf('|'));
  it('sees the name being typed', () => {
    expect(at('avg:llm.re|')).toEqual({ start: 4, end: 10, prefix: 'llm.re' });
    expect(at('a{*} + llm|.x{*}')).toEqual({ start: 7, end: 12, prefix: 'llm' });
    expect(at('|')).toEqual({ start: 0, end: 0, prefix: '' });
  });
  it('keeps quiet where no name can stand', () => {
    for (const text of ['avg:m{env|}', 'avg:m{*} by|', 'm{*}.as_c|', "top(m{*}, 5, 'ma|", 'm{*} * 10|', 'av|g:m{*}', 'to|p(']) {
      expect(at(text)).toBeNull();
    }
  });
  it('completes to a query that runs', () => {
    expect(applyCompletion('llm', { start: 0, end: 3, prefix: 'llm' }, 'llm.cost')).toEqual({ query: 'avg:llm.cost{*}', cursor: 15 });
    expect(applyCompletion('max:l{x:y}', { start: 4, end: 5, prefix: 'l' }, 'llm.cost').query).toBe('max:llm.cost{x:y}');
  });
});

describe('messages', () => {
  it('understand a little Markdown', () => {
    expect(parseMessage('# Title\ntext **bold** `code` @webhook-x\n\n- one\n- two\n1. first').map((b) => b.kind)).toEqual([
      'heading', 'paragraph', 'list', 'list',
    ]);
    expect(parseInline('a **b** `c` @incident-d, e@f-g.h')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'bold', text: 'b' },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'c' },
      { kind: 'text', text: ' ' },
      { kind: 'handle', text: '@incident-d' },
      { kind: 'text', text: ', e@f-g.h' },
    ]);
  });
  it('keep markup and links as text', () => {
    const hostile = '<img src=x onerror=alert(1)> [click](javascript:alert(1))';
    expect(parseMessage(hostile)).toEqual([{ kind: 'paragraph', inline: [{ kind: 'text', text: hostile }] }]);
  });
  it('stay fast and bounded on hostile input', () => {
    const start = performance.now();
    for (const text of ['*'.repeat(1e6), '`'.repeat(1e6), '**a'.repeat(3e5), '@a-'.repeat(3e5), '- \n'.repeat(3e5)]) parseMessage(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('server-sent events', () => {
  it('arrive in any cuts', () => {
    const text = ': hi\r\n\r\nevent: incident\r\ndata: {"id":1}\r\n\r\ndata: a\ndata: b\n\nevent: cut\n\n';
    for (let size = 1; size < text.length; size++) {
      const parser = new EventParser();
      const events = [];
      for (let i = 0; i < text.length; i += size) events.push(...parser.feed(text.slice(i, i + size)));
      expect(events).toEqual([
        { event: 'incident', data: '{"id":1}' },
        { event: 'message', data: 'a\nb' },
        { event: 'cut', data: '' },
      ]);
    }
  });
  it('say which pages they concern', () => {
    expect(topicsOf({ event: 'incident.opened', data: '' })).toEqual(['incidents']);
    expect(topicsOf({ event: 'message', data: '{"type":"monitor"}' })).toContain('monitors');
    expect(topicsOf({ event: 'cut', data: '' })).toContain('metrics');
    expect(topicsOf({ event: 'something_new', data: '' })).toHaveLength(5);
  });
});

describe('the API', () => {
  it('has errors in two shapes and none', () => {
    expect(readErrors('{"errors":["column 3: x"]}')).toEqual(['column 3: x']);
    expect(readErrors('{"errors":[{"title":"Bad","detail":"worse"}]}')).toEqual(['Bad: worse']);
    expect(readErrors('<html>')).toEqual(['<html>']);
    expect(readErrors('')).toEqual([]);
  });
  it('maps a status to what can be done', () => {
    expect([400, 401, 403, 404, 429, 500, 503].map(kindOf)).toEqual(['invalid', 'refused', 'forbidden', 'missing', 'busy', 'server', 'busy']);
  });
  it('knows the shape of keys', () => {
    expect(checkKeys({ api: '0'.repeat(32), application: 'f'.repeat(40) })).toBeNull();
    expect(checkKeys({ api: '0'.repeat(31), application: 'f'.repeat(40) })).toMatch(/32/);
  });
});

describe('routes', () => {
  it('are found by path', () => {
    expect(matchRoute('/')).toEqual({ page: 'overview' });
    expect(matchRoute('/incidents/ab%2Fc')).toEqual({ page: 'incident', id: 'ab/c' });
    expect(matchRoute('/monitors/')).toEqual({ page: 'monitors' });
    expect(matchRoute('/incidents/%zz')).toEqual({ page: 'incident', id: '%zz' });
    expect(matchRoute('/incidents/a/b')).toEqual({ page: 'unknown' });
    expect(matchRoute('/explorer/x')).toEqual({ page: 'unknown' });
  });
});
