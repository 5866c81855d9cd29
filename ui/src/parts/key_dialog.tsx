// Asks for the two keys when the server refuses a call. It never opens twice for one refusal, and "Not now" leaves the
// page readable, with a way back.
import { useEffect, useRef, useState, useSyncExternalStore, type FormEvent } from 'react';
import { checkKeys, keysNeeded, readKeys, saveKeys, subscribeKeys } from '../api/keys';
import { Icon } from './icon';

export function KeyDialog() {
  const needed = useSyncExternalStore(subscribeKeys, keysNeeded);
  const [dismissed, setDismissed] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const open = needed && !dismissed;

  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  useEffect(() => {
    if (!needed) setDismissed(false);
  }, [needed]);

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const keys = { api: String(form.get('api')).trim(), application: String(form.get('application')).trim() };
    const wrong = checkKeys(keys);
    setProblem(wrong);
    if (wrong === null) saveKeys(keys);
  };

  return (
    <>
      {needed && dismissed && (
        <div className="key-bar" role="status">
          <Icon name="key" /> The server asks for keys.{' '}
          <button type="button" onClick={() => setDismissed(false)}>
            Enter keys
          </button>
        </div>
      )}
      <dialog ref={dialog} className="dialog" aria-labelledby="key-title" onCancel={() => setDismissed(true)}>
        {open && (
          <form onSubmit={submit} noValidate>
            <h2 id="key-title">
              <Icon name="key" /> {readKeys() ? 'These keys were refused' : 'Keys, please'}
            </h2>
            <p className="muted">
              Both were printed as <code>api_key=… app_key=…</code> when the server first started. They stay in this tab
              and are forgotten when it closes.
            </p>
            <label>
              API key
              <input name="api" autoComplete="off" spellCheck={false} placeholder="32 hexadecimal digits" autoFocus />
            </label>
            <label>
              Application key
              <input name="application" autoComplete="off" spellCheck={false} placeholder="40 hexadecimal digits" />
            </label>
            {problem !== null && (
              <p className="problem" role="alert">
                {problem}
              </p>
            )}
            <div className="dialog-buttons">
              <button type="button" className="quiet" onClick={() => setDismissed(true)}>
                Not now
              </button>
              <button type="submit" className="primary">
                Use these keys
              </button>
            </div>
          </form>
        )}
      </dialog>
    </>
  );
}
