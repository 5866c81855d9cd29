// Who can be told, how: the notification channels, a test of each, and the log of what was sent.
import { Fragment, useMemo, useState } from 'react';
import { deleteJson, patchJson, postJson } from '../api/client';
import { useResource } from '../api/resource';
import { channelGoal, channelState, kChannelsPath, readChannels, type Channel } from '../model/channels';
import { asNumber, asObject, asText } from '../model/json';
import { ChannelForm } from '../parts/channel_form';
import { Confirm } from '../parts/confirm';
import { DeliveryLog } from '../parts/delivery_log';
import { May } from '../parts/may';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { ToneBadge } from '../parts/verdict';

const kPoll_ms = 10_000;

export function NotificationsPage() {
  const [adding, setAdding] = useState(false);
  const answer = useResource<unknown>(kChannelsPath, { topics: ['monitors'], poll_ms: kPoll_ms });
  const channels = useMemo(() => (answer.data === null ? null : readChannels(answer.data)), [answer.data]);
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Notifications</h1>
      </div>
      <section className="panel" aria-label="Channels" aria-busy={answer.loading}>
        <div className="panel-head">
          <p className="muted">A monitor’s message names a channel by its handle, and whoever is behind it is told.</p>
          <May permission="manage_integrations">
            <button type="button" aria-expanded={adding} onClick={() => setAdding(!adding)}>
              Add a channel…
            </button>
          </May>
        </div>
        {adding && (
          <ChannelForm
            onDone={() => {
              setAdding(false);
              answer.reload();
            }}
          />
        )}
        <StaleNotice error={channels ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
        {channels ? (
          channels.length > 0 ? (
            <Channels channels={channels} onChange={answer.reload} />
          ) : (
            <EmptyState title="Nobody can be told yet">Add a channel, and name its handle in a monitor’s message.</EmptyState>
          )
        ) : answer.error ? (
          <ErrorState error={answer.error} what="loading channels" retry={answer.reload} />
        ) : (
          <Loading what="channels" rows={4} />
        )}
      </section>
      <DeliveryLog channels={channels ?? []} />
    </>
  );
}

function Channels({ channels, onChange }: { channels: readonly Channel[]; onChange: () => void }) {
  const [editing, setEditing] = useState('');
  return (
    <div className="scroll">
      <table className="table cards blocks" data-testid="channels">
        <thead>
          <tr>
            <th scope="col">Handle</th>
            <th scope="col">Goes to</th>
            <th scope="col">State</th>
            <th scope="col">Last taken</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {channels.map((one) => (
            <Fragment key={one.id}>
              <tr>
                <th scope="row">
                  <code>
                    <Label text={one.handle} max={120} />
                  </code>
                </th>
                <td data-label="Goes to">
                  <Label text={channelGoal(one) || '–'} max={120} />
                </td>
                <td data-label="State">
                  <ToneBadge {...channelState(one)} />
                  {one.last_error !== '' && (
                    <small className="muted">
                      {' '}
                      <Label text={one.last_error} max={160} />
                    </small>
                  )}
                  {one.paused_until_s !== null && (
                    <small className="muted">
                      {' '}
                      until <TimeText time_s={one.paused_until_s} form="clock" />
                    </small>
                  )}
                </td>
                <td data-label="Last taken">
                  <TimeText time_s={one.last_success_s} />
                </td>
                <td className="row-actions">
                  <May permission="manage_integrations">
                    <TestButton channel={one} onDone={onChange} />
                    <button type="button" className="quiet" aria-expanded={editing === one.id} onClick={() => setEditing(editing === one.id ? '' : one.id)}>
                      Change
                    </button>
                    <Confirm
                      label={one.enabled ? 'Turn off' : 'Turn on'}
                      question={one.enabled ? 'Nobody is told by it until it is on again.' : 'It is told again from now on.'}
                      yes={one.enabled ? 'Yes, turn it off' : 'Yes, turn it on'}
                      onYes={() => patchJson(`${kChannelsPath}/${encodeURIComponent(one.id)}`, { enabled: !one.enabled }).then(onChange)}
                    />
                    <Confirm
                      label="Delete"
                      question="What is still owed to it fails; monitors that name it tell nobody."
                      yes="Yes, delete it"
                      danger
                      onYes={() => deleteJson(`${kChannelsPath}/${encodeURIComponent(one.id)}`).then(onChange)}
                    />
                  </May>
                </td>
              </tr>
              {editing === one.id && (
                <tr>
                  <td colSpan={5}>
                    <ChannelForm
                      channel={one}
                      onDone={() => {
                        setEditing('');
                        onChange();
                      }}
                    />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Sends a test and says what the receiver said.
function TestButton({ channel, onDone }: { channel: Channel; onDone: () => void }) {
  const [result, setResult] = useState<unknown>(null);
  const raw = asObject(result);
  const words = raw['delivered'] === true ? 'Taken' : 'Not taken';
  const said = [asText(raw['error']), asText(raw['answer'])].filter((text) => text !== '').join(': ');
  return (
    <>
      <Confirm
        label="Test"
        question="A message that says it is a test is sent now."
        yes="Yes, send it"
        busy="Sending…"
        onYes={() =>
          postJson<unknown>(`${kChannelsPath}/${encodeURIComponent(channel.id)}/test`, {}).then((answer) => {
            setResult(answer);
            onDone();
          })
        }
      />
      {result !== null && (
        <p role="status" className={raw['delivered'] === true ? 'muted' : 'problem'} data-testid="test-result">
          {words} after {asNumber(raw['duration_ms']) ?? 0} ms{said !== '' && <>: <Label text={said} max={300} /></>}
        </p>
      )}
    </>
  );
}
