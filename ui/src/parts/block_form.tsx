// Blocks somebody by hand. Whom, why, for how long, and by whom: the four things somebody else will ask later.
import { useId, useState, type FormEvent } from 'react';
import { readAuthor, saveAuthor } from '../api/author';
import { setBlock } from '../api/blocks';
import { ApiError } from '../api/client';
import { useSession } from '../api/session';
import { kBlockKinds, kDurations } from '../model/blocks';

interface BlockFormProps {
  kind?: string;
  value?: string; // given: only this one can be blocked
  onDone: () => void;
}

const kKindNames: Readonly<Record<string, string>> = { session: 'Session', user: 'User', address: 'Address', key: 'Client key' };

export function BlockForm({ kind: startKind = 'session', value: startValue = '', onDone }: BlockFormProps) {
  const id = useId();
  const fixed = startValue !== '';
  const [kind, setKind] = useState(startKind);
  const [value, setValue] = useState(startValue);
  const [reason, setReason] = useState('');
  const [seconds, setSeconds] = useState(3600);
  const [author, setAuthor] = useState(readAuthor);
  const signedIn = useSession().kind === 'user'; // then the server knows the name
  const [state, setState] = useState<'idle' | 'sending' | 'done'>('idle');
  const [error, setError] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    saveAuthor(author);
    setState('sending');
    setError('');
    setBlock({ kind, value: value.trim(), reason: reason.trim(), seconds }).then(
      () => {
        setState('done');
        setReason('');
        if (!fixed) setValue('');
        onDone();
      },
      (failed: unknown) => {
        setState('idle');
        setError(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="block-form">
      {!fixed && (
        <>
          <label htmlFor={`${id}-kind`}>
            Kind
            <select id={`${id}-kind`} value={kind} onChange={(event) => setKind(event.target.value)}>
              {kBlockKinds.map((one) => (
                <option key={one} value={one}>
                  {kKindNames[one]}
                </option>
              ))}
            </select>
          </label>
          <label className="grow" htmlFor={`${id}-value`}>
            Whom
            <input
              id={`${id}-value`}
              type="text"
              required
              maxLength={256}
              autoComplete="off"
              spellCheck={false}
              placeholder={{ session: 'session id', user: 'user id', address: '203.0.113.7', key: 'vk_… or a digest' }[kind] ?? ''}
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          </label>
        </>
      )}
      <label className="grow" htmlFor={`${id}-reason`}>
        Why
        <input id={`${id}-reason`} type="text" required maxLength={500} autoComplete="off" value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <label htmlFor={`${id}-time`}>
        For
        <select id={`${id}-time`} value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
          {kDurations.map((one) => (
            <option key={one.seconds} value={one.seconds}>
              {one.label}
            </option>
          ))}
        </select>
      </label>
      {!signedIn && (
        <label htmlFor={`${id}-author`}>
          Your name
          <input id={`${id}-author`} type="text" maxLength={100} autoComplete="off" placeholder="for the audit log" value={author} onChange={(event) => setAuthor(event.target.value)} />
        </label>
      )}
      <button type="submit" className="danger" disabled={state === 'sending' || value.trim() === '' || reason.trim() === ''}>
        {state === 'sending' ? 'Blocking…' : 'Block'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not blocked: {error}
        </p>
      )}
      {state === 'done' && error === '' && (
        <p className="muted" role="status">
          Blocked. Every gateway obeys within a second.
        </p>
      )}
    </form>
  );
}
