// Erases what is stored of a session or a user, in two presses: it cannot be undone.
import { useState } from 'react';
import { ApiError, deleteJson } from '../api/client';
import { useMay } from '../api/session';
import { readErased, type Erased } from '../model/activity';
import { formatCount } from '../model/format';
import { labelText } from '../model/plain_text';

interface EraseProps {
  path: string; // of the API
  what: string; // "session", "user"
  onDone: (erased: Erased) => void; // the page stops showing what is gone
}

export function Erase({ path, what, onDone }: EraseProps) {
  const [step, setStep] = useState<'idle' | 'sure' | 'sending'>('idle');
  const [error, setError] = useState('');
  const may = useMay('data_erase');
  const send = (): void => {
    setStep('sending');
    setError('');
    deleteJson<unknown>(path).then(
      (answer) => {
        setStep('idle');
        onDone(readErased(answer));
      },
      (failed: unknown) => {
        setStep('idle');
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  if (!may) return null;
  return (
    <div className="resolve erase">
      {error !== '' && (
        <span className="problem" role="alert">
          Not erased: {error}
        </span>
      )}
      {step === 'idle' ? (
        <button type="button" className="quiet" onClick={() => setStep('sure')}>
          Erase this {what}’s data…
        </button>
      ) : (
        <>
          <span>Every span, text, evaluation and metric tag of this {what} goes. It cannot be undone.</span>
          <button type="button" className="danger" disabled={step === 'sending'} onClick={send}>
            {step === 'sending' ? 'Erasing…' : 'Yes, erase'}
          </button>
          <button type="button" className="quiet" autoFocus disabled={step === 'sending'} onClick={() => setStep('idle')}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}

export function ErasedNotice({ erased }: { erased: Erased }) {
  return (
    <p className="notice" role="status" data-testid="erased">
      Erased: {formatCount(erased.rows)} rows
      {erased.tables.length > 0 && ` (${erased.tables.map(([name, rows]) => `${labelText(name, 40)} ${formatCount(rows)}`).join(', ')})`}.
      {erased.note !== '' && ` ${labelText(erased.note, 400)}`}
    </p>
  );
}
