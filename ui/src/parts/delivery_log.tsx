// What was sent to whom, newest first; each with its attempts, and a button to send it again.
import { useMemo, useState } from 'react';
import { postJson } from '../api/client';
import { useResource } from '../api/resource';
import { deliveryState, kDeliveriesPath, readAttempts, readDelivery, type Channel, type Delivery } from '../model/channels';
import { listIn } from '../model/json';
import { useSearch } from '../router';
import { Confirm } from './confirm';
import { May } from './may';
import { Label } from './plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from './states';
import { TimeText } from './time_text';
import { ToneBadge } from './verdict';

const kAsked = 100;
const kPoll_ms = 5_000;

export function DeliveryLog({ channels }: { channels: readonly Channel[] }) {
  const [params, change] = useSearch();
  const state = params.get('state') ?? '';
  const wanted = params.get('channel') ?? '';
  const [kind = '', ...rest] = wanted.split('-');
  const path = `${kDeliveriesPath}?${new URLSearchParams({ limit: String(kAsked), state, kind, channel: rest.join('-') }).toString()}`;
  const answer = useResource<unknown>(path, { topics: ['monitors'], poll_ms: kPoll_ms, bridge: true });
  const rows = useMemo(() => (answer.data === null ? null : listIn(answer.data, 'deliveries').map(readDelivery)), [answer.data]);
  const set = (name: string, value: string): void => change((p) => (value === '' ? p.delete(name) : p.set(name, value)));
  return (
    <section className="panel" aria-label="Delivery log" aria-busy={answer.loading}>
      <div className="panel-head">
        <h2>Delivery log</h2>
        <label>
          Channel{' '}
          <select value={wanted} onChange={(event) => set('channel', event.target.value)}>
            <option value="">all</option>
            {channels.map((one) => (
              <option key={one.id} value={`${one.kind}-${one.name}`}>
                {one.handle}
              </option>
            ))}
          </select>
        </label>
        <label>
          State{' '}
          <select value={state} onChange={(event) => set('state', event.target.value)}>
            <option value="">all</option>
            <option value="pending">owed</option>
            <option value="delivered">delivered</option>
            <option value="failed">failed</option>
          </select>
        </label>
      </div>
      <StaleNotice error={rows ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {rows ? (
        rows.length > 0 ? (
          <>
            <Table rows={rows} onChange={answer.reload} />
            {rows.length >= kAsked && <p className="muted note">The newest {kAsked} are here; narrow them down by channel or state.</p>}
          </>
        ) : (
          <EmptyState title="Nothing was sent yet">{state !== '' || wanted !== '' ? 'Nothing that fits this choice.' : 'A monitor whose message names a channel, or the test button, makes the first entry.'}</EmptyState>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading the delivery log" retry={answer.reload} />
      ) : (
        <Loading what="the delivery log" rows={5} />
      )}
    </section>
  );
}

function Table({ rows, onChange }: { rows: readonly Delivery[]; onChange: () => void }) {
  const [open, setOpen] = useState('');
  return (
    <div className="scroll">
      <table className="table cards blocks" data-testid="deliveries">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">To</th>
            <th scope="col">State</th>
            <th scope="col">When</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Label text={one.title || one.event_id} max={160} />
                {open === one.id && <Attempts id={one.id} />}
              </th>
              <td data-label="To">
                <Label text={one.target || `@${one.kind}-${one.channel}`} max={80} />
              </td>
              <td data-label="State">
                <ToneBadge {...deliveryState(one.state)} />
                {one.last_error !== '' && (
                  <small className="muted">
                    {' '}
                    <Label text={one.last_error} max={160} />
                  </small>
                )}
              </td>
              <td data-label="When">
                <TimeText time_s={one.created_s} form="clock" />
                {one.state === 'pending' && one.attempts > 0 && (
                  <small className="muted">
                    {' '}
                    next <TimeText time_s={one.next_attempt_s} form="clock" />
                  </small>
                )}
              </td>
              <td className="row-actions">
                <button type="button" className="quiet" aria-expanded={open === one.id} onClick={() => setOpen(open === one.id ? '' : one.id)}>
                  Attempts
                </button>
                <May permission="manage_integrations">
                  <Confirm
                    label="Send again"
                    question="The receiver gets it once more, with the same id."
                    yes="Yes, send it"
                    onYes={() => postJson(`${kDeliveriesPath}/${encodeURIComponent(one.id)}/resend`, {}).then(onChange)}
                  />
                </May>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Attempts({ id }: { id: string }) {
  const answer = useResource<unknown>(`${kDeliveriesPath}/${encodeURIComponent(id)}`, { poll_ms: kPoll_ms });
  if (answer.data === null) return answer.error ? <ErrorState error={answer.error} what="loading its attempts" retry={answer.reload} /> : <Loading what="attempts" rows={1} />;
  const attempts = readAttempts(answer.data);
  if (attempts.length === 0) return <p className="muted">Not tried yet.</p>;
  return (
    <ol className="attempts">
      {attempts.map((one, i) => (
        <li key={i}>
          <TimeText time_s={one.time_s} form="clock" />, {one.duration_ms ?? 0} ms: {one.error === '' ? 'taken' : <Label text={one.error} max={300} />}
          {one.status > 0 && ` (${one.status})`}
          {one.together > 1 && `, one message with ${one.together - 1} others`}
          {one.answer !== '' && (
            <>
              {' '}
              <code>
                <Label text={one.answer} max={300} />
              </code>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
