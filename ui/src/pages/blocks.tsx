// Who must not pass, and the switch of the automatic rules. Blocking and unblocking take effect on every gateway within a
// second, and both are in the audit log with a name.
import { useMemo, useState } from 'react';
import { changeSettings, kAuditPath, kBlocksPath, kSettingsPath } from '../api/blocks';
import { useNow, useResource } from '../api/resource';
import { blocksByItself, inForce, isShadow, readAudit, readBlocks, type Block } from '../model/blocks';
import { formatCount } from '../model/format';
import { asObject, asText } from '../model/json';
import { BlockForm } from '../parts/block_form';
import { BlockTable } from '../parts/block_table';
import { Confirm } from '../parts/confirm';
import { May } from '../parts/may';
import { Pager } from '../parts/pager';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { Link, useSearch } from '../router';

const kPoll_ms = 5000;
const kRows = 50;
const kBlocksAsked = 1000; // what the server gives at once, the newest first

export function BlocksPage() {
  const [params, change] = useSearch();
  const ended = params.get('show') === 'ended';
  const filter = params.get('q') ?? '';
  const now_s = useNow();
  const [page, setPage] = useState(0);
  const [form, setForm] = useState(false);
  const answer = useResource<unknown>(`${kBlocksPath}?limit=${kBlocksAsked}${ended ? '&ended=true' : ''}`, { poll_ms: kPoll_ms, bridge: true });
  const blocks = useMemo(() => (answer.data === null ? null : readBlocks(answer.data)), [answer.data]);
  const shown = (blocks ?? []).filter((block) => inForce(block, now_s) !== ended && holds(block, filter));
  const pages = Math.max(1, Math.ceil(shown.length / kRows));
  const at = Math.min(page, pages - 1);
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Blocks</h1>
        <div className="segments" role="group" aria-label="Which blocks">
          <button type="button" aria-pressed={!ended} onClick={() => change((p) => p.delete('show'))}>
            In force
          </button>
          <button type="button" aria-pressed={ended} onClick={() => change((p) => p.set('show', 'ended'))}>
            Ended
          </button>
        </div>
      </div>
      <Automatic />
      <section className="panel" aria-label="Blocks" aria-busy={answer.loading}>
        <div className="panel-head">
          <input
            type="search"
            className="filter"
            aria-label="Find a block"
            placeholder="Find by name, reason or author"
            value={filter}
            onChange={(event) => change((p) => (event.target.value === '' ? p.delete('q') : p.set('q', event.target.value)))}
          />
          <May permission="gateway_blocks_write">
            <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
              Block somebody…
            </button>
          </May>
        </div>
        {form && <BlockForm onDone={answer.reload} />}
        <StaleNotice error={blocks ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
        {blocks ? (
          shown.length > 0 ? (
            <>
              <BlockTable blocks={shown.slice(at * kRows, (at + 1) * kRows)} onChange={answer.reload} />
              {asText(asObject(answer.data)['next']) !== '' && (
                <p className="muted note">
                  Only the first {formatCount(kBlocksAsked)} are here. All of them: <code>godseye blocks</code>.
                </p>
              )}
              <Pager page={at} pages={pages} total={shown.length} what="blocks" onPage={setPage} />
            </>
          ) : (
            <Nothing ended={ended} filtered={filter !== ''} />
          )
        ) : answer.error ? (
          <ErrorState error={answer.error} what="loading blocks" retry={answer.reload} />
        ) : (
          <Loading what="blocks" rows={5} />
        )}
      </section>
      <Audit />
    </>
  );
}

function holds(block: Block, filter: string): boolean {
  if (filter === '') return true;
  const wanted = filter.toLowerCase();
  return [block.kind, block.value, block.reason, block.author, block.rule].some((text) => text.toLowerCase().includes(wanted));
}

function Nothing({ ended, filtered }: { ended: boolean; filtered: boolean }) {
  if (filtered) return <EmptyState title="No block matches" />;
  if (ended) return <EmptyState title="No block has ended yet" />;
  return (
    <EmptyState title="Nobody is blocked">
      The gateway blocks a session by itself after 3 refused messages in 10 minutes or more than 5 suspicious ones in a minute, and a
      user after more than 3 hostile pictures. You can also block by hand here, or with{' '}
      <code>godseye block session ID --for 1h --reason '…'</code>.
    </EmptyState>
  );
}

// Automatic blocking on or off, for all gateways.
function Automatic() {
  const answer = useResource<unknown>(kSettingsPath);
  if (answer.data === null) return null;
  const settings = asObject(answer.data);
  const on = blocksByItself(settings);
  return (
    <div className={`notice switch-line ${on ? '' : 'notice-warn'}`} data-testid="automatic">
      <span>
        Automatic blocking is <strong>{on ? 'on' : 'off'}</strong>
        {on ? '.' : ': messages are still refused one by one, nobody is kept out.'}
        {isShadow(settings) && (
          <>
            {' '}
            Shadow mode is on, so no block is enforced. <Link to="/shadow">Shadow mode</Link>
          </>
        )}
      </span>
      <Confirm
        permission="gateway_write"
        label={on ? 'Turn off…' : 'Turn on…'}
        question={on ? 'Nobody will be blocked by the gateway itself, anywhere. Blocks in force stay.' : 'The gateway will block sessions and users by itself again.'}
        yes={on ? 'Yes, turn it off' : 'Yes, turn it on'}
        danger={on}
        onYes={() => changeSettings({ automatic_blocking: !on }).then(answer.reload)}
      />
    </div>
  );
}

const kAuditShown = 50;

function Audit() {
  const [open, setOpen] = useState(false);
  const answer = useResource<unknown>(open ? `${kAuditPath}?limit=${kAuditShown}` : null, { poll_ms: kPoll_ms });
  const entries = useMemo(() => (answer.data === null ? null : readAudit(answer.data)), [answer.data]);
  return (
    <details className="panel folded-panel" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>What was done, by whom</h2>
      </summary>
      {entries ? (
        entries.length > 0 ? (
          <>
            <div className="scroll">
              <table className="table cards" data-testid="audit">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Who</th>
                    <th scope="col">What</th>
                    <th scope="col">Why</th>
                  </tr>
                </thead>
                <tbody>
                  {entries.slice(0, kAuditShown).map((entry, i) => (
                    <tr key={entry.id === '' ? i : entry.id}>
                      <th scope="row" className="nowrap">
                        <TimeText time_s={entry.time_s} form="clock" />
                      </th>
                      <td data-label="Who">
                        <Label text={entry.author || 'nobody named'} max={60} />
                      </td>
                      <td data-label="What">
                        <span>
                          <Label text={entry.action} max={60} /> <Label text={entry.what} max={100} />
                        </span>
                      </td>
                      <td data-label="Why">
                        <Label text={entry.reason || '–'} max={200} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {entries.length >= kAuditShown && <p className="muted note">The newest {formatCount(kAuditShown)}. All of it: <code>godseye audit</code>.</p>}
          </>
        ) : (
          <EmptyState title="Nothing has been decided yet" />
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading the audit log" retry={answer.reload} />
      ) : (
        <Loading what="the audit log" />
      )}
    </details>
  );
}
