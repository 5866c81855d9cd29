// On the page of a session or user: the block in force on it, or a way to set one.
import { useMemo, useState } from 'react';
import { kBlocksPath, liftBlock } from '../api/blocks';
import { useNow, useResource } from '../api/resource';
import { inForce, readBlocks, ruleText } from '../model/blocks';
import { BlockForm } from './block_form';
import { Confirm } from './confirm';
import { Label } from './plain';
import { TimeText } from './time_text';

const kPoll_ms = 5000;

export function BlockNotice({ kind, value }: { kind: 'session' | 'user'; value: string }) {
  const now_s = useNow();
  const [form, setForm] = useState(false);
  const answer = useResource<unknown>(`${kBlocksPath}?${new URLSearchParams({ kind, value }).toString()}`, { poll_ms: kPoll_ms });
  const blocks = useMemo(() => readBlocks(answer.data), [answer.data]);
  if (answer.data === null) return null; // a server without blocks, or one that is down: the page says so elsewhere
  const block = blocks.find((one) => one.kind === kind && one.value === value && inForce(one, now_s));
  if (!block) {
    return (
      <div className="block-offer">
        <button type="button" className="quiet" aria-expanded={form} onClick={() => setForm(!form)}>
          Block this {kind}…
        </button>
        {form && <BlockForm kind={kind} value={value} onDone={answer.reload} />}
      </div>
    );
  }
  return (
    <div className="notice notice-bad block-notice" data-testid="block-notice">
      <span>
        <strong>Blocked</strong> <TimeText time_s={block.created_s} /> by <Label text={block.author || 'the gateway'} max={60} />:{' '}
        <Label text={block.reason || ruleText(block.rule) || 'no reason given'} max={300} />. Ends:{' '}
        {block.expires_s === null ? 'when lifted by hand' : <TimeText time_s={block.expires_s} />}.
      </span>
      <Confirm label="Unblock" question="Let it in again?" yes="Yes, unblock" onYes={() => liftBlock(kind, value).then(answer.reload)} />
    </div>
  );
}
