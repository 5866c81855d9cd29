// What the pages ask of blocks, settings and feedback.
import type { Settings } from '../model/blocks';
import { asObject } from '../model/json';
import { authorName } from './author';
import { deleteJson, getVersioned, postJson, putVersioned } from './client';

export const kBlocksPath = '/api/godseye/v1/blocks';
export const kSettingsPath = '/api/godseye/v1/gateway/settings';
export const kAuditPath = '/api/godseye/v1/audit';

export interface NewBlock {
  kind: string;
  value: string;
  reason: string;
  seconds: number; // 0: for ever
}

export function setBlock(block: NewBlock): Promise<unknown> {
  const { seconds, ...rest } = block;
  const expires = seconds === 0 ? null : Math.floor(Date.now() / 1000) + seconds;
  return postJson(kBlocksPath, { ...rest, author: authorName(), expires });
}

export function liftBlock(kind: string, value: string): Promise<unknown> {
  const params = new URLSearchParams({ kind, value, author: authorName() });
  return deleteJson(`${kBlocksPath}?${params.toString()}`);
}

// The whole document is read, changed and put back, so that only what the control means is changed, and nothing when
// somebody else was quicker.
export async function changeSettings(change: Settings): Promise<unknown> {
  const { data, version } = await getVersioned<unknown>(kSettingsPath);
  return putVersioned(kSettingsPath, { ...asObject(data), ...change }, version);
}

export function sayFalsePositive(of: { call_id: string; session: string }): Promise<unknown> {
  return postJson('/api/godseye/v1/feedback', {
    verdict: 'false_positive',
    ...(of.call_id === '' ? {} : { call_id: of.call_id }),
    ...(of.session === '' ? {} : { session: of.session }),
    author: authorName(),
  });
}
