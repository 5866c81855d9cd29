import { describe, expect, it } from 'vitest';
import { kShownCharsMax, readImageVerdict, readTextVerdict, reasonText, segmentsOf, verdictTone } from '../../src/model/guard';

describe('segmentsOf', () => {
  const attack = (start: number, end: number) => ({ start, end, kind: 'attack' as const, label: 'a' });
  const pii = (start: number, end: number) => ({ start, end, kind: 'pii' as const, label: 'EMAIL' });

  it('cuts the text at every mark and keeps it whole', () => {
    const text = 'one two three';
    const segments = segmentsOf(text, [attack(4, 13), pii(8, 13)]);
    expect(segments.map((one) => one.text)).toEqual(['one ', 'two ', 'three']);
    expect(segments.map((one) => one.marks.length)).toEqual([0, 1, 2]);
    expect(segments.map((one) => one.text).join('')).toBe(text);
  });

  it('counts in bytes as the server does', () => {
    // é is two bytes, 𝕏 four bytes and two JavaScript characters, 店 three bytes.
    const segments = segmentsOf('é𝕏店x!', [pii(9, 10)]);
    expect(segments.map((one) => one.text)).toEqual(['é𝕏店', 'x', '!']);
  });

  it('survives offsets that make no sense', () => {
    const text = 'abc';
    for (const marks of [[attack(2, 1)], [attack(-5, 900)], [attack(Number.NaN, 2)], [attack(1, 1)]]) {
      expect(segmentsOf(text, marks).map((one) => one.text).join('')).toBe(text);
    }
    expect(segmentsOf('', [attack(0, 1)])).toEqual([]);
  });

  it('shows a huge text up to its limit', () => {
    const segments = segmentsOf('x'.repeat(kShownCharsMax + 5), [attack(0, kShownCharsMax + 5)]);
    expect(segments).toHaveLength(1);
    expect(segments[0]?.text).toHaveLength(kShownCharsMax);
    expect(segments[0]?.marks).toHaveLength(1);
  });
});

describe('verdicts', () => {
  it('reads what the server says about a text', () => {
    const verdict = readTextVerdict({
      score: 0.9,
      label: 'injection',
      reasons: ['override', 5],
      entities: [{ type: 'EMAIL', start: 1, end: 2, score: 1 }],
      passages: [{ start: 0, end: 5, score: 0.9, reasons: ['override'] }],
      leak: { leaked: true },
    });
    expect(verdict.reasons).toEqual(['override']);
    expect(verdict.marks.map((mark) => mark.kind)).toEqual(['attack', 'pii']);
    expect(verdict.parts).toEqual([{ name: 'System prompt', value: 'parts of it came out', bad: true }]);
  });

  it('takes any answer without failing', () => {
    for (const answer of [null, 5, 'x', [], {}, { entities: 5, reasons: {}, passages: [null] }, { quality: null, grounding: 'x' }]) {
      expect(readTextVerdict(answer).label).toBe('');
      expect(readImageVerdict(answer).verdict).toBe('');
    }
  });

  it('reads what the server says about a picture', () => {
    const verdict = readImageVerdict({
      verdict: 'invalid',
      kind: 'corrupt',
      format: 'png',
      reasons: [{ kind: 'corrupt', verdict: 'invalid', detail: 'cut short' }],
      width: 4,
      height: 3,
      frames: 1,
      decoded_bytes: 48,
      decode: { state: 'corrupt', detail: 'cut short' },
    });
    expect(verdict.findings[0]?.detail).toBe('cut short');
    expect(verdict.facts.find((fact) => fact.name === 'Decoder')).toEqual({ name: 'Decoder', value: 'corrupt: cut short', bad: true });
  });

  it('explains reasons and gives every verdict a tone', () => {
    expect(reasonText('decoded:base64')).toBe('hides its words by base64');
    expect(reasonText('something new')).toBe('something new');
    expect(['ok', 'suspicious', 'malicious', 'invalid', 'benign', 'injection', ''].map(verdictTone)).toEqual([
      'good', 'warn', 'bad', 'bad', 'good', 'bad', 'none',
    ]);
  });
});
