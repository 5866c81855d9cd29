// Mutes one monitor: states go on, nobody is told. Says so while it lasts, because silence looks like health.
import { useState } from 'react';
import { ApiError, postJson } from '../api/client';
import { useMay } from '../api/session';
import { mutesOf } from '../model/downtimes';
import { asList, asObject } from '../model/json';
import { Link } from '../router';
import { Confirm } from './confirm';
import { Icon } from './icon';
import { Label } from './plain';
import { TimeText } from './time_text';

const kTimes = [
  { label: '1 hour', seconds: 3600 },
  { label: '4 hours', seconds: 14_400 },
  { label: '1 day', seconds: 86_400 },
  { label: 'until I unmute', seconds: 0 },
] as const;

export function MuteLine({ monitor, id, onChange }: { monitor: unknown; id: string; onChange: () => void }) {
  const [open, setOpen] = useState(false);
  const [seconds, setSeconds] = useState(3600);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const may = useMay('monitors_downtime');
  const mutes = mutesOf(monitor);
  const downtimes = asList(asObject(monitor)['matching_downtimes']).length;
  const path = `/api/v1/monitor/${encodeURIComponent(id)}`;
  if (mutes.length > 0 || downtimes > 0) {
    return (
      <div className="notice notice-warn switch-line" data-testid="muted">
        <span>
          <Icon name="mute" /> <strong>Nobody is told.</strong>{' '}
          {mutes.slice(0, 10).map((mute, i) => (
            <span key={mute.scope}>
              {i > 0 && '; '}
              {mute.scope === '*' ? 'Everything' : <Label text={mute.scope} max={100} />} is muted
              {mute.end_s === null ? ' until somebody unmutes it' : <>, ends <TimeText time_s={mute.end_s} /></>}
            </span>
          ))}
          {mutes.length === 0 && 'A downtime is on.'} <Link to="/downtimes">Downtimes</Link>
        </span>
        {may && mutes.length > 0 && (
          <Confirm label="Unmute" question="People are told again from now on." yes="Yes, unmute" onYes={() => postJson(`${path}/unmute`, { all_scopes: true }).then(onChange)} />
        )}
      </div>
    );
  }
  if (!may) return null;
  const send = (): void => {
    setBusy(true);
    setError('');
    postJson(`${path}/mute`, seconds === 0 ? {} : { end: Math.floor(Date.now() / 1000) + seconds }).then(
      () => {
        setBusy(false);
        setOpen(false);
        onChange();
      },
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <div className="block-offer actions">
      <button type="button" className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        Mute…
      </button>
      {open && (
        <>
          <label>
            Nobody is told for{' '}
            <select value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
              {kTimes.map((one) => (
                <option key={one.seconds} value={one.seconds}>
                  {one.label}
                </option>
              ))}
            </select>
          </label>
          <button type="button" className="primary" disabled={busy} onClick={send}>
            {busy ? 'Muting…' : 'Mute'}
          </button>
        </>
      )}
      {error !== '' && (
        <span className="problem" role="alert">
          Not muted: {error}
        </span>
      )}
    </div>
  );
}
