// A button for what others will feel: pressed, it says what will happen and asks once more.
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import { useSession } from '../api/session';

interface ConfirmProps {
  label: ReactNode;
  question: ReactNode;
  yes: string;
  busy?: string;
  danger?: boolean;
  permission?: string; // who does not have it sees no button
  onYes: () => Promise<unknown>;
}

export function Confirm({ label, question, yes, busy = 'Working…', danger = false, permission, onYes }: ConfirmProps) {
  const session = useSession();
  const [step, setStep] = useState<'idle' | 'sure' | 'sending'>('idle');
  const [error, setError] = useState('');
  const send = (): void => {
    setStep('sending');
    setError('');
    onYes().then(
      () => setStep('idle'),
      (failed: unknown) => {
        setStep('idle');
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  if (permission !== undefined && !session.all && !session.permissions.has(permission)) return null;
  return (
    <span className="confirm">
      {error !== '' && (
        <span className="problem" role="alert">
          Not done: {error}
        </span>
      )}
      {step === 'idle' ? (
        <button type="button" className="quiet" onClick={() => setStep('sure')}>
          {label}
        </button>
      ) : (
        <>
          <span>{question}</span>
          <button type="button" className={danger ? 'danger' : 'primary'} disabled={step === 'sending'} onClick={send}>
            {step === 'sending' ? busy : yes}
          </button>
          <button type="button" className="quiet" autoFocus disabled={step === 'sending'} onClick={() => setStep('idle')}>
            Cancel
          </button>
        </>
      )}
    </span>
  );
}
