import { describe, expect, it } from 'vitest';
import { channelBody, channelGoal, channelState, channelTexts, readAttempts, readChannel, readDelivery } from '../../src/model/channels';

describe('channels', () => {
  it('are read whatever is missing', () => {
    for (const strange of [null, [], 'x', {}, { health: 5, settings: [], secrets_set: null }]) {
      const channel = readChannel(strange);
      expect(channelState(channel).word).toBe('Not used yet');
      expect(channelGoal(channel)).toBe('PagerDuty');
      expect(readDelivery(strange).attempts).toBe(0);
      expect(readAttempts(strange)).toEqual([]);
    }
  });

  it('say how they do', () => {
    const of = (health: object, enabled = true) => channelState(readChannel({ enabled, health })).word;
    expect(of({ state: 'ok' })).toBe('Works');
    expect(of({ state: 'paused' })).toBe('Paused');
    expect(of({ state: 'ok' }, false)).toBe('Off');
  });

  it('send what was typed, and secrets only then', () => {
    expect(channelBody('mail', ' team ', { host: 'h', port: '25', to: 'a@b.c; d@e.f', password: '' })).toEqual({
      kind: 'mail', name: 'team', settings: { host: 'h', port: 25, to: ['a@b.c', 'd@e.f'] },
    });
    expect(channelBody('slack', 'ops', { url: 'https://x', channel: '' })).toEqual({ kind: 'slack', name: 'ops', settings: {}, secrets: { url: 'https://x' } });
    expect(channelTexts(readChannel({ kind: 'mail', settings: { to: ['a', 'b'], port: 25 } }))).toMatchObject({ to: 'a, b', port: '25' });
    expect(channelTexts(readChannel({ kind: 'slack', settings: { url: 'x' } }))).not.toHaveProperty('url');
  });
});
