// "Not an attack": says that the guard was wrong, which exempts the session for a while and feeds calibration.
import { useState } from 'react';
import { sayFalsePositive } from '../api/blocks';
import { Confirm } from './confirm';

export function Feedback({ call_id, session }: { call_id: string; session: string }) {
  const [said, setSaid] = useState(false);
  if (said) {
    return (
      <span className="muted" role="status">
        Noted: not an attack.
      </span>
    );
  }
  return (
    <Confirm
      label="Not an attack"
      question={session === '' ? 'Tell the guard that it was wrong here?' : 'Tell the guard that it was wrong here? The session is exempt for a while.'}
      yes="Yes, it was harmless"
      onYes={() => sayFalsePositive({ call_id, session }).then(() => setSaid(true))}
    />
  );
}
