// Who is blocked, why, until when and by whom; each can be let in again.
import { liftBlock } from '../api/blocks';
import { useNow } from '../api/resource';
import { inForce, ruleText, type Block } from '../model/blocks';
import { callTerm } from '../model/gateway';
import { labelText } from '../model/plain_text';
import { callsPath, sessionPath, userPath } from '../model/spans_url';
import { Link } from '../router';
import { Confirm } from './confirm';
import { Label } from './plain';
import { TimeText } from './time_text';

export function BlockTable({ blocks, onChange }: { blocks: readonly Block[]; onChange: () => void }) {
  const now_s = useNow();
  return (
    <div className="scroll">
      <table className="table cards blocks" data-testid="blocks">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
            <th scope="col">Since</th>
            <th scope="col">Until</th>
            <th scope="col">By</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {blocks.map((block) => (
            <Row key={block.id === '' ? `${block.kind}:${block.value}` : block.id} block={block} live={inForce(block, now_s)} onChange={onChange} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ block, live, onChange }: { block: Block; live: boolean; onChange: () => void }) {
  return (
    <tr className={live ? '' : 'ended'}>
      <th scope="row">
        <span>
          <span className="named-key">{labelText(block.kind, 20)}</span> <Whom block={block} />
        </span>
      </th>
      <td data-label="Why">
        <span>
          <Label text={block.reason || ruleText(block.rule) || 'no reason given'} max={200} />
          {block.times > 1 && <small className="muted"> {block.times} times in a row</small>}
        </span>
      </td>
      <td data-label="Since" className="nowrap">
        <TimeText time_s={block.created_s} />
      </td>
      <td data-label="Until" className="nowrap">
        <Until block={block} />
      </td>
      <td data-label="By">
        <span>
          <Label text={block.author || (block.automatic ? 'gateway' : 'nobody named')} max={60} />
          {block.automatic && <small className="muted"> by itself</small>}
        </span>
      </td>
      <td>
        {live && (
          <Confirm
            label="Unblock"
            permission="gateway_blocks_write"
            question={`Let ${labelText(block.value, 40)} in again?`}
            yes="Yes, unblock"
            busy="Unblocking…"
            onYes={() => liftBlock(block.kind, block.value).then(onChange)}
          />
        )}
      </td>
    </tr>
  );
}

function Whom({ block }: { block: Block }) {
  const text = <Label text={block.value} max={80} />;
  if (block.kind === 'session') return <Link to={sessionPath(block.value)}>{text}</Link>;
  if (block.kind === 'user') return <Link to={userPath(block.value)}>{text}</Link>;
  if (block.kind === 'address') return <Link to={callsPath(callTerm('address', block.value))}>{text}</Link>;
  return text;
}

function Until({ block }: { block: Block }) {
  if (block.lifted_s !== null) {
    return (
      <span>
        lifted <TimeText time_s={block.lifted_s} />
        {block.lifted_by !== '' && (
          <>
            {' by '}
            <Label text={block.lifted_by} max={40} />
          </>
        )}
      </span>
    );
  }
  if (block.expires_s === null) return <>lifted by hand</>;
  return <TimeText time_s={block.expires_s} />;
}
